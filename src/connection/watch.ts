import { every, now } from '../timer.ts';

/** Something that wants to be looked at now and then: deadlines, heartbeats. */
export interface Watched {
  readonly id: number;
  /** @param time as `now()` tells it, in milliseconds. */
  visit(time: number): void;
}

const SLICES = 16;

/**
 * Visits every connection once per period, a slice of them at a time: no timer per connection, and no
 * moment at which all are due together.
 */
export class Watch {
  readonly #slices: Set<Watched>[] = Array.from({ length: SLICES }, () => new Set());
  readonly #periodMs: number;
  #next = 0;
  #stop: (() => void) | undefined;

  /** @param shortestMs the shortest duration that is watched; it is kept to about a quarter. */
  constructor(shortestMs: number) {
    this.#periodMs = Math.min(2_000, Math.max(80, shortestMs / 4));
  }

  add(watched: Watched): void {
    this.#slices[watched.id % SLICES]?.add(watched);
    this.#stop ??= every(this.#periodMs / SLICES, () => this.#visitNext());
  }

  delete(watched: Watched): void {
    this.#slices[watched.id % SLICES]?.delete(watched);
  }

  stop(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #visitNext(): void {
    const time = now();
    const slice = this.#slices[this.#next] as Set<Watched>;
    this.#next = (this.#next + 1) % SLICES;
    for (const watched of slice) watched.visit(time);
  }
}
