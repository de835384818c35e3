import { type GroupRun, type Pace, publishing } from './group.ts';
import { Histogram } from './histogram.ts';
import type { LoadOptions } from './options.ts';
import type { Report } from './report.ts';

/**
 * Another process of the server publishes at fixed times, whether or not the messages before have arrived: `burst`
 * messages at once, `rate` in a second. Latency counts from the moment at which they were due.
 */
export function groupRate(options: LoadOptions): Promise<Report> {
  return publishing(options, (run) => new SteadyPace(options, run));
}

class SteadyPace implements Pace {
  readonly #run: GroupRun;
  readonly #burst: number;
  readonly #intervalMs: number;
  #microseconds = new Histogram();
  #startMs = 0;

  constructor({ rate, burst }: LoadOptions, run: GroupRun) {
    this.#run = run;
    this.#burst = burst;
    this.#intervalMs = (1000 * burst) / rate;
    run.delivered = (first, count) => this.#record(first, count);
  }

  start(): void {
    this.#startMs = performance.now();
    this.#publish();
  }

  begins(): void {
    this.#microseconds = new Histogram();
  }

  report(): Partial<Report> {
    const { worst } = this.#microseconds;
    const [p50, p99] = [this.#microseconds.quantile(0.5) / 1000, this.#microseconds.quantile(0.99) / 1000];
    return { latency: { p50, p99, worst: worst / 1000 } };
  }

  #publish(): void {
    const run = this.#run;
    if (!run.isSpeaking) return;
    const passed = performance.now() - this.#startMs;
    while (this.#dueMs(run.published) <= passed) run.publish(this.#burst);
    setTimeout(() => this.#publish(), this.#dueMs(run.published) - passed);
  }

  /** After the start. */
  #dueMs(message: number): number {
    return Math.floor(message / this.#burst) * this.#intervalMs;
  }

  #record(first: number, count: number): void {
    const passed = performance.now() - this.#startMs;
    for (let message = first; message < first + count; message++)
      this.#microseconds.record((passed - this.#dueMs(message)) * 1000);
  }
}
