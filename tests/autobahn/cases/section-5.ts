/** Autobahn 5: fragmentation. */
import {
  type AutobahnCase,
  CLEAN,
  type Conversation,
  exchange,
  expectAnswer,
  expectEnd,
  failed,
  pongAnswer,
  textAnswer,
} from '../exchange.ts';
import { continuation, ping, pong, text } from '../frames.ts';
import type { Cut } from '../raw-client.ts';

const FIRST = { final: false };
const RFC = '§5.4';

const CUTS: readonly { cut: Cut; how: string }[] = [
  { cut: 'whole', how: '' },
  { cut: 'frames', how: ', frame by frame' },
  { cut: 1, how: ', octet by octet' },
];

export const section5: readonly AutobahnCase[] = [
  exchange({
    id: '5.1',
    title: 'Ping in two fragments fails the connection with 1002',
    rfc: '§5.5',
    sends: [ping('fragment1', FIRST), continuation('fragment2')],
    end: failed(1002),
  }),
  exchange({
    id: '5.2',
    title: 'Pong in two fragments fails the connection with 1002',
    rfc: '§5.5',
    sends: [pong('fragment1', FIRST), continuation('fragment2')],
    end: failed(1002),
  }),
  ...inEachCut(3, 'text message in two fragments', {
    sends: [text('fragment1', FIRST), continuation('fragment2')],
    answers: [textAnswer('fragment1fragment2')],
    end: CLEAN,
  }),
  ...inEachCut(6, 'text message in two fragments, Ping between: Pong, then echo', {
    sends: [text('fragment1', FIRST), ping('ping payload'), continuation('fragment2')],
    answers: [pongAnswer('ping payload'), textAnswer('fragment1fragment2')],
    end: CLEAN,
  }),
  ...inEachCut(9, 'final continuation of nothing, then text message: 1002', {
    sends: [continuation('non-continuation payload'), text('Hello, world!')],
    end: failed(1002),
  }),
  ...inEachCut(12, 'continuation of nothing, not final, then text message: 1002', {
    sends: [continuation('non-continuation payload', FIRST), text('Hello, world!')],
    end: failed(1002),
  }),
  exchange({
    id: '5.15',
    title: 'text message in two fragments, continuation of nothing, text message: echo, then 1002',
    rfc: RFC,
    choice: 'the first message is echoed before the Close frame (the suite: or not)',
    sends: [
      text('fragment1', FIRST),
      continuation('fragment2'),
      continuation('fragment3', FIRST),
      text('fragment4'),
    ],
    answers: [textAnswer('fragment1fragment2')],
    end: failed(1002),
  }),
  exchange({
    id: '5.16',
    title: 'twice: continuation of nothing, not final, then text message in two fragments: 1002',
    rfc: RFC,
    sends: twice([continuation('fragment1', FIRST), text('fragment2', FIRST), continuation('fragment3')]),
    end: failed(1002),
  }),
  exchange({
    id: '5.17',
    title: 'twice: final continuation of nothing, then text message in two fragments: 1002',
    rfc: RFC,
    sends: twice([continuation('fragment1'), text('fragment2', FIRST), continuation('fragment3')]),
    end: failed(1002),
  }),
  exchange({
    id: '5.18',
    title: 'two text frames, the first not final: 1002',
    rfc: RFC,
    sends: [text('fragment1', FIRST), text('fragment2')],
    end: failed(1002),
  }),
  pingsBetween('5.19', 'text message in five fragments, two Pings between, each answered at once', 'whole'),
  pingsBetween('5.20', 'the same, frame by frame', 'frames'),
];

/** Three cases that differ in how the octets are cut. */
function inEachCut(first: number, title: string, conversation: Conversation): AutobahnCase[] {
  return CUTS.map(({ cut, how }, index) =>
    exchange({ id: `5.${first + index}`, title: `${title}${how}`, rfc: RFC, ...conversation, cut }),
  );
}

function twice(frames: readonly Buffer[]): Buffer[] {
  return [...frames, ...frames];
}

/** The suite waits a second for the first Pong; here the rest is not sent before it has come. */
function pingsBetween(id: string, title: string, cut: Cut): AutobahnCase {
  return {
    id,
    title,
    rfc: '§5.4, §5.5',
    async run(client) {
      await client.send([text('fragment1', FIRST), continuation('fragment2', FIRST), ping('ping 1')], cut);
      expectAnswer(await client.next(), pongAnswer('ping 1'));
      const rest = [continuation('fragment3', FIRST), continuation('fragment4', FIRST), ping('ping 2')];
      await client.send([...rest, continuation('fragment5')], cut);
      expectAnswer(await client.next(), pongAnswer('ping 2'));
      expectAnswer(await client.next(), textAnswer('fragment1fragment2fragment3fragment4fragment5'));
      await expectEnd(client, CLEAN);
    },
  };
}
