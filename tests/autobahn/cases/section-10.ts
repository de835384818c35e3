/** Autobahn 10: a client that fragments by itself. */
import assert from 'node:assert/strict';
import { type AutobahnCase, CLEAN, converse, textAnswer } from '../exchange.ts';
import { fragments, OPCODE } from '../frames.ts';

export const section10: readonly AutobahnCase[] = [
  {
    id: '10.1.1',
    title: 'text message of 65536 octets in 51 fragments of up to 1300 octets',
    rfc: '§5.4',
    async run(client) {
      const payload = Buffer.alloc(65_536, 0x2a);
      const sends = fragments(OPCODE.text, payload, 1300);
      assert.equal(sends.length, 51);
      await converse(client, { sends, answers: [textAnswer(payload)], end: CLEAN });
    },
  },
];
