import { publish } from './telemetry.ts';

type Callback = (...args: never[]) => unknown;

const timers = new Map<number, NodeJS.Timeout>();
let lastId = 0;

/**
 * Timers in seconds, as in Workerman. A callback that throws or rejects is reported and concerns
 * nobody else; the timer goes on.
 */
export const Timer = {
  /**
   * @param interval seconds, fractions allowed, above 0.
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
      contained(callback as Callback, args);
    };
    timers.set(id, persistent ? setInterval(run, interval * 1000) : setTimeout(run, interval * 1000));
    return id;
  },

  /** @returns whether there was such a timer. */
  del(id: number): boolean {
    clearTimeout(timers.get(id));
    return timers.delete(id);
  },

  delAll(): void {
    for (const id of [...timers.keys()]) Timer.del(id);
  },

  /** Resolves after so many seconds; nothing else waits. */
  sleep(seconds: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  },
};

/** How many timers of `Timer.add` there are. */
export function timerCount(): number {
  return timers.size;
}

/** A clock that never goes back, in milliseconds. */
export function now(): number {
  return performance.now();
}

let dateSecond = 0;
let dateText = '';

/** The time as HTTP's Date field has it, made once a second. @see RFC 9110 §5.6.7 */
export function httpDate(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}

/** Calls `tick` every so many milliseconds without keeping the process alive. @returns how to stop it. */
export function every(milliseconds: number, tick: () => void): () => void {
  const timer = setInterval(tick, milliseconds).unref();
  return () => clearInterval(timer);
}

/**
 * Calls back once.
 *
 * @param keepAlive whether the process stays for it.
 * @returns how to call it off.
 */
export function after(milliseconds: number, callback: () => void, keepAlive: boolean = false): () => void {
  const timer = setTimeout(callback, milliseconds);
  if (!keepAlive) timer.unref();
  return () => clearTimeout(timer);
}

function contained(callback: Callback, args: unknown[]): void {
  const report = (error: unknown): void => publish('usta:handler:failed', { callback: 'Timer', error });
  try {
    const result = callback(...(args as never[]));
    if (result instanceof Promise) result.catch(report);
  } catch (error) {
    report(error);
  }
}
