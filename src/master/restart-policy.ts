/** How a child ended. */
export interface Exit {
  /** The master had told it to leave. */
  readonly expected: boolean;
  readonly livedMs: number;
  /** How many times in a row this place has lost a child young, this one included. */
  readonly crashes: number;
}

export type Verdict = { readonly action: 'leave' } | { readonly action: 'restart'; readonly afterMs: number };

/** A child that lived so long was healthy. */
export const HEALTHY_MS = 5_000;

/**
 * Restarts at once after a healthy life; backs off from 100 ms to 10 s when a child dies young, so that
 * a mistake in the user's code cannot spin the machine.
 */
export function judge(exit: Exit): Verdict {
  if (exit.expected) return { action: 'leave' };
  if (exit.livedMs >= HEALTHY_MS) return { action: 'restart', afterMs: 0 };
  return { action: 'restart', afterMs: Math.min(10_000, 100 * 2 ** (exit.crashes - 1)) };
}
