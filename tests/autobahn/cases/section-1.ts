/** Autobahn 1: framing. */
import { type AutobahnCase, binaryAnswer, CLEAN, exchange, textAnswer } from '../exchange.ts';
import { binary, text } from '../frames.ts';

const KINDS = [
  { group: '1.1', name: 'text', octet: 0x2a, send: text, answer: textAnswer },
  { group: '1.2', name: 'binary', octet: 0xfe, send: binary, answer: binaryAnswer },
];

/** Around the borders of the three ways to write a length; the last in pieces of 997 octets. */
const SIZES = [0, 125, 126, 127, 128, 65_535, 65_536, { size: 65_536, cut: 997 }];

export const section1: readonly AutobahnCase[] = KINDS.flatMap(({ group, name, octet, send, answer }) =>
  SIZES.map((entry, index) => {
    const { size, cut } = typeof entry === 'number' ? { size: entry, cut: 'whole' as const } : entry;
    const payload = Buffer.alloc(size, octet);
    return exchange({
      id: `${group}.${index + 1}`,
      title: `${name} message of ${size} octets${cut === 'whole' ? '' : `, in chops of ${cut}`}`,
      rfc: '§5.2, §5.6',
      sends: [send(payload)],
      cut,
      answers: [answer(payload)],
      end: CLEAN,
    });
  }),
);
