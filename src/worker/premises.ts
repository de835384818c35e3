import { readFileSync } from 'node:fs';
import process from 'node:process';
import { Budget, defaultBudget, type Holder } from '../connection/budget.ts';
import type { LimitOptions } from '../connection/limits.ts';

/** What all workers of one process share. */
export const premises: Premises = {
  /** Over this many bytes, held for all peers together, the largest holders go. */
  budget: new Budget(Number.POSITIVE_INFINITY),
  maxConnections: Number.POSITIVE_INFINITY,
  connections: 0,
  accepted: 0,
  lastId: 0,
  processes: 1,
};

interface Premises {
  readonly budget: Budget;
  maxConnections: number;
  /** Open now, those still negotiating TLS included. */
  connections: number;
  accepted: number;
  lastId: number;
  /** That serve the worker of this process, this one included. */
  processes: number;
}

interface Wish {
  readonly maxBuffered: number;
  readonly maxConnections: number;
}

const wishes = new Set<Wish>();

/**
 * A worker moves in; of what several workers wish for, the smallest counts.
 *
 * @param holders lists its connections, which may have to give back memory.
 * @returns how to move out.
 */
export function joinPremises(
  options: LimitOptions,
  processes: number,
  holders: () => Iterable<Holder>,
): () => void {
  const { maxBuffered = defaultBudget(processes), maxConnections = connectionsWithin(descriptorLimit()) } =
    options;
  const wish = { maxBuffered, maxConnections };
  wishes.add(wish);
  const leaveBudget = premises.budget.join(holders);
  settle();
  return () => {
    leaveBudget();
    wishes.delete(wish);
    settle();
  };
}

function settle(): void {
  const all = [...wishes];
  premises.budget.limit = Math.min(...all.map(({ maxBuffered }) => maxBuffered));
  premises.maxConnections = Math.min(...all.map(({ maxConnections }) => maxConnections));
}

/** For files, pipes and the loop itself, however few descriptors there are. */
const LEAST_FOR_OTHERS = 40;

/** The descriptors that a process may open, less a tenth for everything else, and not less than it needs. */
export function connectionsWithin(limit: number): number {
  return Math.max(1, limit - Math.max(LEAST_FOR_OTHERS, Math.ceil(limit / 10)));
}

/** Descriptors for connections that wait outside: half of the tenth that is left, so that files can still be opened. */
export function roomOutside(): number {
  return Math.min(1024, Math.ceil(descriptorLimit() / 20));
}

/** The most that this process may open: Node raises the soft limit to the hard one as it starts. */
export function descriptorLimit(): number {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    if (line) return Number(line[1]);
  } catch {
    // Not Linux: Node's own report knows.
  }
  const report = process.report?.getReport() as
    | { userLimits?: { open_files?: { soft?: number | string } } }
    | undefined;
  const soft = Number(report?.userLimits?.open_files?.soft);
  return Number.isFinite(soft) ? soft : Number.POSITIVE_INFINITY;
}
