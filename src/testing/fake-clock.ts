import { type Clock, useClock } from '../clock.ts';

export interface FakeClockOptions {
  /** The time of day that it begins with. Default: now. */
  readonly date?: Date;
}

/** A clock that a test moves. */
export interface FakeClock {
  /** The time of day that the server sees. */
  readonly date: Date;
  /** How many timers wait, those of the house included. */
  readonly waiting: number;
  /**
   * Lets so many seconds pass: everything that is due is done, in order, each with the time at which it is due.
   * Resolves when that is done and what follows from it has settled.
   *
   * @param seconds fractions allowed; 0 settles only.
   */
  advance(seconds: number): Promise<void>;
  /** The real clock is back. What waits here is never called. */
  restore(): void;
}

/**
 * Puts a clock that stands still in the place of the real one: for `Timer`, heartbeats, deadlines and limits of
 * time. What was begun before stays with the real one, so this comes first. Node's own `setTimeout` is not
 * touched.
 */
export function fakeClock({ date = new Date() }: FakeClockOptions = {}): FakeClock {
  return new StoppedClock(date.getTime());
}

/** Turns of the loop in which what a callback has begun comes to rest: a message goes there, its answer comes back. */
const TURNS = 12;

interface Waiting {
  readonly at: number;
  readonly callback: () => void;
}

class StoppedClock implements FakeClock {
  /** In the order in which they were scheduled. */
  readonly #timers = new Set<Waiting>();
  readonly #beginning: number;
  readonly #giveBack: () => void;
  /** Milliseconds since it began. */
  #time = 0;

  constructor(beginning: number) {
    this.#beginning = beginning;
    const clock: Clock = {
      now: () => this.#time,
      date: () => beginning + this.#time,
      schedule: (milliseconds, callback) => this.#schedule(milliseconds, callback),
    };
    this.#giveBack = useClock(clock);
  }

  get date(): Date {
    return new Date(this.#beginning + this.#time);
  }

  get waiting(): number {
    return this.#timers.size;
  }

  async advance(seconds: number): Promise<void> {
    if (!(seconds >= 0)) throw new RangeError(`a clock goes on by 0 or more seconds, not by ${seconds}`);
    const end = this.#time + seconds * 1000;
    await settled();
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#time = Math.max(this.#time, next.at);
      this.#timers.delete(next);
      next.callback();
      await settled();
    }
    this.#time = end;
  }

  restore(): void {
    this.#giveBack();
    this.#timers.clear();
  }

  #schedule(milliseconds: number, callback: () => void): () => void {
    const timer: Waiting = { at: this.#time + Math.max(0, milliseconds), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** The first that is due; of several at one moment, the one that was scheduled first. */
  #next(end: number): Waiting | undefined {
    let first: Waiting | undefined;
    for (const timer of this.#timers) {
      if (timer.at <= end && (first === undefined || timer.at < first.at)) first = timer;
    }
    return first;
  }
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn++) await new Promise((resolve) => setImmediate(resolve));
}
