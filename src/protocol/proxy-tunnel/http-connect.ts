import { Inbox } from '../../bytes/inbox.ts';
import { sourceOf } from '../../bytes/source.ts';
import { ResponseHeadReader } from '../http/response-head.ts';
import { type Credentials, ProxyRefusal, type TunnelTalk, type TunnelTarget } from './tunnel-talk.ts';

/**
 * Asks an HTTP proxy for a tunnel.
 *
 * @see RFC 9110 §9.3.6 — CONNECT
 */
export function httpConnect({ host, port }: TunnelTarget, credentials?: Credentials): TunnelTalk {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const head = `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n${authorization(credentials)}\r\n`;
  const inbox = new Inbox();
  const reader = new ResponseHeadReader();
  return {
    hello: Buffer.from(head, 'latin1'),
    push(bytes) {
      inbox.push(sourceOf(bytes), 0, bytes.length);
      const answer = reader.read(inbox);
      inbox.retain();
      if (answer === undefined || answer.status < 200) return undefined;
      if (answer.status < 300) return { rest: inbox.take() };
      const hint = answer.status === 407 ? '; give a user and a password that it knows' : '';
      throw new ProxyRefusal(`the proxy answered ${answer.status} ${answer.reason}${hint}`);
    },
  };
}

/** @see RFC 7617 §2 — The 'Basic' Authentication Scheme */
function authorization(credentials: Credentials | undefined): string {
  if (credentials === undefined) return '';
  const pair = Buffer.from(`${credentials.user}:${credentials.password}`).toString('base64');
  return `Proxy-Authorization: Basic ${pair}\r\n`;
}
