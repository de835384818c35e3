import { currentClock } from '../clock.ts';

/** What a process is in its service. */
export interface Station {
  /** The first process of its worker. */
  readonly firstOfWorker: boolean;
  /** The first process of the first worker of the script. */
  readonly firstOfService: boolean;
}

/** Who wants to know when this process may do what is to be done once. */
export interface Dutiful {
  /** @param since milliseconds since 1970: what was due before is done. */
  goOn(since: number): void;
  stop(): void;
}

const dutiful = new Set<Dutiful>();
/** `undefined` in a process that belongs to no service: it does everything itself. */
let station: Station | undefined;
let isOnDuty = true;

export function currentStation(): Station | undefined {
  return station;
}

/** Begins at once where the process is on duty. */
export function enlist(one: Dutiful): void {
  dutiful.add(one);
  if (isOnDuty) one.goOn(currentClock().date());
}

export function discharge(one: Dutiful): void {
  dutiful.delete(one);
  one.stop();
}

/** This process belongs to a service, and waits to be told that its predecessor has stopped. */
export function standBy(as: Station): void {
  station = as;
  goOffDuty();
}

/**
 * From here on this process does what is due.
 *
 * @param since milliseconds since 1970: when its predecessor has stopped; now, without one.
 */
export function goOnDuty(since: number = currentClock().date()): void {
  isOnDuty = true;
  for (const one of dutiful) one.goOn(since);
}

/** @returns milliseconds since 1970: what is due later is the successor's. */
export function goOffDuty(): number {
  isOnDuty = false;
  for (const one of dutiful) one.stop();
  return currentClock().date();
}
