import { X509Certificate } from 'node:crypto';
import { AcmeError, isPassing } from './acme-error.ts';
import { lifeOf } from './chain.ts';
import type { ChallengeAnswer } from './challenges.ts';
import { type Clock, systemClock } from './clock.ts';
import { Customer } from './customer.ts';
import { Lease } from './lease.ts';
import { type AcmeOptions, type AcmeSettings, acmeSettings } from './options.ts';
import { alarmReason, pollDelay, retryDelay, span, type Window, whenToRenew } from './schedule.ts';
import { CertificateStore, type CertifiedPair } from './store.ts';

/** What is told while certificates come and go. Plain data; times are seconds. */
export interface RenewalEvent {
  /**
   * `issued`: a new one is in service. `failed`: a try failed, another follows. `alarm`: somebody must look, told
   * once a day. `waiting`: another process renews. `unusable`: what was stored cannot be served.
   */
  readonly state: 'issued' | 'failed' | 'alarm' | 'waiting' | 'unusable';
  /** Joined by commas. */
  readonly domains: string;
  /** One line, with what to do. */
  readonly text: string;
  /** Failed tries in a row. */
  readonly failures: number;
  /** Until the certificate in service ends; `undefined` when there is none. */
  readonly secondsLeft: number | undefined;
}

export interface RenewalOptions {
  readonly acme: AcmeOptions;
  /** Resolves when every listener of the service gives these answers, and no others. */
  present(answers: readonly ChallengeAnswer[]): Promise<void> | void;
  /** Puts a certificate into service: the stored one at the start, then each new one. */
  install(pair: CertifiedPair): Promise<void> | void;
  report(event: RenewalEvent): void;
  readonly clock?: Clock;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random?: () => number;
  /** For one request and its answer, in milliseconds. */
  readonly deadlineMs?: number;
}

const DAY = 86_400_000;
/** Wakes at least so often, so that a clock that was set or a machine that slept does no harm. */
const LONGEST_SLEEP = DAY / 4;
/** Until it is looked whether the other process is done. */
const WHILE_ANOTHER_RENEWS = 30_000;

/**
 * Keeps one service in certificates: takes the stored one, gets one when there is none, renews it in time, and
 * goes on trying when that fails. One process of the service has one of these; several on the same storage take turns.
 */
export class Renewal {
  readonly settings: AcmeSettings;
  readonly #options: RenewalOptions;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #store: CertificateStore;
  readonly #customer: Customer;
  readonly #stopped = new AbortController();
  #answers: readonly ChallengeAnswer[] = [];
  #pair: CertifiedPair | undefined;
  #window: Window | undefined;
  #renewAt = 0;
  #askAt = 0;
  #retryAt = 0;
  #failures = 0;
  #lastFailure = '';
  #alarmedAt = Number.NEGATIVE_INFINITY;
  #awake: Promise<void> = Promise.resolve();
  #callOff: () => void = () => undefined;

