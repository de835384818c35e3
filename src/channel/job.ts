/** A job that this process has enqueued, until it is acknowledged. */
export interface Job {
  readonly id: number;
  readonly queue: string;
  /** JSON of its data. */
  readonly text: string;
  /** How often its process has died. */
  deaths: number;
  /** They had enough to do. */
  readonly tried: Set<string>;
  /** Whose it is now; nobody's while it waits. */
  hand: Hand | undefined;
}

/** One giving of a job to a watcher. */
export interface Hand {
  readonly to: string;
  readonly mayWait: boolean;
}

/** Jobs of one queue that nobody has, in the order in which they were enqueued. */
export class WaitingJobs {
  readonly #jobs: Job[] = [];

  get first(): Job | undefined {
    return this.#jobs[0];
  }

  add(job: Job): void {
    this.#jobs.push(job);
  }

  takeFirst(): void {
    this.#jobs.shift();
  }

  /** It comes before those that were enqueued after it. */
  putBack(job: Job): void {
    const place = this.#jobs.findIndex(({ id }) => id > job.id);
    this.#jobs.splice(place < 0 ? this.#jobs.length : place, 0, job);
  }

  remove(job: Job): void {
    const place = this.#jobs.indexOf(job);
    if (place >= 0) this.#jobs.splice(place, 1);
  }
}
