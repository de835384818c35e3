/** Autobahn 2: Pings and Pongs. */
import { type AutobahnCase, CLEAN, exchange, failed, pongAnswer } from '../exchange.ts';
import { ping, pong } from '../frames.ts';

const NOT_UTF8 = Buffer.of(0x00, 0xff, 0xfe, 0xfd, 0xfc, 0xfb, 0x00, 0xff);
const LONGEST = Buffer.alloc(125, 0xfe);
const TEN = Array.from({ length: 10 }, (_, index) => `payload-${index}`);
const UNSOLICITED = pong('unsolicited pong payload');

const PINGS = [
  { id: '2.1', title: 'Ping without payload', payload: '' },
  { id: '2.2', title: 'Ping with text', payload: 'Hello, world!' },
  { id: '2.3', title: 'Ping with octets that are not UTF-8', payload: NOT_UTF8 },
  { id: '2.4', title: 'Ping of 125 octets', payload: LONGEST },
  { id: '2.6', title: 'Ping of 125 octets, octet by octet', payload: LONGEST, cut: 1 },
];

const TEN_PINGS = [
  { id: '2.10', title: 'ten Pings are answered by ten Pongs in order', cut: 'whole' as const },
  { id: '2.11', title: 'ten Pings, octet by octet', cut: 1 },
];

export const section2: readonly AutobahnCase[] = [
  ...PINGS.map(({ payload, cut = 'whole' as const, ...naming }) =>
    exchange({
      ...naming,
      rfc: '§5.5.2, §5.5.3',
      sends: [ping(payload)],
      cut,
      answers: [pongAnswer(payload)],
      end: CLEAN,
    }),
  ),
  exchange({
    id: '2.5',
    title: 'Ping of 126 octets fails the connection with 1002',
    rfc: '§5.5',
    sends: [ping(Buffer.alloc(126, 0xfe))],
    end: failed(1002),
  }),
  exchange({
    id: '2.7',
    title: 'unsolicited Pong without payload is not answered',
    rfc: '§5.5.3',
    sends: [pong()],
    end: CLEAN,
  }),
  exchange({
    id: '2.8',
    title: 'unsolicited Pong with payload is not answered',
    rfc: '§5.5.3',
    sends: [UNSOLICITED],
    end: CLEAN,
  }),
  exchange({
    id: '2.9',
    title: 'unsolicited Pong, then Ping: only the Ping is answered',
    rfc: '§5.5.3',
    sends: [UNSOLICITED, ping('ping payload')],
    answers: [pongAnswer('ping payload')],
    end: CLEAN,
  }),
  ...TEN_PINGS.map(({ cut, ...naming }) =>
    exchange({
      ...naming,
      rfc: '§5.5.2, §5.5.3',
      sends: TEN.map((payload) => ping(payload)),
      cut,
      answers: TEN.map(pongAnswer),
      end: CLEAN,
    }),
  ),
];
