import { totalmem } from 'node:os';
import process from 'node:process';

/** Something that holds memory for a peer and can be asked to let go. */
export interface Holder {
  /** Bytes held, in and out. */
  readonly heldBytes: number;
  /** When its peer last showed life, in milliseconds: of two that hold as much, the quieter goes. */
  readonly aliveAt: number;
  /** It was asked to let go and still holds something. */
  readonly leaving: boolean;
  /** Gives back what it holds and closes: in order, or at once when it was asked before. */
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

  /** What a holder cannot give back at once counts as given: it is on its way. */
  #relieve(): void {
    this.#relieving = true;
    let excess = this.#held - this.limit * RELIEVED;
    for (const holder of this.#inOrder()) {
      if (excess <= 0) break;
      excess -= holder.heldBytes;
      holder.shed();
    }
    this.#relieving = false;
  }

  /** Those first who are on their way already, then the largest, then the quietest. */
  #inOrder(): Holder[] {
    const holders: Holder[] = [];
    for (const list of this.#households) {
      for (const holder of list()) if (holder.heldBytes > 0) holders.push(holder);
    }
    return holders.sort(
      (one, other) =>
        Number(other.leaving) - Number(one.leaving) ||
        other.heldBytes - one.heldBytes ||
        one.aliveAt - other.aliveAt,
    );
  }
}

/** A quarter of this machine's (or container's) memory, divided by the processes of the service. */
export function defaultBudget(processes: number): number {
  const limit = process.constrainedMemory?.() ?? 0;
  const memory = limit > 0 && limit < totalmem() ? limit : totalmem();
  return Math.floor(memory / 4 / Math.max(1, processes));
}
