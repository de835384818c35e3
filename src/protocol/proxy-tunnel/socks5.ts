import { type Credentials, ProxyRefusal, type TunnelTalk, type TunnelTarget } from './tunnel-talk.ts';

const VERSION = 5;
const NO_AUTHENTICATION = 0;
const USER_AND_PASSWORD = 2;
const CONNECT = 1;
const NAME = 3;

/** What a reply other than 0 means (RFC 1928 §6). */
const REPLIES: readonly string[] = [
  '',
  'it has failed',
  'its rules do not allow this',
  'there is no way to that network',
  'there is no way to that host',
  'nobody listens on that port',
  'it took too long',
  'it cannot connect',
  'it does not know such addresses',
];

type Answer = ReturnType<TunnelTalk['push']>;

/**
 * Asks a SOCKS 5 proxy for a connection. Names are looked up by the proxy.
 *
 * @see RFC 1928 — SOCKS Protocol Version 5, RFC 1929 — Username/Password Authentication
 */
export class Socks5 implements TunnelTalk {
  readonly hello: Buffer;
  readonly #target: TunnelTarget;
  readonly #credentials: Credentials | undefined;
  #unread: Buffer = Buffer.alloc(0);
  #step: () => Answer = () => this.#method();

  constructor(target: TunnelTarget, credentials?: Credentials) {
    this.#target = target;
    this.#credentials = credentials;
    const methods = credentials ? [NO_AUTHENTICATION, USER_AND_PASSWORD] : [NO_AUTHENTICATION];
    this.hello = Buffer.of(VERSION, methods.length, ...methods);
  }

  push(bytes: Buffer): Answer {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    return this.#step();
  }

  /** @see RFC 1928 §3 */
  #method(): Answer {
    if (this.#unread.length < 2) return undefined;
    const [version, method] = this.#take(2);
    if (version !== VERSION) throw new ProxyRefusal('the proxy does not speak SOCKS 5');
    if (method === NO_AUTHENTICATION) return this.#ask();
    if (method !== USER_AND_PASSWORD || this.#credentials === undefined) {
      throw new ProxyRefusal('the proxy wants another way to sign in; give a user and a password');
    }
    this.#step = () => this.#signedIn();
    const { user, password } = this.#credentials;
    return { say: Buffer.concat([Buffer.of(1), counted(user), counted(password)]) };
  }

  /** @see RFC 1929 §2 */
  #signedIn(): Answer {
    if (this.#unread.length < 2) return undefined;
    if (this.#take(2)[1] !== 0) throw new ProxyRefusal('the proxy does not know this user and password');
    return this.#ask();
  }

  /** @see RFC 1928 §4 */
  #ask(): Answer {
    const { host, port } = this.#target;
    this.#step = () => this.#reply();
    const head = Buffer.of(VERSION, CONNECT, 0, NAME);
    return { say: Buffer.concat([head, counted(host), Buffer.of(port >> 8, port & 0xff)]) };
  }

  /** @see RFC 1928 §6 */
  #reply(): Answer {
    const [version, reply = 0, , kind, length = 0] = this.#unread;
    if (this.#unread.length < 5) return undefined;
    if (version !== VERSION) throw new ProxyRefusal('the proxy does not speak SOCKS 5');
    if (reply !== 0) throw new ProxyRefusal(`the proxy says: ${REPLIES[reply] ?? `reply ${reply}`}`);
    const size = 6 + (kind === NAME ? 1 + length : kind === 1 ? 4 : 16);
    if (this.#unread.length < size) return undefined;
    this.#take(size);
    return { rest: this.#unread };
  }

  #take(size: number): Buffer {
    const taken = this.#unread.subarray(0, size);
    this.#unread = this.#unread.subarray(size);
    return taken;
  }
}

function counted(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}
