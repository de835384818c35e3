import type { Member } from '../bus/member.ts';
import { now } from '../timer.ts';
import { watchedBy } from './watch-role.ts';

/** Who has refused a job of a queue is not given another for so long. */
export const REFUSED_MS = 5_000;
/** So many watchers that have enough to do are asked before a job waits with one of them. */
const TRIES = 3;

/** Another process, or this one, that does jobs; seen from one that has some. */
interface Watcher {
  readonly id: string;
  /** Jobs of each queue that it does at a time. */
  queues: ReadonlyMap<string, number>;
  /** Our jobs that it has not acknowledged, by queue. */
  readonly load: Map<string, number>;
  readonly refusedAt: Map<string, number>;
  /** The smaller, the longer ago. */
  lastGiven: number;
}

export interface Choice {
  readonly to: string;
  /** It shall keep the job even if it has enough to do. */
  readonly mayWait: boolean;
}

/** Who watches which queue, and how many of our jobs each has. */
export class Roster {
  readonly #watchers = new Map<string, Watcher>();
  #given = 0;

  /** @returns the queues that it watches. */
  note({ id, roles }: Member): readonly string[] {
    const queues = watchedBy(roles);
    const known = this.#watchers.get(id);
    if (known) known.queues = queues;
    // Several producers do not all begin with the same one.
    else if (queues.size > 0) this.#watchers.set(id, newWatcher(id, queues));
    return [...queues.keys()];
  }

  forget(id: string): void {
    this.#watchers.delete(id);
  }

  /**
   * The one with the fewest of our jobs; of several, the one that was given none for the longest.
   *
   * @param tried they had enough to do.
   */
  choose(queue: string, tried: ReadonlySet<string>): Choice | undefined {
    const able = [...this.#watchers.values()].filter((one) => hasRoom(one, queue));
    const others = tried.size < TRIES ? able.filter(({ id }) => !tried.has(id)) : [];
    const best = (others.length > 0 ? others : able).reduce<Watcher | undefined>(better, undefined);
    return best && { to: best.id, mayWait: others.length <= 1 };
  }

  give(to: string, queue: string): void {
    const watcher = this.#watchers.get(to);
    if (!watcher) return;
    watcher.lastGiven = ++this.#given;
    watcher.load.set(queue, (watcher.load.get(queue) ?? 0) + 1);
  }

  /** A job was acknowledged, or has come back. */
  settle(to: string, queue: string): void {
    const watcher = this.#watchers.get(to);
    watcher?.load.set(queue, (watcher.load.get(queue) ?? 1) - 1);
  }

  refused(by: string, queue: string): void {
    this.#watchers.get(by)?.refusedAt.set(queue, now());
  }
}

function newWatcher(id: string, queues: ReadonlyMap<string, number>): Watcher {
  return { id, queues, load: new Map(), refusedAt: new Map(), lastGiven: -Math.random() };
}

function hasRoom({ queues, load, refusedAt }: Watcher, queue: string): boolean {
  if ((load.get(queue) ?? 0) >= (queues.get(queue) ?? 0)) return false;
  return now() - (refusedAt.get(queue) ?? Number.NEGATIVE_INFINITY) >= REFUSED_MS;
}

function better(best: Watcher | undefined, one: Watcher): Watcher {
  if (!best) return one;
  const difference = total(one) - total(best) || one.lastGiven - best.lastGiven;
  return difference < 0 ? one : best;
}

function total({ load }: Watcher): number {
  let sum = 0;
  for (const count of load.values()) sum += count;
  return sum;
}
