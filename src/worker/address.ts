import { UsageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import type { Address } from '../transport/address.ts';
import type { Transport } from './options.ts';
import { allSchemes, protocolNamed, spoken } from './protocols.ts';
import { type ProtocolName, SCHEMES, type Scheme } from './schemes.ts';

export { type ProtocolName, SCHEMES, type Scheme };

export interface WorkerAddress {
  readonly scheme: string;
  /** Its name. */
  readonly protocol: string;
  /** What makes its codecs; `undefined` for what is built into the house. */
  readonly own: AnyProtocol | undefined;
  readonly tls: boolean;
  /** UDP: there are no connections. */
  readonly datagrams: boolean;
  readonly place: Address;
}

/** What a worker speaks that has no address of its own and is attached to a server. */
export const ATTACHED: Pick<WorkerAddress, 'protocol' | 'own'> = { protocol: 'websocket', own: undefined };

/** `websocket://` or `ws://` and nothing else: for a worker that is attached. */
export function isWithoutPlace(address: string): boolean {
  return /^(websocket|ws):\/\/$/i.test(address);
}

/**
 * Reads `scheme://host:port` or `unix:///path`.
 *
 * @param anyHost what an empty host (`websocket://:8282`) means. @param told the option `protocol`.
 * @throws {UsageError} one line that says what is wrong.
 */
export function parseAddress(address: string, anyHost = '0.0.0.0', told?: unknown): WorkerAddress {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(address) ?? [];
  const known = meaningOf(scheme);
  if (known === undefined) throw unknownScheme(address, scheme);
  return {
    scheme,
    ...spoken({ scheme, ...known }, told),
    tls: known.tls,
    datagrams: scheme === 'udp',
    place: scheme === 'unix' ? unixPlace(rest) : ipPlace(address, rest, anyHost),
  };
}

/** What is under the protocol, where nothing else is said. */
export function transportOf({ tls, datagrams, place }: WorkerAddress): Transport {
  if (datagrams) return 'udp';
  if (place.kind === 'unix') return 'unix';
  return tls ? 'ssl' : 'tcp';
}

/** What the word before `://` means; `undefined` when there is no such. */
export function meaningOf(scheme: string): { readonly protocol: string; readonly tls: boolean } | undefined {
  if (Object.hasOwn(SCHEMES, scheme)) return SCHEMES[scheme as Scheme];
  return protocolNamed(scheme) && { protocol: scheme, tls: false };
}

function ipPlace(address: string, rest: string, anyHost: string): Address {
  const [, host = '', port = ''] = /^(\[[0-9a-f:.%]+\]|[^/:]*):(\d{1,5})\/?$/i.exec(rest) ?? [];
  if (port === '' || Number(port) > 65_535) {
    throw new UsageError(
      'E_ADDRESS',
      `"${address}" needs a port from 0 to 65535, such as websocket://0.0.0.0:8282`,
    );
  }
  const bare = host.startsWith('[') ? host.slice(1, -1) : host;
  return { kind: 'ip', host: bare === '' ? anyHost : bare, port: Number(port) };
}

function unixPlace(path: string): Address {
  if (!path.startsWith('/'))
    throw new UsageError('E_ADDRESS', `a Unix socket is named unix:///absolute/path, not unix://${path}`);
  return { kind: 'unix', path };
}

function unknownScheme(address: string, scheme: string): UsageError {
  const known = allSchemes();
  const meant = nearest(scheme, known);
  const hint = meant ? `did you mean ${meant}://?` : `use one of ${known.join(', ')}`;
  return new UsageError('E_SCHEME', `"${address}" has no known scheme; ${hint}`);
}
