import { isIP } from 'node:net';

/** A TCP socket that listens, as the kernel or a program has listed it. */
export interface ListeningSocket {
  /** Without brackets: `0.0.0.0`, `::`, `127.0.0.1`. */
  readonly host: string;
  readonly port: number;
  readonly family: 4 | 6;
  /** Its number in /proc/PID/fd. */
  readonly inode?: number;
  readonly uid?: number;
  /** Connections that are established and not accepted yet. */
  readonly waiting?: number;
  readonly owner?: Owner;
}

export interface Owner {
  readonly pid: number;
  readonly program: string;
  readonly user?: string;
}

const LISTEN = '0A';

/** @param table the text of /proc/net/tcp or /proc/net/tcp6. */
export function readSocketTable(table: string): ListeningSocket[] {
  const rows = table
    .split('\n')
    .slice(1)
    .map((row) => row.trim().split(/\s+/));
  return rows.filter(([, , , state]) => state === LISTEN).map(fromRow);
}

/** @param output of `lsof -nP -iTCP -sTCP:LISTEN -F pcLtn`: one field a line, named by its first letter. */
export function readLsof(output: string): ListeningSocket[] {
  const sockets: ListeningSocket[] = [];
  let field: Record<string, string> = {};
  for (const line of output.split('\n')) {
    const letter = line.charAt(0);
    if (letter === 'p') field = {};
    field[letter] = line.slice(1);
    if (letter !== 'n') continue;
    const { p = '', c = '', L, t } = field;
    const family = t === 'IPv6' ? 6 : 4;
    const place = readPlace(line.slice(1), family);
    const owner = { pid: Number(p), program: c, ...(L === undefined ? {} : { user: L }) };
    if (place) sockets.push({ ...place, owner });
  }
  return sockets;
}

/** @param output of `ss -ltnpH`. */
export function readSs(output: string): ListeningSocket[] {
  return output.split('\n').flatMap((line) => {
    const [state, waiting, , local = '', , ...rest] = line.trim().split(/\s+/);
    const place = readPlace(
      local.replace(/%[^:\]]+/, ''),
      local.includes('[') || local.startsWith('*') ? 6 : 4,
    );
    if (state !== 'LISTEN' || place === undefined) return [];
    const [, program, pid] = /\(\("([^"]*)",pid=(\d+)/.exec(rest.join(' ')) ?? [];
    const owner = program === undefined ? {} : { owner: { pid: Number(pid), program } };
    return [{ ...place, waiting: Number(waiting), ...owner }];
  });
}

export function isLoopback({ host }: { readonly host: string }): boolean {
  return host === '::1' || host.startsWith('127.');
}

export function isEverywhere({ host }: { readonly host: string }): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** `0.0.0.0:8282`, `[::]:8282`. */
export function shownPlace({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function fromRow(row: readonly string[]): ListeningSocket {
  const [, local = '', , , queues = '', , , uid, , inode] = row;
  const [address = '', port = ''] = local.split(':');
  const host = address.length === 8 ? ipv4(address) : ipv6(address);
  return {
    host,
    port: Number.parseInt(port, 16),
    family: host.includes(':') ? 6 : 4,
    inode: Number(inode),
    uid: Number(uid),
    waiting: Number.parseInt(queues.split(':')[1] ?? '0', 16),
  };
}

function readPlace(
  text: string,
  family: 4 | 6,
): Pick<ListeningSocket, 'host' | 'port' | 'family'> | undefined {
  const [, name = '', port] = /^(.*):(\d+)$/.exec(text) ?? [];
  if (port === undefined) return undefined;
  const host = name === '*' ? (family === 6 ? '::' : '0.0.0.0') : name.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? undefined : { host, port: Number(port), family };
}

/** The kernel prints words of 32 bits in the machine's own order; all that Node's Linux runs on is little-endian but s390x. */
function ipv4(digits: string): string {
  return [...Buffer.from(digits, 'hex').reverse()].join('.');
}

function ipv6(digits: string): string {
  const words = digits.match(/.{8}/g) ?? [];
  const hex = words.map((word) => Buffer.from(word, 'hex').reverse().toString('hex')).join('');
  const mapped = /^0{20}ffff(.{8})$/.exec(hex)?.[1];
  if (mapped !== undefined) return [...Buffer.from(mapped, 'hex')].join('.');
  const groups = hex.match(/.{4}/g) ?? [];
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}
