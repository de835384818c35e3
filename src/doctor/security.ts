import { ALERTS } from './alerts.ts';
import type { Examination, Seen } from './examination.ts';
import type { Sentence } from './finding.ts';
import { MAX_HANDSHAKE, type Secured, shakeHands, type Unsecured } from './handshake.ts';
import { reach } from './reach.ts';
import { ask, open } from './request.ts';
import { asksForCertificate } from './sent-chain.ts';
import { same, say } from './sentence.ts';
import { isHttp, isHttp2, saysTlsOnly, serviceOf } from './service.ts';

const MODERN = { en: 'TLS', tr: 'TLS' };
const LIMITED = { en: 'TLS 1.2 only', tr: 'yalnızca TLS 1.2' };

/** Alerts with which a server asks for a certificate, or refuses that there is none. */
const CERTIFICATE_ALERTS: ReadonlySet<number> = new Set([42, 43, 44, 45, 46, 48, 116]);

const FAILURES: Readonly<Record<Unsecured['how'], Sentence>> = {
  alert: { en: 'refused', tr: 'reddedildi' },
  'not-tls': { en: 'the answer is not TLS', tr: 'yanıt TLS değil' },
  version: { en: 'no version in common', tr: 'ortak sürüm yok' },
  'too-large': { en: 'too much was sent', tr: 'çok fazla veri geldi' },
  closed: { en: 'closed', tr: 'kapatıldı' },
  late: { en: 'no answer', tr: 'yanıt yok' },
  broken: { en: 'broken', tr: 'bozuk' },
};

/** What two handshakes have shown. */
export interface Security {
  /** The handshake of a modern client, still open. */
  readonly modern: Secured;
  /** The chain as it was sent, as far as that could be seen. */
  readonly chain: readonly Buffer[];
}

/** Shakes hands as a modern client and as an old one; `undefined` when the first fails, which is then found. */
export async function examineSecurity(
  examination: Examination,
  address: string,
): Promise<Security | undefined> {
  const modern = await examination.step(MODERN, () => attempt(examination, address));
  if (modern.kind === 'failed') {
    await findWhy(examination, address, modern);
    return undefined;
  }
  const limited = await examination.step(LIMITED, () => attempt(examination, address, 'TLSv1.2'));
  if (limited.kind === 'failed') {
    findOutdated(examination, limited);
    return { modern, chain: modern.chain };
  }
  limited.line.close();
  return { modern, chain: limited.exact ? limited.chain : modern.chain };
}

function findOutdated(examination: Examination, limited: Unsecured): void {
  if (asksForCertificate(limited.received)) return examination.find('client-certificate-required');
  const code = examination.options.client === 'wechat' ? 'wechat-tls12' : 'tls12-missing';
  examination.find(code, { detail: describe(limited) });
}

async function attempt(
  examination: Examination,
  address: string,
  maxVersion?: 'TLSv1.2',
): Promise<Seen<Secured | Unsecured>> {
  const { host, port } = examination.target;
  const reached = await reach(address, port, examination.deadline.step());
  if (reached.kind !== 'open') return { ok: false, note: same(reached.error), value: lost(reached.error) };
  const milliseconds = examination.deadline.step();
  const value = await shakeHands(reached.socket, {
    host,
    milliseconds,
    ...(maxVersion === undefined ? {} : { maxVersion }),
  });
  if (value.kind === 'failed') return { ok: false, note: describe(value), value };
  return { ok: true, note: same(`${value.version.replace('v', ' ')}, ${value.cipher}`), value };
}

function lost(error: string): Unsecured {
  const received = Buffer.alloc(0);
  return { kind: 'failed', how: 'closed', alert: undefined, received, ended: undefined, error };
}

function describe({ how, alert }: Unsecured): Sentence {
  if (alert === undefined) return FAILURES[how];
  return same(`alert ${alert} ${ALERTS[alert]?.name ?? ''}`.trimEnd());
}

async function findWhy(examination: Examination, address: string, failed: Unsecured): Promise<void> {
  const { how, received } = failed;
  if (how === 'alert' && asksForCertificate(received)) return examination.find('client-certificate-required');
  if (how === 'alert') return findAlert(examination, failed.alert ?? 0);
  if (how === 'version') return examination.find('tls-version', { detail: describe(failed) });
  if (how === 'too-large') {
    return examination.find('handshake-too-large', { kilobytes: MAX_HANDSHAKE / 1024 });
  }
  const spoken = how === 'not-tls' ? received : await plainAnswer(examination, address);
  if (spoken.length > 0) return findSpoken(examination, spoken);
  findSilence(examination, failed);
}

/** What an alert says about the cause. */
export function findAlert(examination: Examination, number: number): void {
  const { host } = examination.target;
  const known = ALERTS[number];
  if (number === 70) return examination.find('tls-version', { detail: 'alert protocol_version' });
  if (number === 40 || number === 71) return examination.find('tls-no-common-cipher');
  if (number === 80) return examination.find('tls-internal-error', { host });
  if (number === 112) return examination.find('tls-unknown-name', { host });
  if (number === 120) return examination.find('http2-only');
  if (CERTIFICATE_ALERTS.has(number)) return examination.find('client-certificate-required');
  const meaning = known?.meaning ?? { en: 'not in our list', tr: 'listemizde yok' };
  examination.find('tls-alert', { number, name: known?.name ?? '', meaning });
}

/** A server that is silent to TLS may still answer plain HTTP, and then that is the cause. */
async function plainAnswer(examination: Examination, address: string): Promise<Buffer> {
  const opened = await open(examination, address, false);
  if (opened.kind !== 'line') return Buffer.alloc(0);
  const { answer } = await ask(examination, opened.line, examination.origin);
  opened.line.close();
  if (answer.kind !== 'answer') return answer.bytes;
  const speaksTls = saysTlsOnly(answer.body.toString('latin1'));
  return speaksTls ? Buffer.alloc(0) : Buffer.from('HTTP/1.1');
}

function findSpoken(examination: Examination, bytes: Buffer): void {
  const { port, scheme, host } = examination.target;
  if (isHttp(bytes) || isHttp2(bytes)) return examination.find('plain-on-wss-port', { port, scheme, host });
  const banner = bytes.toString('latin1', 0, 100);
  examination.find('other-service', { port, service: serviceOf(bytes), banner });
}

function findSilence(examination: Examination, failed: Unsecured): void {
  const { port } = examination.target;
  if (failed.how === 'late') return examination.find('tls-silent', { port, seconds: examination.timeout });
  const how = failed.ended === 'reset' ? { en: 'reset', tr: 'sıfırlandı (RST)' } : { en: 'FIN', tr: 'FIN' };
  examination.find('tls-closed', { port, how: say(how) });
}
