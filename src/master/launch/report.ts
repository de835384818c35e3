import process from 'node:process';
import type { CheckFinding } from './check-workers.ts';

/** What came of a script, told to whoever has launched it. */
export type Report =
  /** The service stands. */
  | { readonly type: 'standing'; readonly pid?: number; readonly output?: string }
  /** It could not start: one line for the person; the stack where an exception is the cause. */
  | { readonly type: 'failed'; readonly message: string; readonly stack?: string }
  | { readonly type: 'checked'; readonly findings: readonly CheckFinding[] };

/** The launcher may belong to another copy of this package: only the name is common. */
const EVENT = 'usta:report';

/**
 * Tells the launcher: in another process over the channel, in this one by an event.
 *
 * @returns resolved when it is on its way.
 */
export function tellLauncher(report: Report): Promise<void> {
  return new Promise((resolve) => {
    if (process.connected) return process.send?.(report, () => resolve());
    process.emit(EVENT as never, report as never);
    resolve();
  });
}

/** Calls back with what a script in this very process tells. @returns how to call it off. */
export function hearReports(listener: (report: Report) => void): () => void {
  process.on(EVENT as never, listener as never);
  return () => process.off(EVENT as never, listener as never);
}
