import { totalmem } from 'node:os';
import process from 'node:process';

/** Something that holds memory for a peer and can be asked to let go. */
export interface Holder {
  /** Bytes held, in and out. */
  readonly heldBytes: number;
  /** Gives back what it holds and closes. */
  shed(): void;
}

/** Shedding goes on until this share of the limit is left, so that it does not begin again at once. */
const RELIEVED = 0.9;

/**
 * What all connections of one process may hold together: bytes received and not delivered, bytes sent
 * and not taken. Over it, the largest holders go.
 */
export class Budget {
  limit: number;
  #held = 0;
  #relieving = false;
  readonly #households = new Set<() => Iterable<Holder>>();

  /** @param limit bytes. */
  constructor(limit: number) {
    this.limit = limit;
  }

  get held(): number {
    return this.#held;
  }

  /** @param holders lists those that may have to let go. @returns how to leave. */
  join(holders: () => Iterable<Holder>): () => void {
    this.#households.add(holders);
    return () => void this.#households.delete(holders);
  }

  change(delta: number): void {
    this.#held += delta;
    if (delta > 0 && this.#held > this.limit && !this.#relieving) this.#relieve();
  }

  #relieve(): void {
    this.#relieving = true;
    const largest = [...this.#holders()].sort((one, other) => other.heldBytes - one.heldBytes);
    for (const holder of largest) {
      if (this.#held <= this.limit * RELIEVED) break;
      if (holder.heldBytes > 0) holder.shed();
    }
    this.#relieving = false;
  }

  *#holders(): Generator<Holder> {
    for (const holders of this.#households) yield* holders();
  }
}

/** A quarter of this machine's (or container's) memory, divided by the processes of the service. */
export function defaultBudget(processes: number): number {
  const limit = process.constrainedMemory?.() ?? 0;
  const memory = limit > 0 && limit < totalmem() ? limit : totalmem();
  return Math.floor(memory / 4 / Math.max(1, processes));
}
