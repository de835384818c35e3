/** Autobahn 9: large messages, many fragments, many pieces, many round trips. */
import { type Answer, type AutobahnCase, CLEAN, converse, expectAnswer, expectEnd } from '../exchange.ts';
import { fragments, OPCODE } from '../frames.ts';
import type { Cut } from '../raw-client.ts';

const KIB = 1024;
const MIB = 1024 * KIB;
const RFC = '§5.4, §5.6';

/** 32 octets, so that no size below cuts a character. */
const TEXT = { name: 'text', opcode: OPCODE.text, fill: Buffer.from('Usta 0123456789 ölçü & denge.') };
const BINARY = { name: 'binary', opcode: OPCODE.binary, fill: Buffer.of(0x00, 0xfe, 0x23, 0xfa, 0xf0) };

type Kind = typeof TEXT | typeof BINARY;

const WHOLE_SIZES = [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB];
const FRAGMENT_SIZES = [64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB];
const CHOP_SIZES = [64, 128, 256, 512, 1024, 2048];
const ROUND_TRIP_SIZES = [0, 16, 64, 256, 1024, 4096];

/** @param messages how many a case of 9.7 and 9.8 sends; the suite: 1000. */
export function section9(messages: number): readonly AutobahnCase[] {
  return [
    ...inGroup('9.1', WHOLE_SIZES, (size) => large(TEXT, { size })),
    ...inGroup('9.2', WHOLE_SIZES, (size) => large(BINARY, { size })),
    ...inGroup('9.3', FRAGMENT_SIZES, (fragment) => large(TEXT, { size: 4 * MIB, fragment })),
    ...inGroup('9.4', FRAGMENT_SIZES, (fragment) => large(BINARY, { size: 4 * MIB, fragment })),
    ...inGroup('9.5', CHOP_SIZES, (cut) => large(TEXT, { size: MIB, cut })),
    ...inGroup('9.6', CHOP_SIZES, (cut) => large(BINARY, { size: MIB, cut })),
    ...inGroup('9.7', ROUND_TRIP_SIZES, (size) => roundTrips(TEXT, { size, messages })),
    ...inGroup('9.8', ROUND_TRIP_SIZES, (size) => roundTrips(BINARY, { size, messages })),
  ];
}

type Unnamed = Pick<AutobahnCase, 'title' | 'run'>;

function inGroup(group: string, sizes: readonly number[], build: (size: number) => Unnamed): AutobahnCase[] {
  return sizes.map((size, index) => ({ id: `${group}.${index + 1}`, rfc: RFC, ...build(size) }));
}

/** One message of `size` octets, in fragments or in chops. Its octets are made when it is run. */
function large(kind: Kind, how: { size: number; fragment?: number; cut?: Cut }): Unnamed {
  const { size, fragment = 0, cut = 'whole' } = how;
  const fragmented = fragment > 0 ? ` in fragments of ${fragment} octets` : '';
  const chopped = cut === 'whole' ? '' : ` in chops of ${cut} octets`;
  return {
    title: `${kind.name} message of ${size / KIB} KiB${fragmented}${chopped}`,
    async run(client) {
      const message = messageOf(kind, size);
      const sends = fragments(kind.opcode, message.payload, fragment);
      await converse(client, { sends, cut, answers: [message], end: CLEAN });
    },
  };
}

function roundTrips(kind: Kind, { size, messages }: { size: number; messages: number }): Unnamed {
  return {
    title: `${kind.name} messages of ${size} octets, one after the other`,
    async run(client) {
      const message = messageOf(kind, size);
      for (let count = 0; count < messages; count++) {
        await client.send(fragments(kind.opcode, message.payload, 0));
        expectAnswer(await client.next(), message);
      }
      await expectEnd(client, CLEAN);
    },
  };
}

function messageOf({ opcode, fill }: Kind, size: number): Answer {
  return { opcode, payload: Buffer.alloc(size, size >= fill.length ? fill : 0x2a) };
}
