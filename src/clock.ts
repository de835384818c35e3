/** Where time comes from. One stands for the whole process, so that a test can put another in its place. */
export interface Clock {
  /** Never goes back, in milliseconds from whenever. */
  now(): number;
  /** The time of day, in milliseconds since 1970. */
  date(): number;
  /**
   * Calls back once, not much before so many milliseconds have passed.
   *
   * @param milliseconds any number of them.
   * @param keepAlive whether the process stays for it.
   * @returns how to call it off.
   */
  schedule(milliseconds: number, callback: () => void, keepAlive: boolean): () => void;
}

/** Node takes no longer wait than this, in milliseconds: 24.8 days; it would call back at once. */
const LONGEST_WAIT = 2 ** 31 - 1;

/** The machine's own. */
export const realClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  schedule(milliseconds, callback, keepAlive) {
    let timer: NodeJS.Timeout;
    const wait = (rest: number): void => {
      const goOn = rest > LONGEST_WAIT ? () => wait(rest - LONGEST_WAIT) : callback;
      timer = setTimeout(goOn, Math.min(rest, LONGEST_WAIT));
      if (!keepAlive) timer.unref();
    };
    wait(milliseconds);
    return () => clearTimeout(timer);
  },
};

let current: Clock = realClock;

/**
 * Puts a clock in the place of the real one. What was scheduled before stays with the clock that it was
 * scheduled on.
 *
 * @returns how to have the former one back.
 */
export function useClock(clock: Clock): () => void {
  const former = current;
  current = clock;
  return () => {
    current = former;
  };
}

export function currentClock(): Clock {
  return current;
}

/** A clock that never goes back, in milliseconds. */
export function now(): number {
  return current.now();
}

let dateSecond = 0;
let dateText = '';

/** The time as HTTP's Date field has it, made once a second. @see RFC 9110 §5.6.7 */
export function httpDate(): string {
  const second = Math.floor(current.date() / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}
