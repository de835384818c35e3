import { after } from '../../timer.ts';

/** The time of day and timers, so that months pass in a test while nobody waits. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * Calls back once, after so many milliseconds.
   *
   * @param keepAlive whether the process stays for it.
   * @returns how to call it off.
   */
  after(milliseconds: number, callback: () => void, keepAlive?: boolean): () => void;
}

export const systemClock: Clock = { now: () => Date.now(), after };

/** Resolves after so many milliseconds; rejects with the signal's reason when it is aborted before. */
export function wait(clock: Clock, milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const abort = (): void => {
      callOff();
      reject(signal.reason);
    };
    const callOff = clock.after(
      milliseconds,
      () => {
        signal.removeEventListener('abort', abort);
        resolve();
      },
      true,
    );
    signal.addEventListener('abort', abort, { once: true });
  });
}
