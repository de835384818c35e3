import type { IncomingHttpHeaders } from 'node:http';
import { AcmeError } from './acme-error.ts';
import { type Clock, wait } from './clock.ts';
import { type Directory, directoryIn, problemIn } from './documents.ts';
import type { Answer, Exchange } from './exchange.ts';
import type { AccountKey } from './jws.ts';

export interface SessionOptions {
  /** URL of the directory. */
  readonly directory: string;
  readonly exchange: Exchange;
  readonly key: AccountKey;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called before each request; a rejection ends the session. */
  readonly beforeRequest?: () => Promise<void>;
}

interface Asked {
  /** Signs with the key itself instead of the account's URL, which is not known yet. */
  readonly withKey?: boolean;
  readonly maxBytes?: number;
}

/** A nonce may be too old by the time it is used; more refusals in a row than this are a fault. */
const MAX_BAD_NONCES = 10;
/** A broken line is tried again after these, in milliseconds. */
const PAUSES = [1_000, 3_000];
const LONGEST_RETRY_AFTER = 7 * 86_400_000;

/**
 * Signed requests to one authority by one account: nonces, their renewal, broken lines, refusals.
 *
 * @see RFC 8555 §6
 */
export class AcmeSession {
  readonly #options: SessionOptions;
  /** Gotten with the last answer, not used yet. */
  #fresh: string | undefined;
  #directory: Promise<Directory> | undefined;
  /** The account's URL, once it is known. */
  account: string | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get key(): AccountKey {
    return this.#options.key;
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  /** @see RFC 8555 §7.1.1 */
  directory(): Promise<Directory> {
    this.#directory ??= this.get(this.#options.directory).then(({ body }) => directoryIn(body));
    return this.#directory;
  }

  /** Asks unsigned: the directory and renewal information. */
  get(url: string): Promise<Answer> {
    return this.#persistent(async () => this.#accepted(await this.#ask(url, { method: 'GET' }), url));
  }

  /**
   * Asks as the account.
   *
   * @param payload `undefined` fetches: POST-as-GET (RFC 8555 §6.3).
   * @throws {AcmeError} when the authority refuses.
   */
  post(url: string, payload: unknown, { withKey = false, maxBytes }: Asked = {}): Promise<Answer> {
    const text = payload === undefined ? '' : JSON.stringify(payload);
    return this.#persistent(async () => {
      for (let refused = 0; ; refused++) {
        const account = withKey ? undefined : this.account;
        const body = this.key.signed({ url, nonce: await this.#nonce(), account }, text);
        const size = maxBytes === undefined ? {} : { maxBytes };
        const answer = await this.#ask(url, { method: 'POST', body, ...size });
        if (refused < MAX_BAD_NONCES && isBadNonce(answer)) continue;
        return this.#accepted(answer, url);
      }
    });
  }

  /** Resolves after so many milliseconds, unless the session ends before. */
  async wait(milliseconds: number): Promise<void> {
    await wait(this.clock, milliseconds, this.#options.signal);
  }

  /** How long the answer asks to stay away, in milliseconds. */
  retryAfter(headers: IncomingHttpHeaders): number | undefined {
    return retryAfter(headers['retry-after'], this.clock.now());
  }

  /** Every request may be sent twice: the second has a nonce of its own, and the documents are the same. */
  async #persistent<T>(ask: () => Promise<T>): Promise<T> {
    for (const pause of PAUSES) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof AcmeError) || error.problem !== 'unreachable') throw error;
        await this.wait(pause);
      }
    }
    return ask();
  }

  /** @see RFC 8555 §7.2 */
  async #nonce(): Promise<string> {
    const { newNonce } = await this.directory();
    if (this.#fresh === undefined) {
      this.#accepted(await this.#ask(newNonce, { method: 'HEAD' }), newNonce);
    }
    const nonce = this.#fresh;
    this.#fresh = undefined;
    if (nonce !== undefined) return nonce;
    throw new AcmeError('badAnswer', `${newNonce} gave no nonce`);
  }

  async #ask(url: string, question: Parameters<Exchange['ask']>[1]): Promise<Answer> {
    this.#options.signal.throwIfAborted();
    await this.#options.beforeRequest?.();
    const answer = await this.#options.exchange.ask(url, question);
    const nonce = answer.headers['replay-nonce'];
    if (typeof nonce === 'string' && /^[\w-]{1,512}$/.test(nonce)) this.#fresh = nonce;
    return answer;
  }

  #accepted(answer: Answer, url: string): Answer {
    const { status, headers, body } = answer;
    if (status >= 200 && status < 300) return answer;
    const { host, pathname } = new URL(url);
    const more = { status, retryAfterMs: this.retryAfter(headers) };
    if (status < 400) throw new AcmeError('badAnswer', `${host}${pathname} answered ${status}`, more);
    const problem = problemIn(body);
    if (problem)
      throw new AcmeError(problem.word, `${host} refused (${problem.word}): ${problem.text}`, more);
    const word = status === 429 ? 'rateLimited' : status >= 500 ? 'serverInternal' : 'badAnswer';
    throw new AcmeError(word, `${host}${pathname} answered ${status}`, more);
  }
}

function isBadNonce({ status, body }: Answer): boolean {
  return status === 400 && problemIn(body)?.word === 'badNonce';
}

/** Seconds or a date, as milliseconds from now. @see RFC 9110 §10.2.3 */
function retryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined || !/^(\d{1,10}|[A-Z][a-z]{2,8}, [\w :-]{1,40})$/.test(value)) return undefined;
  const milliseconds = /^\d/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Number.isFinite(milliseconds) ? Math.min(Math.max(milliseconds, 0), LONGEST_RETRY_AFTER) : undefined;
}
