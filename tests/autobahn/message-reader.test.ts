/** The judge of the Autobahn cases must itself refuse what a server may not send. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { agree } from './deflation.ts';
import { MessageReader, type Received } from './message-reader.ts';

const AGREED = agree('permessage-deflate; server_no_context_takeover; client_no_context_takeover', [{}]);

/** A text message "Hello", compressed. @see RFC 7692 §7.2.3.1 */
const COMPRESSED_HELLO = Buffer.from('c107f248cdc9c90700', 'hex');

const REFUSED = [
  { what: '§5.1 a mask', octets: '818137fa213d56', says: /mask/ },
  { what: '§5.2 an unknown opcode', octets: '8300', says: /opcode 3/ },
  { what: '§5.2 an unknown control opcode', octets: '8b00', says: /opcode 11/ },
  { what: '§5.2 RSV1 without an extension', octets: 'c100', says: /reserved/ },
  { what: '§5.2 RSV2', octets: 'a100', says: /reserved/ },
  { what: '§5.2 RSV1 on a Pong', octets: 'ca00', says: /reserved/ },
  { what: '§5.2 a length in too many octets', octets: '827e000100', says: /too many octets/ },
  { what: '§5.4 a continuation of nothing', octets: '8000', says: /fragments/ },
  { what: '§5.4 a message within a message', octets: '01008100', says: /fragments/ },
  { what: '§5.5 a Pong in fragments', octets: '0a00', says: /control frame/ },
  { what: '§5.5 a Pong of 126 octets', octets: `8a7e007e${'00'.repeat(126)}`, says: /control frame/ },
  { what: '§5.5.1 a Pong after a Close', octets: '88008a00', says: /Close/ },
  { what: '§5.6 text that is not UTF-8', octets: '8102c328', says: /UTF-8/ },
];

describe('MessageReader — RFC 6455 §5, as a client sees it', () => {
  for (const { what, octets, says } of REFUSED) {
    it(`refuses ${what}`, () => {
      assert.throws(() => readAll(new MessageReader(undefined), Buffer.from(octets, 'hex')), says);
    });
  }

  it('§5.4 joins fragments and hands out a Pong between them, wherever TCP cuts', () => {
    const octets = Buffer.from('0102c3b6 8a0131 0000 80026f6f'.replaceAll(' ', ''), 'hex');
    for (let cut = 0; cut <= octets.length; cut++) {
      const reader = new MessageReader(undefined);
      const received = [
        ...readAll(reader, octets.subarray(0, cut)),
        ...readAll(reader, octets.subarray(cut)),
      ];
      assert.deepEqual(
        received.map(({ opcode, payload }) => [opcode, payload.toString()]),
        [
          [10, '1'],
          [1, 'öoo'],
        ],
      );
      assert.ok(reader.atBoundary);
    }
  });

  it('RFC 7692 §6 inflates a message with RSV1 once that was agreed on', () => {
    const [received] = readAll(new MessageReader(AGREED), COMPRESSED_HELLO);
    assert.equal(received?.payload.toString(), 'Hello');
    assert.equal(received?.compressed, true);
  });

  it('RFC 7692 §6 refuses RSV1 on a later fragment', () => {
    assert.throws(() => readAll(new MessageReader(AGREED), Buffer.from('0100c000', 'hex')), /reserved/);
  });
});

function readAll(reader: MessageReader, octets: Buffer): Received[] {
  reader.push(octets);
  const received: Received[] = [];
  for (let next = reader.pull(); next; next = reader.pull()) received.push(next);
  return received;
}
