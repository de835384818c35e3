import type { Bus } from '../bus/bus.ts';
import type { Member } from '../bus/member.ts';
import { SystemError } from '../errors.ts';
import { publish } from '../telemetry.ts';
import { after } from '../timer.ts';
import { readExcuse, type Settled, takeFrame } from './frames.ts';
import { Idle } from './idle.ts';
import { type Hand, type Job, WaitingJobs } from './job.ts';
import { askUntilAnswered, Outbox } from './outbox.ts';
import { REFUSED_MS, Roster } from './roster.ts';

/** A job whose watchers have died so often may be why: it is given up. */
const MAX_DEATHS = 5;

/** Jobs of this process, since it began. */
export interface JobCounts {
  /** Nobody has them yet. */
  readonly waiting: number;
  /** With a watcher, and not acknowledged. */
  readonly given: number;
  readonly done: number;
  /** `enqueue` has answered false. */
  readonly refused: number;
  /** Given up, because their watchers died again and again. */
  readonly lost: number;
}

/** What of its jobs a process keeps until they are acknowledged, at most. */
export interface JobLimits {
  jobs: number;
  /** Of their JSON. */
  bytes: number;
}

/** Keeps the jobs that this process has enqueued, and gives each to a watcher until one has acknowledged it. */
export class Producer {
  readonly limits: JobLimits = { jobs: 10_000, bytes: 64 * 1024 * 1024 };
  readonly #jobs = new Map<number, Job>();
  readonly #waiting = new Map<string, WaitingJobs>();
  readonly #roster = new Roster();
  readonly #outbox = new Outbox<{ readonly job: Job; readonly hand: Hand }>(
    (to, all) => void this.#offer(to, all),
  );
  #bus: Bus | undefined;
  #bytes = 0;
  #lastId = 0;
  #given = 0;
  #done = 0;
  #refused = 0;
  #lost = 0;
  readonly #idle = new Idle(() => this.#jobs.size === 0);

  open(bus: Bus): void {
    this.#bus = bus;
  }

  get counts(): JobCounts {
    const waiting = this.#jobs.size - this.#given;
    return { waiting, given: this.#given, done: this.#done, refused: this.#refused, lost: this.#lost };
  }

  /** @param text JSON. @returns false when too many are kept already. */
  enqueue(queue: string, text: string): boolean {
    if (this.#jobs.size >= this.limits.jobs || this.#bytes + text.length > this.limits.bytes) {
      this.#refused++;
      publish('usta:notice', {
        text: `jobs for "${queue}" are refused: too many are not done (Channel.limits)`,
      });
      return false;
    }
    const job: Job = { id: ++this.#lastId, queue, text, deaths: 0, tried: new Set(), hand: undefined };
    this.#jobs.set(job.id, job);
    this.#bytes += text.length;
    this.#waitingFor(queue).add(job);
    this.#flow(queue);
    return true;
  }

  /** A member has come, or watches something else than before. */
  joined(member: Member): void {
    for (const queue of this.#roster.note(member)) this.#flow(queue);
  }

  /** What it had goes to others. */
  left({ id }: Member): void {
    this.#roster.forget(id);
    const orphans = [...this.#jobs.values()].filter(({ hand }) => hand?.to === id);
    for (const job of orphans) {
      job.deaths++;
      this.#takeBack(job);
      if (job.deaths >= MAX_DEATHS) this.#giveUp(job);
    }
    this.#flowAll(orphans);
  }

  settled(from: string, { done, back }: Settled): void {
    const jobs = [...done, ...back].flatMap((id) => this.#jobs.get(id) ?? []);
    for (const id of done) this.#finish(id);
    for (const id of back) {
      const job = this.#jobs.get(id);
      if (job?.hand?.to === from) this.#wasRefused(job, from);
    }
    this.#flowAll(jobs);
  }

  /** Resolves when nothing is left to be done. */
  whenIdle(): Promise<void> {
    return this.#idle.wait();
  }

  #waitingFor(queue: string): WaitingJobs {
    const there = this.#waiting.get(queue) ?? new WaitingJobs();
    this.#waiting.set(queue, there);
    return there;
  }

  #flowAll(jobs: readonly Job[]): void {
    for (const queue of new Set(jobs.map((job) => job.queue))) this.#flow(queue);
  }

  /** Gives what waits, as far as somebody has room for it. */
  #flow(queue: string): void {
    const waiting = this.#waiting.get(queue);
    if (!waiting) return;
    for (let job = waiting.first; job; job = waiting.first) {
      const hand = this.#roster.choose(queue, job.tried);
      if (!hand) return;
      waiting.takeFirst();
      this.#give(job, hand);
    }
    this.#waiting.delete(queue);
  }

  #give(job: Job, hand: Hand): void {
    job.hand = hand;
    this.#given++;
    this.#roster.give(hand.to, job.queue);
    this.#outbox.add(hand.to, { job, hand });
  }

  async #offer(to: string, all: readonly { readonly job: Job; readonly hand: Hand }[]): Promise<void> {
    if (!this.#bus) return;
    const still = (): Job[] => all.filter(({ job, hand }) => job.hand === hand).map(({ job }) => job);
    const answer = await askUntilAnswered(this.#bus, to, () => offerOf(still()));
    const jobs = still();
    const { busy, refused } = answer ? readExcuse(answer) : { busy: [], refused: jobs.map(({ id }) => id) };
    for (const job of jobs) {
      if (busy.includes(job.id)) this.#wasBusy(job, to);
      else if (refused.includes(job.id)) this.#wasRefused(job, to);
    }
    this.#flowAll(jobs);
  }

  #wasBusy(job: Job, to: string): void {
    job.tried.add(to);
    this.#takeBack(job);
  }

  #wasRefused(job: Job, by: string): void {
    this.#roster.refused(by, job.queue);
    this.#takeBack(job);
    after(REFUSED_MS + 1, () => this.#flow(job.queue));
  }

  #takeBack(job: Job): void {
    this.#letGo(job);
    this.#waitingFor(job.queue).putBack(job);
  }

  #letGo(job: Job): void {
    if (!job.hand) return;
    this.#roster.settle(job.hand.to, job.queue);
    this.#given--;
    job.hand = undefined;
  }

  /** Whoever says so: one that was thought to be gone may have done it. */
  #finish(id: number): void {
    const job = this.#jobs.get(id);
    if (!job) return;
    this.#done++;
    this.#remove(job);
  }

  #giveUp(job: Job): void {
    this.#lost++;
    this.#remove(job);
    const message = `a job was with ${job.deaths} processes that died, and is given up: ${job.text.slice(0, 200)}`;
    publish('usta:handler:failed', {
      callback: `Channel.watch ${job.queue}`,
      error: new SystemError('E_CHANNEL_JOB', message),
    });
  }

  #remove(job: Job): void {
    if (job.hand) this.#letGo(job);
    else this.#waiting.get(job.queue)?.remove(job);
    this.#jobs.delete(job.id);
    this.#bytes -= job.text.length;
    this.#idle.look();
  }
}

function offerOf(jobs: readonly Job[]): Buffer | undefined {
  if (jobs.length === 0) return undefined;
  return takeFrame(
    jobs.map(({ id, queue, text, deaths, hand }) => ({
      id,
      queue,
      text,
      attempt: deaths + 1,
      mayWait: hand?.mayWait ?? false,
    })),
  );
}
