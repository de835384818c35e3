/** Autobahn 6: UTF-8. */
import assert from 'node:assert/strict';
import {
  type AutobahnCase,
  CLEAN,
  converse,
  exchange,
  expectAnswer,
  expectEnd,
  failed,
  pongAnswer,
  textAnswer,
} from '../exchange.ts';
import { continuation, fragments, OPCODE, ping, text } from '../frames.ts';
import type { RawClient } from '../raw-client.ts';
import { KOSME, SEQUENCE_GROUPS } from './utf8-sequences.ts';

const FIRST = { final: false };
const RFC = '§5.6, §8.1';
const MIXED = 'Merhaba-µ@ßöäü';
const MORE = 'ğışİ-漢字-€-😀!!';

/** A surrogate in the middle: its second octet, the 13th, is the first bad one. */
const SURROGATE = Buffer.concat([KOSME, Buffer.from('eda080', 'hex'), Buffer.from('edited')]);
/** U+110000 in the middle: its second octet, the 13th, is the first bad one. */
const TOO_LARGE = Buffer.concat([KOSME, Buffer.from('f4908080', 'hex'), Buffer.from('edited')]);
const FIRST_BAD = 12;
const FAIL_FAST_CHOICE = 'fails at the first bad octet, the rest is never sent (the suite: or at the end)';

export const section6: readonly AutobahnCase[] = [
  echo('6.1.1', 'text message of 0 octets', '', [text('')]),
  echo('6.1.2', 'text message of three empty fragments', '', [
    text('', FIRST),
    continuation('', FIRST),
    continuation(''),
  ]),
  echo('6.1.3', 'text message of three fragments, the outer ones empty', 'middle', [
    text('', FIRST),
    continuation('middle', FIRST),
    continuation(''),
  ]),
  echo('6.2.1', 'UTF-8 in one frame', MIXED + MORE, [text(MIXED + MORE)]),
  echo('6.2.2', 'UTF-8 in two fragments, cut between characters', MIXED + MORE, [
    text(MIXED, FIRST),
    continuation(MORE),
  ]),
  echo('6.2.3', 'UTF-8 in fragments of one octet', MIXED + MORE, octetFragments(Buffer.from(MIXED + MORE))),
  echo('6.2.4', 'Greek in fragments of one octet', KOSME, octetFragments(KOSME)),
  exchange({
    id: '6.3.1',
    title: 'a surrogate in one frame: 1007',
    rfc: RFC,
    sends: [text(SURROGATE)],
    end: failed(1007),
  }),
  exchange({
    id: '6.3.2',
    title: 'a surrogate in fragments of one octet: 1007, also when nothing follows the first bad octet',
    rfc: RFC,
    sends: octetFragments(SURROGATE),
    end: failed(1007),
    also: [{ sends: octetFragments(SURROGATE).slice(0, FIRST_BAD + 1), end: failed(1007) }],
  }),
  failFast('6.4.1', 'invalid in the second of three frames: 1007 before the third', {
    good: [text(KOSME, FIRST)],
    bad: [continuation(TOO_LARGE.subarray(KOSME.length, KOSME.length + 4), FIRST)],
  }),
  failFast('6.4.2', 'the first bad octet in a frame of its own: 1007 before the third frame', {
    good: [text(TOO_LARGE.subarray(0, FIRST_BAD), FIRST)],
    bad: [continuation(TOO_LARGE.subarray(FIRST_BAD, FIRST_BAD + 1), FIRST)],
  }),
  failFastInFrame('6.4.3', 'invalid in the second third of one frame: 1007 before its end', {
    good: KOSME.length,
    bad: KOSME.length + 4,
  }),
  failFastInFrame('6.4.4', 'the first bad octet ends what is sent of one frame: 1007 before its end', {
    good: FIRST_BAD,
    bad: FIRST_BAD + 1,
  }),
  ...SEQUENCE_GROUPS.flatMap(({ title, sequences }, group) =>
    sequences.map(({ octets, valid }, index) =>
      sequence(`6.${group + 5}.${index + 1}`, title, octets, valid),
    ),
  ),
];

function echo(id: string, title: string, message: Buffer | string, sends: readonly Buffer[]): AutobahnCase {
  return exchange({ id, title, rfc: RFC, sends, answers: [textAnswer(message)], end: CLEAN });
}

function octetFragments(message: Buffer): Buffer[] {
  return fragments(OPCODE.text, message, 1);
}

function sequence(id: string, title: string, octets: Buffer, valid: boolean): AutobahnCase {
  const naming = { id, title: `${title} ${brief(octets)}: ${valid ? 'echo' : '1007'}`, rfc: RFC };
  return valid
    ? exchange({ ...naming, sends: [text(octets)], answers: [textAnswer(octets)], end: CLEAN })
    : exchange({ ...naming, sends: [text(octets)], end: failed(1007) });
}

function brief(octets: Buffer): string {
  const hex = octets.toString('hex');
  return hex.length <= 28 ? hex : `${hex.slice(0, 24)}… (${octets.length} octets)`;
}

/** The Pong shows that the good part was read and let pass; the suite waits a second instead. */
function failFast(id: string, title: string, parts: { good: Buffer[]; bad: Buffer[] }): AutobahnCase {
  return {
    id,
    title,
    rfc: RFC,
    choice: FAIL_FAST_CHOICE,
    async run(client) {
      await client.send([...parts.good, ping('read')]);
      expectAnswer(await client.next(), pongAnswer('read'));
      await converse(client, { sends: parts.bad, end: failed(1007) });
    },
  };
}

/** @param upTo octets of the payload after which the good and the bad part end. */
function failFastInFrame(id: string, title: string, upTo: { good: number; bad: number }): AutobahnCase {
  return {
    id,
    title,
    rfc: RFC,
    choice: FAIL_FAST_CHOICE,
    async run(client, open) {
      const whole = text(TOO_LARGE);
      const start = whole.length - TOO_LARGE.length;
      await client.send([whole.subarray(0, start + upTo.good)]);
      await twoRoundTrips(await open());
      assert.deepEqual(client.pending, [], 'the good part is let pass');
      await client.send([whole.subarray(start + upTo.good, start + upTo.bad)]);
      await expectEnd(client, failed(1007));
    },
  };
}

/**
 * Time enough for a server to have read what was sent before on another connection, and for an early
 * Close frame to have come: nothing can be sent between the octets of a frame to show that.
 */
async function twoRoundTrips(witness: RawClient): Promise<void> {
  for (const payload of ['first', 'second']) {
    await witness.send([ping(payload)]);
    expectAnswer(await witness.next(), pongAnswer(payload));
  }
  await converse(witness, { sends: [], end: CLEAN });
}
