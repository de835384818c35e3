import { SystemError } from '../../errors.ts';
import type { KeyPair } from '../authority.ts';
import { openAccount } from './account.ts';
import { AcmeError, isChallengeFailure } from './acme-error.ts';
import type { ChallengeType } from './challenges.ts';
import type { Clock } from './clock.ts';
import { Exchange } from './exchange.ts';
import { AccountKey } from './jws.ts';
import type { AcmeSettings } from './options.ts';
import { obtain, type Wish } from './order.ts';
import { certificateId, type Suggestion, suggestion } from './renewal-info.ts';
import { AcmeSession } from './session.ts';
import type { CertificateStore } from './store.ts';

export interface CustomerOptions {
  readonly settings: AcmeSettings;
  readonly store: CertificateStore;
  readonly clock: Clock;
  /** Ends what is under way. */
  readonly signal: AbortSignal;
  readonly present: Wish['present'];
  /** For one request and its answer, in milliseconds. */
  readonly deadlineMs: number | undefined;
}

export interface Purchase {
  /** The certificate that the new one follows, PEM. */
  readonly replaces: string | undefined;
  /** What proved the domains the last time: it is tried first. */
  readonly proven: ChallengeType | undefined;
  /** Called before each request; a rejection ends all. */
  beforeRequest(): Promise<void>;
}

/** One authority's customer: each errand is a session of its own, with the account's key from the store. */
export class Customer {
  readonly #options: CustomerOptions;

  constructor(options: CustomerOptions) {
    this.#options = options;
  }

  /** @returns when the authority would like the certificate renewed; `undefined` when it does not tell. */
  advice(cert: string): Promise<Suggestion | undefined> {
    return this.#inSession({}, (session) => suggestion(session, cert));
  }

  /** @throws {AcmeError} when the authority refuses; of several kinds of proof each has its words in it. */
  async buy({
    beforeRequest,
    ...purchase
  }: Purchase): Promise<KeyPair & { readonly challenge: ChallengeType }> {
    return this.#inSession({ beforeRequest }, async (session) => {
      await openAccount(session, this.#options.settings);
      return this.#order(session, purchase);
    });
  }

  /** When one kind of proof fails, the next is tried. */
  async #order(
    session: AcmeSession,
    { replaces, proven }: Omit<Purchase, 'beforeRequest'>,
  ): Promise<KeyPair & { readonly challenge: ChallengeType }> {
    const { settings, present } = this.#options;
    const wish = { ...settings, present, replaces: replaces && certificateId(replaces) };
    const kinds = [...settings.challenges].sort(
      (one, other) => Number(other === proven) - Number(one === proven),
    );
    const failures: AcmeError[] = [];
    for (const [index, challenge] of kinds.entries()) {
      try {
        return { ...(await obtain(session, { ...wish, challenges: kinds.slice(index) })), challenge };
      } catch (error) {
        if (!isChallengeFailure(error)) throw error;
        failures.push(error);
      }
    }
    throw joined(failures);
  }

  async #inSession<T>(
    more: { readonly beforeRequest?: () => Promise<void> },
    use: (session: AcmeSession) => Promise<T>,
  ): Promise<T> {
    const { settings, clock, signal, deadlineMs } = this.#options;
    const { directory, directoryRoot: root } = settings;
    const key = await this.#accountKey();
    const plainLoopback = directory.startsWith('http:');
    const exchange = new Exchange({ root, plainLoopback, signal, ...(deadlineMs ? { deadlineMs } : {}) });
    try {
      return await use(new AcmeSession({ directory, exchange, key, clock, signal, ...more }));
    } finally {
      exchange.close();
    }
  }

  async #accountKey(): Promise<AccountKey> {
    const { store } = this.#options;
    const text = await store.accountKey();
    try {
      return new AccountKey(text);
    } catch (cause) {
      const message = `${store.accountFile} holds no private key; remove it, and an account is made anew`;
      throw new SystemError('E_ACME_ACCOUNT', message, { cause });
    }
  }
}

function joined(failures: readonly AcmeError[]): AcmeError {
  const [first, ...others] = failures;
  if (!first) return new AcmeError('badAnswer', 'the authority gave no certificate');
  if (others.length === 0) return first;
  return new AcmeError(first.problem, failures.map(({ what }) => what).join('; and '), { cause: first });
}
