import { rootCertificates } from 'node:tls';
import { now } from '../timer.ts';
import { type Code, finding } from './catalogue.ts';
import { Deadline } from './deadline.ts';
import type { Finding, Sentence } from './finding.ts';
import type { Observer } from './observer.ts';
import type { Values } from './sentence.ts';
import type { ServerKind } from './server-kind.ts';
import type { Target } from './target.ts';

/** What a person may ask of an examination. */
export interface ExamineOptions {
  /** Seconds that each step waits for the network. Default 5. */
  readonly timeout?: number;
  /** Connect to this IP address instead of those that the name has. */
  readonly address?: string;
  /** Name servers to ask instead of this machine's. */
  readonly nameServers?: readonly string[];
  /** The page whose script connects; its origin is sent unless `origin` is given. */
  readonly page?: string;
  readonly origin?: string;
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Authorities trusted besides the public ones, PEM. */
  readonly authorities?: readonly string[];
  /** Seconds to wait on an idle WebSocket, to see who cuts it. */
  readonly idle?: number;
  /** A kind of client with needs of its own. */
  readonly client?: 'wechat';
  /** The time by which certificates are judged. */
  readonly clock?: () => Date;
}

/** One step as it was seen. */
export interface StepRecord {
  readonly step: Sentence;
  readonly ok: boolean;
  readonly note?: Sentence;
  readonly milliseconds: number;
}

/** What a step has seen, and what it hands on. */
export interface Seen<T> {
  readonly ok: boolean;
  readonly note?: Sentence;
  readonly value: T;
}

const DEFAULT_TIMEOUT = 5;
/** All steps together, without `--idle`, in multiples of one. */
const STEPS = 12;

/** One examination under way: its question, its time, what was found so far. */
export class Examination {
  readonly target: Target;
  readonly options: ExamineOptions;
  readonly timeout: number;
  readonly deadline: Deadline;
  readonly findings: Finding[] = [];
  readonly steps: StepRecord[] = [];
  /** Whom clients trust, PEM: the public authorities, and those given unless the client knows none but public ones. */
  readonly authorities: readonly string[];
  readonly #observer: Observer;

  constructor(target: Target, options: ExamineOptions, observer: Observer) {
    this.target = target;
    this.options = options;
    this.timeout = options.timeout ?? DEFAULT_TIMEOUT;
    const stepMs = this.timeout * 1000;
    this.deadline = new Deadline(stepMs, stepMs * STEPS + (options.idle ?? 0) * 1000);
    const own = options.client === 'wechat' ? [] : (options.authorities ?? []);
    this.authorities = own.length > 0 ? [...rootCertificates, ...own] : rootCertificates;
    this.#observer = observer;
  }

  /** The time by which certificates are judged. */
  get clock(): Date {
    return this.options.clock?.() ?? new Date();
  }

  /** The Origin to send; `undefined` sends none, as clients that are no browser do. */
  get origin(): string | undefined {
    const { origin, page } = this.options;
    return origin ?? (page !== undefined && URL.canParse(page) ? new URL(page).origin : undefined);
  }

  find(code: Code, values: Values = {}, server?: ServerKind): void {
    this.add(finding(code, values, server));
  }

  /** What two steps have found alike is told once. */
  add(found: Finding): void {
    const known = this.findings.some(({ code, cause }) => code === found.code && cause.en === found.cause.en);
    if (!known) this.findings.push(found);
  }

  get hasFault(): boolean {
    return this.findings.some(({ severity }) => severity === 'fault');
  }

  /** Does one step, timed and watched. */
  async step<T>(step: Sentence, act: () => Promise<Seen<T>>): Promise<T> {
    const begun = now();
    this.#observer.began(step);
    const { ok, note, value } = await act();
    const result = { ok, ...(note === undefined ? {} : { note }), milliseconds: now() - begun };
    this.steps.push({ step, ...result });
    this.#observer.ended(step, result);
    return value;
  }
}
