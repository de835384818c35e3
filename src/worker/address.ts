import { UsageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { Address } from '../transport/address.ts';

/** What the word before `://` means. */
export const SCHEMES = {
  websocket: { protocol: 'websocket', tls: false },
  ws: { protocol: 'websocket', tls: false },
  wss: { protocol: 'websocket', tls: true },
  http: { protocol: 'http', tls: false },
  https: { protocol: 'http', tls: true },
  tcp: { protocol: 'tcp', tls: false },
  ssl: { protocol: 'tcp', tls: true },
  unix: { protocol: 'tcp', tls: false },
} as const;

export type Scheme = keyof typeof SCHEMES;
export type ProtocolName = (typeof SCHEMES)[Scheme]['protocol'];

export interface WorkerAddress {
  readonly scheme: Scheme;
  readonly protocol: ProtocolName;
  readonly tls: boolean;
  readonly place: Address;
}

/**
 * Reads `scheme://host:port` or `unix:///path`.
 *
 * @param anyHost what an empty host (`websocket://:8282`) means.
 * @throws {UsageError} one line that says what is wrong.
 */
export function parseAddress(address: string, anyHost = '0.0.0.0'): WorkerAddress {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(address) ?? [];
  if (!(scheme in SCHEMES)) throw unknownScheme(address, scheme);
  const known = scheme as Scheme;
  return {
    scheme: known,
    ...SCHEMES[known],
    place: known === 'unix' ? unixPlace(rest) : ipPlace(address, rest, anyHost),
  };
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
  const known = Object.keys(SCHEMES);
  const meant = nearest(scheme, known);
  const hint = meant ? `did you mean ${meant}://?` : `use one of ${known.join(', ')}`;
  return new UsageError('E_SCHEME', `"${address}" has no known scheme; ${hint}`);
}
