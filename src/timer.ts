import { type Clock, currentClock } from './clock.ts';
import { contained } from './contained.ts';
import { type CronCallback, CronJob, type CronOptions } from './cron/cron-job.ts';

export { type Clock, httpDate, now, useClock } from './clock.ts';
export type { CronCallback, CronOptions } from './cron/cron-job.ts';

/** How to stop each. */
const timers = new Map<number, () => void>();
let lastId = 0;

/**
 * Timers in seconds, as in Workerman, in this process alone. A callback that throws or rejects is reported and
 * concerns nobody else; the timer goes on.
 */
export const Timer = {
  /**
   * Calls back at whole multiples of the interval from now on. A call that comes late does not delay those
   * behind it; those that are missed while the process is busy are left out.
   *
   * @param interval seconds, fractions allowed, above 0; any length.
   * @param persistent false calls once.
   * @returns an id for `del`.
   * @throws {RangeError} for an interval that is not above 0.
   */
  add<Args extends unknown[]>(
    interval: number,
    callback: (...args: Args) => unknown,
    args: Args = [] as unknown as Args,
    persistent: boolean = true,
  ): number {
    if (!(interval > 0)) throw new RangeError(`Timer.add: interval must be above 0 seconds, not ${interval}`);
    const id = ++lastId;
    const run = (): void => {
      if (!persistent) timers.delete(id);
      contained('Timer', () => callback(...args));
    };
    timers.set(id, persistent ? repeat(interval * 1000, run, true) : after(interval * 1000, run, true));
    return id;
  },

  /** Workerman's newer word for `add`. */
  repeat<Args extends unknown[]>(
    interval: number,
    callback: (...args: Args) => unknown,
    args: Args = [] as unknown as Args,
  ): number {
    return Timer.add(interval, callback, args);
  },

  /** Calls once; Workerman's newer word for `add` with `persistent` false. */
  delay<Args extends unknown[]>(
    delay: number,
    callback: (...args: Args) => unknown,
    args: Args = [] as unknown as Args,
  ): number {
    return Timer.add(delay, callback, args, false);
  },

  /**
   * Calls back at times of the calendar, in one process of the service unless `onlyOn` is `'all'`.
   *
   * @param expression `0 3 * * *`: minute, hour, day, month, weekday; with six fields the first is the second; `@daily`
   *   and the like; or one moment in ISO 8601.
   * @returns an id for `del`.
   * @throws {UsageError} the expression or an option cannot be used, or nothing will ever be due.
   */
  cron(expression: string, callback: CronCallback, options: CronOptions = {}): number {
    const id = ++lastId;
    const job = new CronJob(expression, callback, options, () => timers.delete(id));
    timers.set(id, () => job.end());
    return id;
  },

  /** @returns whether there was such a timer. */
  del(id: number): boolean {
    timers.get(id)?.();
    return timers.delete(id);
  },

  delAll(): void {
    for (const id of [...timers.keys()]) Timer.del(id);
  },

  /**
   * Resolves after so many seconds; nothing else waits.
   *
   * @throws whatever the signal was aborted with, as soon as it is.
   */
  sleep(seconds: number, { signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = (): void => {
        callOff();
        reject(signal?.reason);
      };
      const callOff = after(
        seconds * 1000,
        () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
        true,
      );
      signal?.addEventListener('abort', abort, { once: true });
    });
  },
};

/** How many timers of `Timer.add` there are. */
export function timerCount(): number {
  return timers.size;
}

/** Calls `tick` every so many milliseconds without keeping the process alive. @returns how to stop it. */
export function every(milliseconds: number, tick: () => void): () => void {
  return repeat(milliseconds, tick, false);
}

/**
 * Calls back once.
 *
 * @param keepAlive whether the process stays for it.
 * @returns how to call it off.
 */
export function after(milliseconds: number, callback: () => void, keepAlive: boolean = false): () => void {
  return currentClock().schedule(milliseconds, callback, keepAlive);
}

/**
 * Calls `tick` at whole multiples of the interval from now on: one that comes late does not delay those
 * behind it, and those that were missed meanwhile are left out.
 *
 * @returns how to stop it.
 */
function repeat(milliseconds: number, tick: () => void, keepAlive: boolean): () => void {
  const clock: Clock = currentClock();
  const start = clock.now();
  let turn = 0;
  let callOff: () => void;
  const wait = (): void => {
    turn = Math.max(turn, Math.floor((clock.now() - start) / milliseconds)) + 1;
    callOff = clock.schedule(start + turn * milliseconds - clock.now(), run, keepAlive);
  };
  const run = (): void => {
    wait();
    tick();
  };
  wait();
  return () => callOff();
}
