import { type Answering, answeringOf, connectionOf } from '../connection/answering.ts';
import { UsageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { Request } from '../protocol/http/request.ts';
import { type CookieOptions, setCookie } from '../protocol/http/set-cookie.ts';
import { FileStore } from './file-store.ts';
import { HttpSession } from './http-session.ts';
import { type RecordRules, SessionRecord } from './session-record.ts';
import type { SessionStore } from './session-store.ts';
import { TimelyStore } from './timely-store.ts';

export interface SessionsOptions {
  /** Where they are kept. By default in files, which all processes of this machine share. */
  readonly store?: SessionStore;
  /** Of the cookie. Default `sid`. */
  readonly name?: string;
  /** Seconds without a request after which a session expires. Default 7,200. */
  readonly lifetime?: number;
  /** Each request lets it live for `lifetime` again. False: it ends so long after it began. Default true. */
  readonly rolling?: boolean;
  /** False: the cookie goes with the browser. Default true. */
  readonly persistent?: boolean;
  /** The cookie is sent over TLS alone. By default it is when the request came over TLS; behind a proxy that ends TLS, say true. */
  readonly secure?: boolean;
  /** Default `Lax`. */
  readonly sameSite?: 'Strict' | 'Lax' | 'None';
  /** Default `/`. */
  readonly path?: string;
  readonly domain?: string;
  /** Bytes of one session. Default 64 KiB. */
  readonly maxSize?: number;
}

const DEFAULTS = {
  name: 'sid',
  lifetime: 7200,
  rolling: true,
  persistent: true,
  sameSite: 'Lax',
  path: '/',
  maxSize: 65_536,
} as const;
const OPTIONS: readonly string[] = [...Object.keys(DEFAULTS), 'store', 'secure', 'domain'];

/**
 * What is kept for visitors between their requests, found by a cookie.
 *
 * @typeParam Data what is in a session, by key.
 */
export class Sessions<Data extends object = Record<string, unknown>> {
  readonly #options: SessionsOptions & typeof DEFAULTS;
  readonly #rules: RecordRules;
  readonly #known = new WeakMap<Request, Promise<HttpSession<Data>>>();

  /** @throws {UsageError} an option is unknown or cannot be used. */
  constructor(options: SessionsOptions = {}) {
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    this.#options = { ...DEFAULTS, ...Object.fromEntries(given) } as SessionsOptions & typeof DEFAULTS;
    check(options, this.#options);
    const { lifetime, rolling, maxSize, store = new FileStore() } = this.#options;
    this.#rules = { store: new TimelyStore(store), lifetime, rolling, maxSize };
    setCookie(this.#options.name, '', this.#attributes(this.#options.secure ?? false));
  }

  /**
   * The session of a request: the same for each call. An id that we have not given out is not taken on. It is saved
   * before the answer leaves, which carries the cookie; a session in which nothing was ever set leaves no trace.
   *
   * @throws {SystemError} the store cannot be reached.
   */
  of(request: Request): Promise<HttpSession<Data>> {
    const known = this.#known.get(request);
    if (known) return known;
    const session = this.#open(request);
    this.#known.set(request, session);
    return session;
  }

  /**
   * The session with this id, where there is no request: what is changed in it is saved by itself.
   *
   * @returns `undefined` when there is none, or it has expired.
   * @throws {SystemError} the store cannot be reached.
   */
  async find(id: string): Promise<HttpSession<Data> | undefined> {
    const record = await SessionRecord.find(this.#rules, id);
    if (!record) return undefined;
    const session = new HttpSession<Data>(this.#rules, record);
    session.answered();
    return session;
  }

  /** Lets go of what the store holds open. */
  async close(): Promise<void> {
    await this.#rules.store.close?.();
  }

  async #open(request: Request): Promise<HttpSession<Data>> {
    const record = await SessionRecord.find(this.#rules, request.cookie(this.#options.name));
    const session = new HttpSession<Data>(this.#rules, record);
    const answering = answeringOf(request);
    if (answering)
      this.#attach(session, answering, this.#options.secure ?? connectionOf(request)?.secure ?? false);
    else session.answered();
    return session;
  }

  #attach(session: HttpSession<Data>, answering: Answering, secure: boolean): void {
    answering.beforeAnswer({
      get isNeeded() {
        return session.isUnsaved;
      },
      prepare: () => session.save(),
      leave: () => {
        session.answered();
        return this.#field(session, secure);
      },
    });
    answering.afterAnswer(() => session.answered());
  }

  #field(session: HttpSession<Data>, secure: boolean): string {
    const { cookie } = session;
    if (cookie === undefined) return '';
    const { name, persistent, lifetime } = this.#options;
    const [value, maxAge] = cookie === 'set' ? [session.id, lifetime] : ['', 0];
    const age = persistent || cookie === 'clear' ? { maxAge: Math.ceil(maxAge) } : {};
    return `Set-Cookie: ${setCookie(name, value, { ...this.#attributes(secure), ...age })}\r\n`;
  }

  #attributes(secure: boolean): CookieOptions {
    const { sameSite, path, domain } = this.#options;
    return { sameSite, path, secure, ...(domain === undefined ? {} : { domain }) };
  }
}

function check(given: SessionsOptions, { lifetime, maxSize }: typeof DEFAULTS): void {
  for (const option of Object.keys(given)) {
    if (OPTIONS.includes(option)) continue;
    const meant = nearest(option, OPTIONS);
    const hint = meant === undefined ? `there are ${OPTIONS.join(', ')}` : `${meant} was meant?`;
    throw new UsageError('E_SESSION', `there is no option ${option} for sessions; ${hint}`);
  }
  if (!(lifetime > 0)) throw new UsageError('E_SESSION', `lifetime is seconds above 0, not ${lifetime}`);
  if (!(maxSize > 0)) throw new UsageError('E_SESSION', `maxSize is bytes above 0, not ${maxSize}`);
}
