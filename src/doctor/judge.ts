import type { Answer } from './answer.ts';
import { MAX_ANSWER } from './answer.ts';
import type { Code } from './catalogue.ts';
import type { Sentence } from './finding.ts';
import type { Values } from './sentence.ts';
import { type AnsweringServer, type ServerKind, serverOf } from './server-kind.ts';
import { isHttp2, isTlsRecord, saysTlsOnly, serviceOf } from './service.ts';
import type { Target } from './target.ts';

/** The cause that an answer tells, with what was seen. */
export interface Judgement {
  readonly code: Code;
  readonly values: Values;
  readonly server?: ServerKind | undefined;
}

type Got = Extract<Answer, { kind: 'answer' }>;

const SOMEBODY: Sentence = { en: 'the server', tr: 'sunucu' };

/** Of Cloudflare, between it and the server behind it. */
const NETWORK_ERRORS: Readonly<Record<number, Sentence>> = {
  520: { en: 'an answer that cannot be read', tr: 'okunamayan bir yanıt' },
  521: { en: 'the server refuses connections', tr: 'sunucu bağlantıları reddediyor' },
  522: { en: 'the server does not answer; a firewall?', tr: 'sunucu yanıt vermiyor; güvenlik duvarı?' },
  523: { en: 'there is no way to the server', tr: 'sunucuya yol yok' },
  524: { en: 'the server takes too long', tr: 'sunucu çok geç kalıyor' },
  525: { en: 'the TLS handshake with the server fails', tr: 'sunucuyla TLS el sıkışması olmuyor' },
  526: { en: 'the certificate of the server is not valid', tr: 'sunucunun sertifikası geçersiz' },
  530: { en: 'its name for the server is not known', tr: 'sunucu için bildiği ad çözülemiyor' },
};

/** Says what an answer other than 101 means. Pure: nothing is asked again. */
export function judgeAnswer(answer: Answer, target: Target, seconds: number): Judgement {
  if (answer.kind === 'answer') return judgeHead(answer, target);
  const { bytes } = answer;
  const { port, scheme, host } = target;
  if (isTlsRecord(bytes)) return judgeTlsRecord(target);
  if (isHttp2(bytes)) return { code: 'http2-only', values: {} };
  if (answer.kind === 'endless') return { code: 'answer-endless', values: { kilobytes: MAX_ANSWER / 1024 } };
  if (answer.kind === 'late') return { code: 'no-answer', values: { seconds, bytes: bytes.length } };
  if (answer.kind === 'closed' && bytes.length === 0) {
    const how = answer.how === 'reset' ? { en: 'reset', tr: 'sıfırlandı (RST)' } : { en: 'FIN', tr: 'FIN' };
    return { code: 'closed-without-answer', values: { how } };
  }
  const banner = bytes.toString('latin1', 0, 100);
  if (!banner.startsWith('HTTP/')) {
    return { code: 'other-service', values: { port, scheme, host, service: serviceOf(bytes), banner } };
  }
  const reason = answer.kind === 'not-http' ? answer.reason : 'cut';
  return { code: 'not-http', values: { port, banner, reason } };
}

function judgeTlsRecord({ secure, port, scheme, authority }: Target): Judgement {
  if (secure) return { code: 'tls-on-both-layers', values: {} };
  const answer = { en: 'a TLS alert', tr: 'bir TLS uyarısı' };
  return { code: 'tls-on-ws-port', values: tlsValues({ port, scheme, authority }, answer) };
}

/** The URL to use instead of an unencrypted one. */
export function tlsValues(
  { port, scheme, authority }: Pick<Target, 'port' | 'scheme' | 'authority'>,
  answer: string | Sentence,
): Values {
  return { port, scheme, authority, answer, secure: scheme === 'ws' ? 'wss' : 'https' };
}

