import { publish } from './telemetry.ts';

/** Who wants to know how a callback has ended. */
export interface Outcome {
  /** Told the error too, with a line for people; itself contained, as `onError`. */
  readonly failed?: (message: string, error: unknown) => unknown;
  /** It has ended, its promise included, well or not. */
  readonly ended?: () => void;
}

/**
 * Calls a callback of the user. What it throws or rejects is reported, and goes no further.
 *
 * @param name of the callback.
 */
export function contained(name: string, call: () => unknown, { failed, ended }: Outcome = {}): void {
  const fail = (error: unknown): void => {
    publish('usta:handler:failed', { callback: name, error });
    const text = error instanceof Error ? error.message : String(error);
    if (failed) contained('onError', () => failed(`${name}: ${text}`, error));
    ended?.();
  };
  try {
    const result = call();
    if (isThenable(result)) result.then(() => ended?.(), fail);
    else ended?.();
  } catch (error) {
    fail(error);
  }
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}
