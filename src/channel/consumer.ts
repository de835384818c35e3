import type { Bus } from '../bus/bus.ts';
import { UsageError } from '../errors.ts';
import { contained } from './contained.ts';
import { type Excuse, type Handed, settleFrame } from './frames.ts';
import { Idle } from './idle.ts';
import { askUntilAnswered, Outbox } from './outbox.ts';
import { watchRole } from './watch-role.ts';

/** Queues that one process may watch: the others are told of each, again and again. */
const MAX_QUEUES = 256;

/** What a watcher knows of a job besides its data. */
export interface JobFacts {
  readonly queue: string;
  /** From 2 on: a process has died that may have begun it. */
  readonly attempt: number;
}

/** Its end, however it comes, is the acknowledgement. */
export type Work<T> = (data: T, job: JobFacts) => unknown;

interface Task extends Handed {
  readonly from: string;
}

interface Watch {
  readonly work: Work<never>;
  readonly concurrency: number;
  running: number;
  readonly waiting: Task[];
}

/** Does the jobs that producers give to this process, and acknowledges each. */
export class Consumer {
  readonly #watches = new Map<string, Watch>();
  /** Taken, and their producer does not know yet what has become of them. */
  readonly #held = new Set<string>();
  readonly #outbox = new Outbox<{ readonly task: Task; readonly isDone: boolean }>(
    (to, ends) => void this.#report(to, ends),
  );
  #bus: Bus | undefined;
  #isLeaving = false;
  readonly #idle = new Idle(() => this.#held.size === 0);

  open(bus: Bus): void {
    this.#bus = bus;
    for (const [queue, { concurrency }] of this.#watches) this.#announce(queue, concurrency);
  }

  /** @throws {UsageError} this process watches it already, or too many. */
  watch(queue: string, work: Work<never>, concurrency: number): void {
    if (this.#watches.has(queue))
      throw new UsageError('E_CHANNEL', `this process watches "${queue}" already: unwatch it first`);
    if (this.#watches.size >= MAX_QUEUES)
      throw new UsageError(
        'E_CHANNEL',
        `a process watches ${MAX_QUEUES} queues at most: put the rest into the data`,
      );
    if (!Number.isInteger(concurrency) || concurrency < 1)
      throw new UsageError('E_CHANNEL', `concurrency is a whole number from 1 on, not ${concurrency}`);
    this.#watches.set(queue, { work, concurrency, running: 0, waiting: [] });
    this.#announce(queue, concurrency);
  }

  /** What is not begun goes back. */
  unwatch(queue: string): void {
    const watch = this.#watches.get(queue);
    this.#watches.delete(queue);
    for (const task of watch?.waiting.splice(0) ?? []) this.#end(task, false);
  }

  /** @returns those that it does not take; any other is done, and only once if it is asked twice. */
  take(from: string, jobs: readonly Handed[]): Excuse {
    const busy: number[] = [];
    const refused: number[] = [];
    for (const job of jobs) {
      const watch = this.#isLeaving ? undefined : this.#watches.get(job.queue);
      if (this.#held.has(keyOf(from, job.id))) continue;
      if (!watch) refused.push(job.id);
      else if (watch.running + watch.waiting.length >= watch.concurrency && !job.mayWait) busy.push(job.id);
      else this.#accept(watch, { ...job, from });
    }
    return { busy, refused };
  }

  /** Takes no more. Resolves when what was begun is done, and its producers know. */
  leave(): Promise<void> {
    this.#isLeaving = true;
    for (const { waiting } of this.#watches.values())
      for (const task of waiting.splice(0)) this.#end(task, false);
    return this.#idle.wait();
  }

  #announce(queue: string, concurrency: number): void {
    this.#bus?.take(watchRole(queue, concurrency), this.#bus.self.name);
  }

  #accept(watch: Watch, task: Task): void {
    this.#held.add(keyOf(task.from, task.id));
    watch.waiting.push(task);
    // The answer to its producer comes first.
    queueMicrotask(() => this.#next(watch));
  }

  #next(watch: Watch): void {
    while (watch.running < watch.concurrency) {
      const task = watch.waiting.shift();
      if (!task) return;
      watch.running++;
      void this.#perform(watch, task);
    }
  }

  async #perform(watch: Watch, task: Task): Promise<void> {
    const { queue, attempt, data } = task;
    await contained(`Channel.watch ${queue}`, () => watch.work(data as never, { queue, attempt }));
    watch.running--;
    this.#end(task, true);
    this.#next(watch);
  }

  #end(task: Task, isDone: boolean): void {
    this.#outbox.add(task.from, { task, isDone });
  }

  async #report(
    to: string,
    ends: readonly { readonly task: Task; readonly isDone: boolean }[],
  ): Promise<void> {
    const ids = (wanted: boolean): number[] =>
      ends.filter(({ isDone }) => isDone === wanted).map(({ task }) => task.id);
    const frame = settleFrame({ done: ids(true), back: ids(false) });
    if (this.#bus) await askUntilAnswered(this.#bus, to, () => frame);
    for (const { task } of ends) this.#held.delete(keyOf(to, task.id));
    this.#idle.look();
  }
}

function keyOf(from: string, id: number): string {
  return `${from} ${id}`;
}
