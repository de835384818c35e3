import { isThenable } from '../connection/callbacks.ts';
import { publish } from '../telemetry.ts';

/**
 * Calls a callback of the user. What it throws or rejects is reported, and goes no further.
 *
 * @param name of the callback.
 * @param failed told the error too, with a line for people; itself contained, as `onError`.
 */
export function contained(
  name: string,
  call: () => unknown,
  failed?: (message: string, error: unknown) => unknown,
): void {
  const fail = (error: unknown): void => {
    publish('usta:handler:failed', { callback: name, error });
    const text = error instanceof Error ? error.message : String(error);
    if (failed) contained('onError', () => failed(`${name}: ${text}`, error));
  };
  try {
    const result = call();
    if (isThenable(result)) result.then(undefined, fail);
  } catch (error) {
    fail(error);
  }
}
