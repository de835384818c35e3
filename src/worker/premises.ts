import { readFileSync } from 'node:fs';
import process from 'node:process';
import { Budget, defaultBudget } from '../connection/budget.ts';
import type { LimitOptions } from '../connection/limits.ts';

/** What all workers of one process share. */
export const premises: Premises = {
  /** Over this many bytes, held for all peers together, the largest holders go. */
  budget: new Budget(Number.POSITIVE_INFINITY),
  maxConnections: Number.POSITIVE_INFINITY,
  connections: 0,
  lastId: 0,
};

interface Premises {
  readonly budget: Budget;
  maxConnections: number;
  /** Open now, those still negotiating TLS included. */
  connections: number;
  lastId: number;
}

/** Fits the shared limits to what a worker asks for: the smallest wish of all counts. */
export function fitPremises(options: LimitOptions, processes: number): void {
  const { budget } = premises;
  budget.limit = Math.min(budget.limit, options.maxBuffered ?? defaultBudget(processes));
  premises.maxConnections = Math.min(premises.maxConnections, options.maxConnections ?? defaultConnections());
}

/** The descriptors that this process may open, less a tenth for everything else. */
function defaultConnections(): number {
  const limit = descriptorLimit();
  return limit - Math.ceil(limit / 10);
}

function descriptorLimit(): number {
  try {
    const line = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    if (line) return Number(line[1]);
  } catch {
    // Not Linux: Node's own report knows.
  }
  const report = process.report?.getReport() as { userLimits?: { open_files?: { soft?: number | string } } } | undefined;
  const soft = Number(report?.userLimits?.open_files?.soft);
  return Number.isFinite(soft) ? soft : Number.POSITIVE_INFINITY;
}
