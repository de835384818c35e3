import { UsageError } from '../errors.ts';

/** Where a server is and how to be let in, taken apart. */
export interface ServerUrl {
  readonly scheme: string;
  /** Without brackets. */
  readonly hostname: string;
  readonly port: number;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** What follows the host, without the slash. */
  readonly path: string;
  /** For people: no credentials. */
  readonly shown: string;
}

const PORTS: Readonly<Record<string, number>> = { nats: 4222, tls: 4222, redis: 6379, rediss: 6379 };

/** @throws {UsageError} it is none. Its text shows no credentials. */
export function readServerUrl(text: string): ServerUrl {
  const scheme = /^([a-z]+):\/\//.exec(text)?.[1] ?? '';
  const fallback = PORTS[scheme];
  const url = fallback === undefined ? undefined : parsed(text);
  if (!url?.hostname || fallback === undefined) {
    const shown = withoutCredentials(text);
    throw new UsageError('E_BUS', `bus ${shown}: write 'local', nats://host:4222 or redis://host:6379`);
  }
  const port = url.port === '' ? fallback : Number(url.port);
  return {
    scheme,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port,
    user: plain(url.username),
    password: plain(url.password),
    path: url.pathname.replace(/^\//, ''),
    shown: `${scheme}://${url.hostname}:${port}`,
  };
}

function parsed(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function plain(encoded: string): string | undefined {
  if (encoded === '') return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}

function withoutCredentials(text: string): string {
  return text.replace(/^([a-z]*:?\/\/)?.*@/i, '$1');
}
