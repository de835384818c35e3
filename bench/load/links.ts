import { LoadFailure } from './failure.ts';
import { Link, type Speaker, type Target } from './link.ts';
import type { LoadOptions } from './options.ts';

/** Connections that are being opened at the same time. */
const OPENING = 64;
const OPEN_WITHIN_MS = 120_000;
const CLOSE_WITHIN_MS = 1_000;

/** What a load does with its connections, apart from opening them. */
export type Speech = Pick<Speaker, 'opened' | 'received'>;

/** All the connections of one load, and the first thing that goes wrong with any of them. */
export class Links {
  readonly all: Set<Link> = new Set();
  /** Rejects at the first failure; never resolves. */
  readonly failure: Promise<never>;
  #reject: (error: Error) => void = () => undefined;

  constructor() {
    this.failure = new Promise((_, reject) => {
      this.#reject = reject;
    });
    this.failure.catch(() => undefined);
  }

  fail(error: Error): void {
    this.#reject(error);
  }

  /** Settles as `work` does, but not later than the first failure. */
  during<Result>(work: Promise<Result>): Promise<Result> {
    return Promise.race([work, this.failure]);
  }

  /**
   * Opens `count` connections, to several targets in turns.
   *
   * @returns how long it took, in seconds.
   */
  async open(
    target: Target | readonly Target[],
    count: number,
    speech: (index: number) => Speech,
  ): Promise<number> {
    const targets = [target].flat();
    const start = performance.now();
    let next = 0;
    let opened = 0;
    const late = setTimeout(
      () => this.fail(new LoadFailure(`${opened} of ${count} connections opened within the deadline`)),
      OPEN_WITHIN_MS,
    );
    const lane = async (): Promise<void> => {
      for (; next < count; opened++) {
        const index = next++;
        await this.one(targets[index % targets.length] as Target, speech(index));
      }
    };
    await this.during(Promise.all(Array.from({ length: Math.min(OPENING, count) }, lane))).finally(() =>
      clearTimeout(late),
    );
    return (performance.now() - start) / 1000;
  }

  /** Opens one connection; its failures are the load's. */
  one(target: Target, speech: Speech): Promise<Link> {
    return new Promise((resolve) => {
      const opened = (link: Link): void => {
        speech.opened(link);
        resolve(link);
      };
      const link = new Link(target, {
        opened,
        received: (bytes, length) => speech.received(bytes, length),
        failed: (error) => this.fail(error),
      });
      this.all.add(link);
      link.closed.then(() => this.all.delete(link));
    });
  }

  /**
   * Says goodbye on every open connection, and drops those that the server does not end in time.
   *
   * @returns how many had to be dropped.
   */
  async close(): Promise<number> {
    const closed = [...this.all].map((link) => link.closed);
    for (const link of this.all) link.close();
    const timeout = new Promise((resolve) => setTimeout(resolve, CLOSE_WITHIN_MS).unref());
    await Promise.race([Promise.all(closed), timeout]);
    const left = this.all.size;
    for (const link of this.all) link.drop();
    return left;
  }
}

/** Where the options point to. */
export function targetOf(options: LoadOptions): Target {
  const { host, port, path, tls, socketio, mode } = options;
  return { host, port, path, tls, socketio, upgrade: mode !== 'http' && mode !== 'text' };
}

/** All ports of a server of several processes. */
export function targetsOf(options: LoadOptions): Target[] {
  return [options.port, ...options.morePorts].map((port) => targetOf({ ...options, port }));
}