function judgeHead(answer: Got, target: Target): Judgement {
  const { head, body } = answer;
  const page = body.toString('utf8');
  const server = serverOf(head, page);
  const values = valuesOf(answer, target, { server, page });
  const told = byPage(answer, target, page);
  if (told)
    return { code: told, values: { ...values, ...tlsValues(target, `${head.status}`) }, server: server.kind };
  if (head.status >= 300 && head.status < 400 && head.headers.has('location')) {
    return { ...judgeRedirect(answer, target, values), server: server.kind };
  }
  return { code: byStatus(answer, page, server), values, server: server.kind };
}

function valuesOf(
  { head }: Got,
  target: Target,
  { server, page }: { readonly server: AnsweringServer; readonly page: string },
): Values {
  const { status, reason, headers } = head;
  return {
    status,
    reason,
    server: server.name === '' ? SOMEBODY : server.name,
    page: gist(page),
    path: target.path,
    port: target.port,
    host: target.host,
    authority: target.authority,
    socket: target.secure ? 'wss' : 'ws',
    scheme: headers.get('www-authenticate') ?? headers.get('proxy-authenticate') ?? 'no WWW-Authenticate',
    after: headers.get('retry-after') ?? '?',
    meaning: NETWORK_ERRORS[status] ?? '',
  };
}

/** The title of a page, else its first words. */
function gist(page: string): string {
  const title = /<title>([^<]{1,200})/i.exec(page)?.[1];
  return (title ?? page.replace(/<[^>]{0,500}>/g, ' ')).trim().slice(0, 120);
}

/** Texts that tell more than the status. */
function byPage({ head, body }: Got, { secure }: Target, page: string): Code | undefined {
  if (isTlsRecord(body)) return secure ? 'tls-on-both-layers' : 'tls-on-ws-port';
  if (head.status < 400) return undefined;
  if (saysTlsOnly(page)) return secure ? 'tls-on-both-layers' : 'tls-on-ws-port';
  if (/No required SSL certificate was sent|The SSL certificate error/i.test(page))
    return 'client-certificate-required';
  return /Unknown ALPN Protocol, expected `?h2/i.test(page) ? 'http2-only' : undefined;
}

function judgeRedirect({ head }: Got, target: Target, values: Values): Judgement {
  const location = head.headers.get('location') ?? '';
  const from = target.url.replace(/^ws/, 'http');
  const to = URL.canParse(location, from) ? new URL(location, from) : undefined;
  const told = { ...values, location };
  if (to === undefined) return { code: 'redirect', values: told };
  const sameHost = to.hostname === new URL(from).hostname;
  if (!target.secure && sameHost && to.protocol === 'https:' && to.pathname + to.search === target.path) {
    const secure = target.scheme === 'ws' ? 'wss' : 'https';
    return { code: 'redirect-to-tls', values: { ...told, secure, suggestion: to.host + target.path } };
  }
  const slash = sameHost && to.pathname === `${new URL(from).pathname}/`;
  return { code: slash ? 'redirect-trailing-slash' : 'redirect', values: told };
}

function byStatus({ head }: Got, page: string, server: AnsweringServer): Code {
  const { status, headers } = head;
  const network = server.kind === 'cdn';
  if (status >= 520 && status <= 530 && network) return 'network-origin-error';
  if (status === 426 || (status === 400 && missesUpgrade(page, headers.has('sec-websocket-version')))) {
    return 'upgrade-not-passed';
  }
  if (status === 403 && network) return 'forbidden-by-network';
  const known = BY_STATUS[status];
  if (known) return known;
  if (status >= 200 && status < 300) return 'ordinary-page';
  return status >= 500 ? 'server-error' : 'unexpected-status';
}

const BY_STATUS: Readonly<Record<number, Code>> = {
  400: 'bad-request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'path-not-found',
  405: 'method-not-allowed',
  407: 'unauthorized',
  410: 'path-not-found',
  429: 'too-many-requests',
  502: 'bad-gateway',
  503: 'service-unavailable',
  504: 'gateway-timeout',
};

/** In the words of the libraries that serve WebSockets, of which all name what they miss. */
function missesUpgrade(page: string, versionTold: boolean): boolean {
  return versionTold || /\b(upgrade|websocket)\b/i.test(page);
}
