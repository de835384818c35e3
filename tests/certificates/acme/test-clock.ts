import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../../src/certificates/acme/clock.ts';

interface Alarm {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that stands still, and jumps from alarm to alarm while somebody waits for something. */
export class TestClock implements Clock {
  #time: number;
  #alarms: Alarm[] = [];

  /** @param start milliseconds since 1970. */
  constructor(start: number = Date.now()) {
    this.#time = start;
  }

  now(): number {
    return this.#time;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const alarm = { at: this.#time + milliseconds, callback };
    this.#alarms.push(alarm);
    return () => this.#remove(alarm);
  }

  /** How long until the next alarm, in milliseconds; `undefined` when none is set. */
  get next(): number | undefined {
    const alarm = this.#earliest();
    return alarm && alarm.at - this.#time;
  }

  /** Lets time pass without anybody waking: as when a machine sleeps. */
  skip(milliseconds: number): void {
    this.#time += milliseconds;
  }

  /** Goes on from alarm to alarm until it is so. Nobody waits: what is under way is given its turns. */
  async until(reached: () => boolean, what: string): Promise<void> {
    for (const end = Date.now() + 30_000; !reached(); await setImmediate()) {
      if (Date.now() > end) throw new Error(`it did not come to this: ${what}`);
      this.#ring();
    }
  }

  /** Waits until all who work have gone to sleep, without waking them. */
  async asleep(): Promise<void> {
    for (const end = Date.now() + 30_000; this.#alarms.length === 0; await setImmediate()) {
      if (Date.now() > end) throw new Error('nobody set an alarm');
    }
  }

  #ring(): void {
    const alarm = this.#earliest();
    if (!alarm) return;
    this.#remove(alarm);
    this.#time = Math.max(this.#time, alarm.at);
    alarm.callback();
  }

  #earliest(): Alarm | undefined {
    return this.#alarms.reduce<Alarm | undefined>(
      (first, alarm) => (first && first.at <= alarm.at ? first : alarm),
      undefined,
    );
  }

  #remove(alarm: Alarm): void {
    this.#alarms = this.#alarms.filter((one) => one !== alarm);
  }
}
