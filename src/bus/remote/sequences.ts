import { now } from '../../timer.ts';
import type { Numbered } from './envelope.ts';

/** A subject that was silent for so long begins a new series. */
const KEPT_MS = 60_000;
/** What was received is remembered longer than the sender remembers it. */
const REMEMBERED_MS = 3 * KEPT_MS;
/** Subjects that one heartbeat tells of, at most. */
const MAX_TOLD = 1000;
const MAX_SEQUENCE = 0xffffffff;

/** Last number of a series, and milliseconds since its first: [series, sequence, age]. By subject. */
export type Told = Readonly<Record<string, readonly [series: number, sequence: number, age: number]>>;

/** How many frames were sent on each subject: the numbers that let the others notice what is missing. */
export class SentNumbers {
  /** The subject used last comes last. */
  readonly #subjects = new Map<string, { series: number; sequence: number; begun: number; at: number }>();
  #lastSeries = 0;

  next(subject: string): Numbered {
    const at = now();
    this.#forgetBefore(at - KEPT_MS);
    const known = this.#subjects.get(subject);
    const isNew = known === undefined || known.sequence === MAX_SEQUENCE;
    const next = isNew
      ? { series: ++this.#lastSeries, sequence: 1, begun: at, at }
      : { ...known, sequence: known.sequence + 1, at };
    this.#subjects.delete(subject);
    this.#subjects.set(subject, next);
    return next;
  }

  /** The last numbers of those that were used within so many milliseconds. */
  recent(milliseconds: number = KEPT_MS): Told {
    const time = now();
    this.#forgetBefore(time - KEPT_MS);
    const used = [...this.#subjects].slice(-MAX_TOLD).filter(([, { at }]) => at >= time - milliseconds);
    return Object.fromEntries(
      used.map(([subject, { series, sequence, begun }]) => [
        subject,
        [series, sequence, Math.round(time - begun)],
      ]),
    );
  }

  #forgetBefore(oldest: number): void {
    for (const [subject, { at }] of this.#subjects) {
      if (at >= oldest) break;
      this.#subjects.delete(subject);
    }
  }
}

interface Received {
  readonly series: number;
  /** All up to this one are accounted for. */
  readonly last: number;
  /** Not accounted for: those before the first that came; nobody knows yet whether we were subscribed then. */
  readonly before: number;
  readonly at: number;
}

/** What one sender's numbers tell: counts what has not come. */
export class ReceivedNumbers {
  /** The subject heard last comes last. */
  readonly #subjects = new Map<string, Received>();

  /** @returns how many are missing before it. */
  take(subject: string, { series, sequence }: Numbered): number {
    const known = this.#subjects.get(subject);
    // Of an older series: somebody plays it again.
    if (known && series < known.series) return 0;
    const isSame = known?.series === series;
    const before = isSame ? known.before : known ? 0 : sequence - 1;
    const last = isSame ? known.last : known ? 0 : sequence - 1;
    this.#put(subject, { series, last: Math.max(last, sequence), before, at: now() });
    return Math.max(0, sequence - last - 1);
  }

  /**
   * Compares with what the sender says it has sent.
   *
   * @param inForceSince when our subscription to a subject came into force, in milliseconds of `now()`;
   *   undefined for those that we are not subscribed to.
   * @returns how many are missing.
   */
  compare(told: Told, inForceSince: (subject: string) => number | undefined): number {
    let missing = 0;
    for (const [subject, [series, sequence, age]] of Object.entries(told)) {
      const since = inForceSince(subject);
      const known = this.#subjects.get(subject);
      if (since === undefined || (known && series < known.series)) continue;
      const isSame = known?.series === series;
      const wasOurs = since <= now() - age;
      if (isSame) missing += Math.max(0, sequence - known.last) + (wasOurs ? known.before : 0);
      else if (wasOurs) missing += sequence;
      const last = Math.max(sequence, isSame ? known.last : 0);
      this.#put(subject, { series, last, before: 0, at: now() });
    }
    this.#forget();
    return missing;
  }

  forget(subject: string): void {
    this.#subjects.delete(subject);
  }

  #put(subject: string, received: Received): void {
    this.#subjects.delete(subject);
    this.#subjects.set(subject, received);
  }

  #forget(): void {
    const oldest = now() - REMEMBERED_MS;
    for (const [subject, { at }] of this.#subjects) {
      if (at >= oldest) return;
      this.#subjects.delete(subject);
    }
  }
}