  /** @throws {UsageError} when an option cannot be used. */
  constructor(options: RenewalOptions) {
    this.settings = acmeSettings(options.acme);
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#store = new CertificateStore(this.settings);
    this.#customer = new Customer({
      settings: this.settings,
      store: this.#store,
      clock: this.#clock,
      signal: this.#stopped.signal,
      present: (answers) => this.#present(answers),
      deadlineMs: options.deadlineMs,
    });
  }

  /** What is to be answered now: for a listener that joins while a proof is under way. */
  get answers(): readonly ChallengeAnswer[] {
    return this.#answers;
  }

  /** Where key and chain are stored. */
  get file(): string {
    return this.#store.file;
  }

  /**
   * Installs the stored certificate, and sees to the rest by itself from here.
   *
   * @returns false when none was fit: the first is on its way and will be installed.
   * @throws {SystemError} when the storage cannot be used.
   */
  async start(): Promise<boolean> {
    await this.#store.open();
    const { stayAwayUntil = 0 } = await this.#store.recall();
    this.#retryAt = Math.min(stayAwayUntil, this.#clock.now() + 7 * DAY);
    const stored = await this.#store.read(this.#clock.now());
    if (stored && 'fault' in stored) this.#report('unusable', stored.fault);
    if (stored && 'pair' in stored) await this.#hold(stored.pair);
    this.#sleep();
    return this.#pair !== undefined;
  }

  /** Resolves when nothing is under way any more. What was stored stays. */
  async stop(): Promise<void> {
    this.#stopped.abort(new Error('stopped'));
    this.#callOff();
    await this.#awake;
  }

  #sleep(): void {
    if (this.#stopped.signal.aborted) return;
    const now = this.#clock.now();
    const due = Math.max(this.#renewAt, this.#retryAt);
    const next = Math.min(due, this.#pair ? this.#askAt : due, now + LONGEST_SLEEP);
    this.#callOff = this.#clock.after(Math.max(0, next - now), () => {
      this.#awake = this.#wake();
    });
  }

  async #wake(): Promise<void> {
    try {
      await this.#adopt();
      if (this.#pair && this.#askAt <= this.#clock.now()) await this.#askForWindow(this.#pair);
      if (this.#isDue()) await this.#renew();
    } catch (error) {
      await this.#failed(error as Error);
    }
    this.#alarm();
    this.#sleep();
  }

  #isDue(): boolean {
    return Math.max(this.#renewAt, this.#retryAt) <= this.#clock.now();
  }

  /** Takes what another process has renewed. */
  async #adopt(): Promise<void> {
    const stored = await this.#store.read(this.#clock.now());
    if (!stored || !('pair' in stored) || stored.pair.cert === this.#pair?.cert) return;
    if (stored.pair.notAfter <= (this.#pair?.notAfter ?? 0)) return;
    await this.#hold(stored.pair);
  }

  async #hold(pair: CertifiedPair): Promise<void> {
    const now = this.#clock.now();
    this.#pair = pair;
    this.#window = undefined;
    this.#renewAt = whenToRenew({ ...pair, now, random: this.#random() });
    this.#askAt = now;
    this.#failures = 0;
    try {
      await this.#options.install(pair);
    } catch (error) {
      this.#report('failed', `a certificate could not be put into service: ${(error as Error).message}`);
    }
  }

  /** Advice that does not come is no failure: without it a third of the life left is the time. */
  async #askForWindow({ cert }: CertifiedPair): Promise<void> {
    let wait = DAY;
    try {
      const advice = await this.#customer.advice(cert);
      if (advice) {
        wait = advice.askAgainMs;
        this.#heed(advice.window);
      }
    } catch (error) {
      wait = pollDelay(error instanceof AcmeError ? error.retryAfterMs : undefined);
    }
    this.#askAt = this.#clock.now() + wait;
  }

  /** The same window keeps the moment that was chosen in it. */
  #heed(window: Window | undefined): void {
    if (!this.#pair || (window?.start === this.#window?.start && window?.end === this.#window?.end)) return;
    this.#window = window;
    const { notBefore, notAfter } = this.#pair;
    const now = this.#clock.now();
    this.#renewAt = whenToRenew({
      notBefore,
      notAfter,
      suggestedWindow: window,
      now,
      random: this.#random(),
    });
  }

  async #renew(): Promise<void> {
    const lease = new Lease(this.#store.leaseFile, this.#clock);
    if (!(await lease.acquire())) {
      this.#retryAt = this.#clock.now() + WHILE_ANOTHER_RENEWS;
      return this.#report('waiting', 'another process is at it');
    }
    try {
      await this.#adopt();
      if (this.#isDue()) await this.#issue(lease);
    } finally {
      await lease.release();
    }
  }

  async #issue(lease: Lease): Promise<void> {
    const { challenge: proven } = await this.#store.recall();
    const beforeRequest = (): Promise<void> => lease.extend();
    const bought = await this.#customer.buy({ replaces: this.#pair?.cert, proven, beforeRequest });
    const { cert, key, challenge } = bought;
    const pair = { cert, key, domains: this.settings.domains, ...lifeOf(new X509Certificate(cert)) };
    await this.#store.write(pair).catch((error: Error) => {
      this.#report('failed', `the new certificate is in service but could not be stored: ${error.message}`);
    });
    await this.#store.remember({ challenge }).catch(() => undefined);
    this.#retryAt = 0;
    await this.#hold(pair);
    this.#report('issued', `in service until ${new Date(pair.notAfter).toISOString()}`);
  }

  async #present(answers: readonly ChallengeAnswer[]): Promise<void> {
    this.#answers = answers;
    await this.#options.present(answers);
  }

  async #failed(error: Error): Promise<void> {
    if (this.#stopped.signal.aborted) return;
    this.#failures += 1;
    const retryAfterMs = error instanceof AcmeError ? error.retryAfterMs : undefined;
    const random = this.#random();
    const delay = retryDelay({ failures: this.#failures, passing: isPassing(error), retryAfterMs, random });
    this.#retryAt = this.#clock.now() + delay;
    this.#lastFailure = error.message;
    this.#report('failed', `${error.message}; next try in ${span(delay)}`);
    if (retryAfterMs !== undefined) await this.#rememberToStayAway();
  }

  /** A service that is started again and again must not ask again and again. */
  async #rememberToStayAway(): Promise<void> {
    const memory = await this.#store.recall();
    await this.#store.remember({ ...memory, stayAwayUntil: this.#retryAt }).catch(() => undefined);
  }

  #alarm(): void {
    const now = this.#clock.now();
    const { alarmDays } = this.settings;
    const reason = alarmReason({ failures: this.#failures, now, life: this.#pair, alarmDays });
    if (reason === undefined || now - this.#alarmedAt < DAY || this.#stopped.signal.aborted) return;
    this.#alarmedAt = now;
    this.#report('alarm', this.#lastFailure ? `${reason}; the last failure: ${this.#lastFailure}` : reason);
  }

  #report(state: RenewalEvent['state'], text: string): void {
    const secondsLeft = this.#pair && Math.round((this.#pair.notAfter - this.#clock.now()) / 1000);
    this.#options.report({
      state,
      domains: this.settings.domains.join(','),
      text,
      failures: this.#failures,
      secondsLeft,
    });
  }
}
