import { UsageError } from '../../errors.ts';
import { nearest } from '../../nearest.ts';
import type { AnyProtocol } from '../../protocol/protocol.ts';
import type { Address } from '../../transport/address.ts';
import { meaningOf } from '../address.ts';
import { allSchemes, spoken } from '../protocols.ts';

/** What a client is not for, and what is in its place. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  http: 'for http:// there is fetch()',
  https: 'for https:// there is fetch()',
  udp: 'for udp:// there is AsyncUdpConnection',
};

export interface ClientAddress {
  /** Its name. */
  readonly protocol: string;
  /** What makes its codecs; `undefined` for `tcp` and `websocket`. */
  readonly own: AnyProtocol | undefined;
  readonly tls: boolean;
  readonly place: Address;
  /** As written: 0 where the usual port is meant. */
  readonly port: number;
  /** Path and query, with which a WebSocket begins. */
  readonly path: string;
}

/**
 * Reads `scheme://host:port/path` or `unix:///path`.
 *
 * @param told the option `protocol`.
 * @throws {UsageError} one line that says what is wrong; it never repeats a password.
 */
export function parseClientAddress(address: string, told?: unknown): ClientAddress {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(address) ?? [];
  if (Object.hasOwn(ELSEWHERE, scheme)) throw new UsageError('E_SCHEME', ELSEWHERE[scheme] ?? '');
  const meaning = meaningOf(scheme);
  if (meaning === undefined) throw unknownScheme(scheme);
  const known = { ...spoken({ scheme, ...meaning }, told), tls: meaning.tls };
  if (known.protocol === 'http') throw new UsageError('E_PROTOCOL_OPTION', 'for HTTP there is fetch()');
  if (scheme === 'unix') return { ...known, place: unixPlace(rest), port: 0, path: '/' };
  const url = readUrl(rest);
  const bare = url.hostname.startsWith('[') ? url.hostname.slice(1, -1) : url.hostname;
  const path = `${url.pathname}${url.search}`;
  if (meaning.protocol !== 'websocket' && (url.port === '' || path !== '/')) {
    throw wrong(`a ${scheme}:// address is written ${scheme}://host:port`);
  }
  const port = url.port === '' ? 0 : Number(url.port);
  return { ...known, place: { kind: 'ip', host: bare, port }, port, path };
}

/** What is meant by no port at all. */
export function usualPort(tls: boolean): number {
  return tls ? 443 : 80;
}

/** Read as one whose usual port nobody names, so that the port is always told. */
function readUrl(rest: string): URL {
  const told = /^(?:[^/?#]*@)?(?:\[[^\]]*\]|[^/?#:]*):(\d+)/.exec(rest)?.[1];
  const url = parsed(`${told === '80' ? 'wss' : 'ws'}://${rest}`);
  if (url.username !== '' || url.password !== '') {
    throw wrong('an address takes no user and password; give headers: { Authorization: … }');
  }
  if (url.hash !== '') throw wrong('the address of a WebSocket has no #fragment (RFC 6455 §3)');
  return url;
}

function parsed(text: string): URL {
  try {
    return new URL(text);
  } catch {
    throw wrong('the address cannot be read; write scheme://host:port, such as wss://domain.com/path');
  }
}

function unixPlace(path: string): Address {
  if (!path.startsWith('/')) throw wrong(`a Unix socket is named unix:///absolute/path, not unix://${path}`);
  return { kind: 'unix', path };
}

function unknownScheme(scheme: string): UsageError {
  const known = allSchemes().filter((one) => !Object.hasOwn(ELSEWHERE, one));
  const meant = nearest(scheme, known);
  const hint = meant ? `did you mean ${meant}://?` : `use one of ${known.join(', ')}`;
  return new UsageError('E_SCHEME', `"${scheme}" is no scheme that clients know; ${hint}`);
}

function wrong(message: string): UsageError {
  return new UsageError('E_ADDRESS', message);
}
