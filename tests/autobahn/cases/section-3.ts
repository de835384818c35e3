/** Autobahn 3: reserved bits without an extension that defines them. */
import { type AutobahnCase, exchange, failed, textAnswer } from '../exchange.ts';
import { binary, frame, OPCODE, ping, text } from '../frames.ts';
import type { Cut } from '../raw-client.ts';

const HELLO = 'Hello, world!';
const OCTETS = Buffer.of(0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff);
const RFC = '§5.2';
const CHOICE = 'the first message is echoed before the Close frame (the suite: or not)';

const AFTER_A_MESSAGE: readonly { rsv: number; cut: Cut; how: string }[] = [
  { rsv: 2, cut: 'whole', how: '' },
  { rsv: 3, cut: 'frames', how: ', frame by frame' },
  { rsv: 4, cut: 1, how: ', octet by octet' },
];

export const section3: readonly AutobahnCase[] = [
  exchange({
    id: '3.1',
    title: 'text message with RSV 1 fails the connection with 1002',
    rfc: RFC,
    sends: [text(HELLO, { rsv: 1 })],
    end: failed(1002),
  }),
  ...AFTER_A_MESSAGE.map(({ rsv, cut, how }) =>
    exchange({
      id: `3.${rsv}`,
      title: `text message, another with RSV ${rsv}, Ping${how}: echo, then 1002, no Pong`,
      rfc: RFC,
      choice: CHOICE,
      sends: [text(HELLO), text(HELLO, { rsv }), ping()],
      cut,
      answers: [textAnswer(HELLO)],
      end: failed(1002),
    }),
  ),
  exchange({
    id: '3.5',
    title: 'binary message with RSV 5 fails the connection with 1002',
    rfc: RFC,
    sends: [binary(OCTETS, { rsv: 5 })],
    end: failed(1002),
  }),
  exchange({
    id: '3.6',
    title: 'RSV 6 on a binary message (as the suite sends) and on a Ping (as it says): 1002',
    rfc: RFC,
    sends: [binary(Buffer.from(HELLO), { rsv: 6 })],
    end: failed(1002),
    also: [{ sends: [ping(HELLO, { rsv: 6 })], end: failed(1002) }],
  }),
  exchange({
    id: '3.7',
    title: 'Close with RSV 7 fails the connection with 1002',
    rfc: RFC,
    sends: [frame(OPCODE.close, '', { rsv: 7 })],
    end: failed(1002),
  }),
];
