/** Where a proxy sends its requests: `https://10.0.0.5:8282/chat`. */
export interface Target {
  /** In lower case. */
  readonly scheme: string;
  /** A name, an address (IPv6 without brackets), or the name of a group of servers; empty for a Unix socket. */
  readonly host: string;
  readonly port: number | undefined;
  /** What follows host and port, `/` included; `undefined` when nothing does. */
  readonly uri: string | undefined;
}

export type Reach = 'unix' | 'loopback' | 'any' | 'private' | 'public' | 'name';

/** @returns `undefined` when it is no address of a server. */
export function parseTarget(text: string): Target | undefined {
  const mark = text.indexOf('://');
  if (mark < 1) return undefined;
  const scheme = text.slice(0, mark).toLowerCase();
  const rest = text.slice(mark + 3);
  if (!/^[a-z][a-z0-9+.-]{0,20}$/.test(scheme)) return undefined;
  if (/^unix:/i.test(rest)) return { scheme, host: '', port: undefined, uri: socketUri(rest) };
  const slash = rest.search(/[/?]/);
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  return { scheme, ...parseAuthority(authority), uri: slash < 0 ? undefined : rest.slice(slash) };
}

/** `127.0.0.1:8282`, `[::1]:8282`, `worker`. */
export function parseAuthority(text: string): { host: string; port: number | undefined } {
  const colon = text.lastIndexOf(':');
  const port = colon < 0 || text.endsWith(']') ? '' : text.slice(colon + 1);
  if (!/^\d{1,5}$/.test(port)) return { host: bare(text), port: undefined };
  return { host: bare(text.slice(0, colon)), port: Number(port) };
}

/** How far away an address is. */
export function reachOf(host: string): Reach {
  if (host === '' || host.startsWith('unix:')) return 'unix';
  const lower = host.toLowerCase();
  if (lower === 'localhost' || lower === '::1') return 'loopback';
  if (lower === '::' || lower === '*') return 'any';
  if (lower.includes(':') && /^[0-9a-f:.]+$/.test(lower)) return reachOf6(lower);
  const numbers = /^(\d{1,3})\.(\d{1,3})\.\d{1,3}\.\d{1,3}$/.exec(lower);
  return numbers ? reachOf4(Number(numbers[1]), Number(numbers[2]), lower) : 'name';
}

function reachOf4(first: number, second: number, whole: string): Reach {
  if (whole === '0.0.0.0') return 'any';
  if (first === 127) return 'loopback';
  const isPrivate =
    first === 10 ||
    (first === 172 && second >= 16 && second < 32) ||
    (first === 192 && second === 168) ||
    (first === 169 && second === 254) ||
    (first === 100 && second >= 64 && second < 128);
  return isPrivate ? 'private' : 'public';
}

function reachOf6(host: string): Reach {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(host);
  if (mapped) return reachOf(mapped[1] ?? '');
  return /^f[cd]|^fe[89ab]/.test(host) ? 'private' : 'public';
}

function bare(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

function socketUri(rest: string): string | undefined {
  const colon = rest.indexOf(':', 5);
  return colon < 0 ? undefined : rest.slice(colon + 1);
}

/** @returns whether a network (`0.0.0.0/0`, `::/0`, `all`) holds most of the internet. */
export function isEverybody(network: string): boolean {
  const [address = '', length] = network.split('/', 2);
  if (length === undefined) return address.toLowerCase() === 'all';
  const bits = /^\d+$/.test(length) ? Number(length) : maskBits(length);
  return bits < (address.includes(':') ? 8 : 4);
}

function maskBits(mask: string): number {
  return mask === '0.0.0.0' ? 0 : 32;
}
