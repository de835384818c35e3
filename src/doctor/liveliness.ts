import { now } from '../timer.ts';
import { checkAgreement } from './agreement.ts';
import { Conversation, MAX_CONVERSATION, MAX_MESSAGE, type Turn } from './conversation.ts';
import type { Examination, Seen } from './examination.ts';
import type { Sentence } from './finding.ts';
import { ask, open } from './request.ts';
import { same, say } from './sentence.ts';

const PING_STEP = { en: 'ping', tr: 'ping' };
const LARGE_STEP = { en: 'message of 64 KiB', tr: '64 KiB’lık ileti' };
/** Bytes of the large message. */
const LARGE = 65_536;
const TOO_BIG = 1009;

/** How the server, or somebody between, ended a WebSocket. */
export type Ending = Extract<Turn, { kind: 'closed' | 'cut' | 'broken' }>;

/** Pings, and sends 64 KiB: whether the WebSocket lives after it was opened. */
export async function examineLife(
  examination: Examination,
  address: string,
  conversation: Conversation,
): Promise<void> {
  const pinged = await examination.step(PING_STEP, () => ping(examination, conversation));
  if (pinged.ending) return findEnding(examination, pinged.ending);
  if (!pinged.answered) {
    conversation.close();
    return findUnanswered(examination, pinged.flooded);
  }
  const ending = await examination.step(LARGE_STEP, () => large(examination, conversation));
  if (ending) await findLarge(examination, address, ending);
  else conversation.close();
}

/** The words for how a WebSocket was ended. */
export function endingText(ending: Ending): Sentence {
  if (ending.kind === 'cut') return CUTS[ending.how];
  if (ending.kind === 'broken') return same(ending.reason);
  const { code, reason } = ending;
  const values = { code: code ?? { en: 'without a code', tr: 'kodsuz' }, reason: reason && ` “${reason}”` };
  return say({ en: 'close frame {code} {reason}', tr: 'kapanış çerçevesi {code} {reason}' }, values);
}

const CUTS: Readonly<Record<'fin' | 'reset', Sentence>> = {
  fin: { en: 'FIN without a close frame', tr: 'kapanış çerçevesi olmadan FIN' },
  reset: { en: 'RST without a close frame', tr: 'kapanış çerçevesi olmadan RST' },
};

const NO_PONG = { en: 'no pong after it', tr: 'ardından pong yok' };

/** The large message went, and nothing came any more. */
type Lost = Extract<Turn, { kind: 'late' }>;

interface Pinged {
  readonly answered: boolean;
  readonly flooded: boolean;
  readonly ending?: Ending;
}

async function ping(examination: Examination, conversation: Conversation): Promise<Seen<Pinged>> {
  const begun = now();
  conversation.ping('usta doctor');
  const turn = await untilPong(conversation, 'usta doctor', examination.deadline.step());
  if (isEnding(turn))
    return { ok: false, note: endingText(turn), value: { answered: false, flooded: false, ending: turn } };
  if (turn.kind !== 'pong') {
    const note = { en: 'no pong', tr: 'pong yok' };
    return { ok: false, note, value: { answered: false, flooded: turn.kind === 'flood' } };
  }
  const round = (now() - begun).toFixed(1);
  return {
    ok: true,
    note: say({ en: 'pong after {round} ms', tr: '{round} ms sonra pong' }, { round }),
    value: { answered: true, flooded: false },
  };
}

/** The pong after it shows that the server has read the whole message. */
async function large(
  examination: Examination,
  conversation: Conversation,
): Promise<Seen<Ending | Lost | undefined>> {
  conversation.send('x'.repeat(LARGE));
  conversation.ping('after');
  const heard = { messages: 0 };
  const turn = await untilPong(conversation, 'after', examination.deadline.step(), heard);
  if (isEnding(turn)) return { ok: false, note: endingText(turn), value: turn };
  if (turn.kind === 'late') return { ok: false, note: NO_PONG, value: turn };
  const note =
    heard.messages > 0
      ? { en: 'passes, and is answered', tr: 'geçiyor ve yanıtlanıyor' }
      : { en: 'passes, no message in return', tr: 'geçiyor, karşılık olarak ileti yok' };
  return { ok: true, note, value: undefined };
}

async function untilPong(
  conversation: Conversation,
  payload: string,
  milliseconds: number,
  heard: { messages: number } = { messages: 0 },
): Promise<Turn> {
  const stop = now() + milliseconds;
  for (;;) {
    const turn = await conversation.next(stop - now());
    if (turn.kind === 'message') heard.messages++;
    else if (turn.kind === 'pong' ? turn.bytes.toString() === payload : turn.kind !== 'ping') return turn;
    if (now() >= stop) return { kind: 'late' };
  }
}

function isEnding(turn: Turn): turn is Ending {
  return turn.kind === 'closed' || turn.kind === 'cut' || turn.kind === 'broken';
}

function findEnding(examination: Examination, ending: Ending): void {
  if (ending.kind === 'broken') examination.find('frames-broken', { reason: ending.reason });
  else examination.find('closed-at-once', { how: endingText(ending) });
}

function findUnanswered(examination: Examination, flooded: boolean): void {
  if (!flooded) return examination.find('ping-unanswered', { seconds: examination.timeout });
  examination.find('too-much-data', { message: MAX_MESSAGE / 1024, all: MAX_CONVERSATION / 1024 });
}

/** Many servers end a connection on a message that they do not understand, whatever its size: that is no fault. */
async function findLarge(examination: Examination, address: string, ending: Ending | Lost): Promise<void> {
  const kilobytes = LARGE / 1024;
  if (ending.kind === 'broken') return examination.find('frames-broken', { reason: ending.reason });
  if (ending.kind === 'closed' && ending.code === TOO_BIG) {
    return examination.find('message-too-big', { kilobytes, reason: ending.reason });
  }
  if (await survivesShort(examination, address)) {
    const how = ending.kind === 'late' ? NO_PONG : endingText(ending);
    examination.find('large-message-cut', { kilobytes, how });
  }
}

async function survivesShort(examination: Examination, address: string): Promise<boolean> {
  const conversation = await openWebSocket(examination, address);
  if (!conversation) return false;
  conversation.send('x');
  conversation.ping('after');
  const turn = await untilPong(conversation, 'after', examination.deadline.step());
  conversation.close();
  return turn.kind === 'pong';
}

/** One more WebSocket, opened like the first; `undefined` when that does not succeed. */
export async function openWebSocket(
  examination: Examination,
  address: string,
): Promise<Conversation | undefined> {
  const opened = await open(examination, address);
  if (opened.kind !== 'line') return undefined;
  const { answer, key } = await ask(examination, opened.line, examination.origin);
  const { protocols = [] } = examination.options;
  const agreed = answer.kind === 'answer' ? checkAgreement(answer.head, key, protocols) : undefined;
  if (answer.kind === 'answer' && agreed?.kind === 'agreed') {
    return new Conversation(opened.line, agreed.agreement, answer.body);
  }
  opened.line.close();
  return undefined;
}
