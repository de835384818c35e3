/** Autobahn 7: the closing handshake. */
import {
  type AutobahnCase,
  answered,
  answeredDespiteMore,
  CLEAN,
  exchange,
  failed,
  textAnswer,
} from '../exchange.ts';
import { close, continuation, frame, OPCODE, ping, text } from '../frames.ts';

const HELLO = 'Hello World!';
const CLOSE = close(1000);
const LONG = Buffer.alloc(256 * 1024, 'usta, ');
const NOT_UTF8 = Buffer.from('cebae1bdb9cf83cebcceb5eda080656469746564', 'hex');
const REASONS = 'its reason is not repeated';
const NO_DROP = 'a Close frame with 1002 (the suite: or TCP is dropped)';

/** Legal codes. @see RFC 6455 §7.4.1, §7.4.2 */
const VALID = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999];
/** Codes that nobody may send. */
const INVALID = [0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999];
/** Codes outside of every range: the suite only reports what happens. */
const OUTSIDE = [5000, 65_535];

export const section7: readonly AutobahnCase[] = [
  exchange({
    id: '7.1.1',
    title: 'message, then Close: echo, then Close',
    rfc: '§5.5.1',
    sends: [text(HELLO)],
    answers: [textAnswer(HELLO)],
    end: CLEAN,
  }),
  exchange({
    id: '7.1.2',
    title: 'two Close frames: the second is ignored',
    rfc: '§5.5.1',
    sends: [CLOSE, close()],
    end: answeredDespiteMore(1000),
  }),
  exchange({
    id: '7.1.3',
    title: 'Close, then Ping: no Pong',
    rfc: '§5.5.1',
    sends: [CLOSE, ping()],
    end: answeredDespiteMore(1000),
  }),
  exchange({
    id: '7.1.4',
    title: 'Close, then text message: no echo',
    rfc: '§5.5.1',
    sends: [CLOSE, text(HELLO)],
    end: answeredDespiteMore(1000),
  }),
  exchange({
    id: '7.1.5',
    title: 'fragment, Close, last fragment: no echo',
    rfc: '§5.5.1',
    sends: [text('fragment1', { final: false }), CLOSE, continuation('fragment2')],
    end: answeredDespiteMore(1000),
  }),
  exchange({
    id: '7.1.6',
    title: 'message of 256 KiB, short message, Close, Ping: both echoes, then Close, no Pong',
    rfc: '§5.5.1',
    choice: 'everything sent before the Close frame is echoed before ours (the suite only reports)',
    sends: [text(LONG), text(HELLO), CLOSE, ping()],
    answers: [textAnswer(LONG), textAnswer(HELLO)],
    end: answeredDespiteMore(1000),
  }),
  exchange({
    id: '7.3.1',
    title: 'Close without payload is answered without payload',
    rfc: '§5.5.1',
    choice: 'no code is answered by no code (the suite: or by 1000)',
    sends: [close()],
    end: answered(),
  }),
  exchange({
    id: '7.3.2',
    title: 'Close with a payload of one octet: 1002',
    rfc: '§5.5.1',
    choice: NO_DROP,
    sends: [frame(OPCODE.close, 'a')],
    end: failed(1002),
  }),
  exchange({
    id: '7.3.3',
    title: 'Close with a code',
    rfc: '§5.5.1',
    sends: [CLOSE],
    end: answered(1000),
  }),
  exchange({
    id: '7.3.4',
    title: `Close with code and reason; ${REASONS}`,
    rfc: '§5.5.1',
    sends: [close(1000, HELLO)],
    end: answered(1000),
  }),
  exchange({
    id: '7.3.5',
    title: `Close with code and a reason of 123 octets; ${REASONS}`,
    rfc: '§5.5.1',
    sends: [close(1000, '*'.repeat(123))],
    end: answered(1000),
  }),
  exchange({
    id: '7.3.6',
    title: 'Close with code and a reason of 124 octets: 1002',
    rfc: '§5.5',
    choice: NO_DROP,
    sends: [close(1000, '*'.repeat(124))],
    end: failed(1002),
  }),
  exchange({
    id: '7.5.1',
    title: 'Close with a reason that is not UTF-8: 1007',
    rfc: '§5.5.1, §8.1',
    choice: 'a Close frame with 1007 (the suite: or with 1002, or TCP is dropped)',
    sends: [close(1000, NOT_UTF8)],
    end: failed(1007),
  }),
  ...VALID.map((code, index) =>
    exchange({
      id: `7.7.${index + 1}`,
      title: `Close with ${code} is answered with ${code}`,
      rfc: '§7.4',
      ...(code === 1000 ? {} : { choice: 'the same code (the suite: or 1000)' }),
      sends: [close(code)],
      end: answered(code),
    }),
  ),
  ...INVALID.map((code, index) =>
    exchange({
      id: `7.9.${index + 1}`,
      title: `Close with ${code}, which is not for the wire: 1002`,
      rfc: '§7.4',
      choice: NO_DROP,
      sends: [close(code)],
      end: failed(1002),
    }),
  ),
  ...OUTSIDE.map((code, index) =>
    exchange({
      id: `7.13.${index + 1}`,
      title: `Close with ${code}, outside of every range: 1002`,
      rfc: '§7.4.2',
      choice: 'a Close frame with 1002 (the suite only reports)',
      sends: [close(code)],
      end: failed(1002),
    }),
  ),
];
