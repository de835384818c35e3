import { UsageError } from '../errors.ts';
import { nearest } from '../nearest.ts';

/** The words of Workerman's `socket` context (PHP's), typed. What they mean here is in `SOCKET_WORDS`. */
export interface SocketOptions {
  /** Connections that may wait to be accepted; the kernel has its own cap. Default 4096. */
  readonly backlog?: number;
  /** An IPv6 address serves IPv6 alone; otherwise `[::]` serves both. Default false. */
  readonly ipv6_v6only?: boolean;
  /** On, always: small messages are not kept back. */
  readonly tcp_nodelay?: true;
  /** The option `reusePort`. */
  readonly so_reuseport?: boolean;
  /** For UDP; no effect on streams. */
  readonly so_broadcast?: boolean;
  /** Permissions of a Unix socket, as `0o660`: who may write to it may connect. By default the umask decides. */
  readonly mode?: number;
  /** Whose a Unix socket is, by name or number; another than oneself needs root. Default: the option `user`. */
  readonly owner?: string | number;
  /** Its group, by name or number. Default: the option `group`. */
  readonly group?: string | number;
}

interface SocketWord {
  readonly takes: string;
  readonly fits: (value: unknown) => boolean;
}

const isNameOrId = (value: unknown): boolean =>
  typeof value === 'string' ? value !== '' : Number.isInteger(value) && Number(value) >= 0;
const anyBoolean = (value: unknown): boolean => typeof value === 'boolean';

/** What each word takes, and why it takes no more. */
export const SOCKET_WORDS: Readonly<Record<keyof SocketOptions, SocketWord>> = {
  backlog: { takes: 'a number above 0', fits: (value) => Number.isInteger(value) && Number(value) > 0 },
  ipv6_v6only: { takes: 'true or false', fits: anyBoolean },
  tcp_nodelay: { takes: 'true: it is always on', fits: (value) => value === true },
  so_reuseport: { takes: 'true or false', fits: anyBoolean },
  so_broadcast: { takes: 'true or false', fits: anyBoolean },
  mode: {
    takes: 'permissions such as 0o660',
    fits: (value) => Number.isInteger(value) && Number(value) > 0 && Number(value) <= 0o777,
  },
  owner: { takes: 'a name or a number', fits: isNameOrId },
  group: { takes: 'a name or a number', fits: isNameOrId },
};

const REFUSED: Readonly<Record<string, string>> = {
  bindto: 'it is for clients: a server says in its address where it listens',
};

/** @throws {UsageError} a word is unknown, or cannot be had: which, and what was probably meant. */
export function proveSocketWords(options: SocketOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const word = Object.hasOwn(SOCKET_WORDS, name) ? SOCKET_WORDS[name as keyof SocketOptions] : undefined;
    if (word === undefined) throw unknown(name);
    if (!word.fits(value)) {
      throw new UsageError(
        'E_SOCKET_OPTION',
        `socket.${name} takes ${word.takes}, not ${JSON.stringify(value)}`,
      );
    }
  }
}

function unknown(name: string): UsageError {
  const words = Object.keys(SOCKET_WORDS);
  const meant = nearest(name, words);
  const hint =
    REFUSED[name] ?? (meant === undefined ? `there are ${words.join(', ')}` : `did you mean ${meant}?`);
  return new UsageError('E_SOCKET_OPTION', `socket has no word "${name}"; ${hint}`);
}
