import type { ClientAgreement } from '../protocol/websocket/client-handshake.ts';
import { checkAgreement } from './agreement.ts';
import { alertIn } from './alerts.ts';
import type { Answer } from './answer.ts';
import { finding } from './catalogue.ts';
import { Conversation } from './conversation.ts';
import type { Examination, Seen } from './examination.ts';
import type { Sentence } from './finding.ts';
import { foreign } from './foreign.ts';
import { type Judgement, judgeAnswer, tlsValues } from './judge.ts';
import type { Line } from './line.ts';
import { ask, type Exchange, hasOnlyHttp2, open } from './request.ts';
import { findAlert } from './security.ts';
import { same, say } from './sentence.ts';

const STEP = { en: 'WebSocket handshake', tr: 'WebSocket el sıkışması' };
const PAGE_STEP = { en: 'HTTP request', tr: 'HTTP isteği' };

/** What the request has brought. */
export interface Upgraded {
  readonly exchange: Exchange;
  /** Open when the server agreed. */
  readonly conversation: Conversation | undefined;
}

/** Sends the handshake over `line`; finds what the answer tells when it is not a 101 that clients accept. */
export async function examineUpgrade(
  examination: Examination,
  address: string,
  line: Line,
): Promise<Upgraded> {
  const { upgrade } = examination.target;
  const exchange = await examination.step(upgrade ? STEP : PAGE_STEP, () => sent(examination, line));
  const { answer, key } = exchange;
  if (answer.kind === 'answer' && answer.head.status === 101 && upgrade) {
    const agreed = checkAgreement(answer.head, key, examination.options.protocols ?? []);
    if (agreed.kind === 'agreed') {
      return { exchange, conversation: new Conversation(line, agreed.agreement, answer.body) };
    }
    examination.find(agreed.code, agreed.values);
  } else {
    await findWhy(examination, address, answer);
  }
  line.close();
  return { exchange, conversation: undefined };
}

async function sent(examination: Examination, line: Line): Promise<Seen<Exchange>> {
  const value = await ask(examination, line, examination.origin);
  const { answer, key } = value;
  if (answer.kind !== 'answer') return { ok: false, note: SHORT[answer.kind], value };
  const { head } = answer;
  const status = foreign(`${head.status} ${head.reason}`, 80);
  if (!examination.target.upgrade) return { ok: head.status < 300, note: same(status), value };
  const agreed =
    head.status === 101 ? checkAgreement(head, key, examination.options.protocols ?? []) : undefined;
  if (agreed?.kind !== 'agreed') return { ok: false, note: same(status), value };
  return { ok: true, note: agreementText(status, agreed.agreement), value };
}

const SHORT: Readonly<Record<Exclude<Answer['kind'], 'answer'>, Sentence>> = {
  'not-http': { en: 'the answer is not HTTP', tr: 'yanıt HTTP değil' },
  endless: { en: 'a head without an end', tr: 'sonu gelmeyen başlıklar' },
  late: { en: 'no answer', tr: 'yanıt yok' },
  closed: { en: 'closed without an answer', tr: 'yanıtsız kapatıldı' },
};

function agreementText(status: string, { protocol, deflate }: ClientAgreement): Sentence {
  const chosen = protocol === undefined ? '' : `, ${protocol}`;
  return say(
    deflate
      ? { en: '{status}{chosen}, compression on', tr: '{status}{chosen}, sıkıştırma açık' }
      : { en: '{status}{chosen}, no compression', tr: '{status}{chosen}, sıkıştırma yok' },
    { status, chosen },
  );
}

async function findWhy(examination: Examination, address: string, answer: Answer): Promise<void> {
  const { target } = examination;
  const alert = answer.kind === 'closed' ? alertIn(Buffer.alloc(0), answer.error) : undefined;
  if (target.secure && alert !== undefined) return findAlert(examination, alert);
  if (!target.upgrade && isPage(answer)) return;
  const judgement = judgeAnswer(answer, target, examination.timeout);
  if (await speaksTls(examination, address, judgement)) {
    return examination.find('tls-on-ws-port', tlsValues(target, saidInstead(answer)));
  }
  if (
    target.secure &&
    judgement.code === 'closed-without-answer' &&
    (await hasOnlyHttp2(examination, address))
  ) {
    return examination.find('http2-only');
  }
  const { code, values, server } = await reconsidered(examination, address, judgement);
  const found = finding(code, values, server);
  const harmless = !target.upgrade && code.startsWith('redirect');
  examination.add(harmless ? { ...found, severity: 'warning' } : found);
}

/** For http and https URLs: a page is what was asked for. */
function isPage(answer: Answer): boolean {
  return answer.kind === 'answer' && answer.head.status >= 200 && answer.head.status < 300;
}

function saidInstead(answer: Answer): Sentence {
  if (answer.kind === 'answer') return same(`HTTP ${answer.head.status}`);
  return SHORT[answer.kind];
}

/** Whether a plain request that got no HTTP has met a TLS port: a handshake there succeeds. */
async function speaksTls(examination: Examination, address: string, { code }: Judgement): Promise<boolean> {
  const { secure } = examination.target;
  const odd = ['closed-without-answer', 'not-http', 'other-service', 'no-answer', 'bad-request'].includes(
    code,
  );
  if (secure || !odd) return false;
  const opened = await open(examination, address, true);
  if (opened.kind === 'line') opened.line.close();
  return opened.kind === 'line' || (opened.kind === 'failed' && opened.alert !== undefined);
}

/** Some answers have two causes: one more question tells them apart. */
async function reconsidered(
  examination: Examination,
  address: string,
  judgement: Judgement,
): Promise<Judgement> {
  const { target } = examination;
  const { code, values } = judgement;
  if (!target.upgrade) {
    if (code !== 'upgrade-not-passed') return judgement;
    return { code: 'websocket-only', values };
  }
  if (code !== 'forbidden' && code !== 'forbidden-by-network' && code !== 'bad-request') return judgement;
  const { origin } = examination;
  const own = `${target.secure ? 'https' : 'http'}://${target.authority}`;
  const others = [own, undefined].filter((one) => one !== origin);
  for (const other of others) {
    if (!(await isWelcome(examination, address, other))) continue;
    const accepted = other ?? { en: 'no Origin', tr: 'Origin olmadan' };
    if (origin === undefined) return { code: 'origin-required', values: { ...values, accepted: own } };
    return { code: 'origin-refused', values: { ...values, origin, accepted } };
  }
  return judgement;
}

async function isWelcome(
  examination: Examination,
  address: string,
  origin: string | undefined,
): Promise<boolean> {
  const opened = await open(examination, address);
  if (opened.kind !== 'line') return false;
  const { answer } = await ask(examination, opened.line, origin);
  opened.line.close();
  return answer.kind === 'answer' && answer.head.status === 101;
}
