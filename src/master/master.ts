import type { ChallengeAnswer } from '../certificates/acme/challenges.ts';
import type { KeyKeeper } from '../certificates/key-keeper.ts';
import { UsageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { after, Timer } from '../timer.ts';
import type { BoundSocket } from '../transport/bind.ts';
import { proveReusePort } from '../transport/reuse-port.ts';
import { log } from '../worker/log.ts';
import { serviceSettings } from '../worker/service-settings.ts';
import { clearPlace, giveAway } from '../worker/unix-socket.ts';
import type { BaseWorker } from '../worker/worker.ts';
import { bindAddress } from './bind-address.ts';
import { departureOf, patienceMs } from './departures.ts';
import { endInWords } from './end-in-words.ts';
import { type Newcomer, Seat, type SeatEvents } from './seat.ts';
import { Shares } from './shares.ts';
import type { SlotProcess } from './slot-process.ts';

/** How often a person who waits hears how far it is. */
const PROGRESS_SECONDS = 0.25;

/** What belongs to one worker for as long as the service lives. */
export interface Post {
  readonly worker: BaseWorker;
  readonly index: number;
  /** Closed while a worker is stopped by itself: nobody shall wait at its port. */
  bound: BoundSocket | undefined;
  readonly keeper: KeyKeeper | undefined;
  seats: Seat[];
}

export interface Scope {
  /** The worker's name; all workers without one. */
  readonly worker?: string | undefined;
  /** Clients may leave by themselves first. */
  readonly graceful?: boolean;
}

/**
 * Many processes as one service: binds every address once and keeps it, starts a child for every place,
 * starts it again when it dies, replaces all without a gap, and stops all within a deadline.
 */
export class Master {
  generation = 0;
  state: 'starting' | 'serving' | 'reloading' | 'stopping' = 'starting';
  readonly #posts: Post[] = [];
  readonly #shares = new Shares((worker) => this.#servingOf(worker));
  /** To give while an authority proves the domain of a worker. */
  readonly #answers = new Map<BaseWorker, readonly ChallengeAnswer[]>();
  /** Every place is taken: an authority that asks now is answered. */
  readonly #opened: Promise<void>;
  #open: () => void = () => {};
  #serving: () => void = () => {};
  #failed: (message: string) => void = () => {};

  /** @throws {SystemError} an address cannot be bound. @throws {UsageError} a certificate cannot be used. */
  constructor(workers: readonly BaseWorker[]) {
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
    try {
      for (const [index, worker] of workers.entries()) this.#establish(worker, index);
    } catch (error) {
      this.release();
      throw error;
    }
  }

  get posts(): readonly Post[] {
    return this.#posts;
  }

  /**
   * Resolves when every place is taken for the first time.
   *
   * @throws {UstaError} one of them cannot serve: why. Everything is being stopped then.
   */
  async start(): Promise<void> {
    for (const { keeper } of this.#posts) await keeper?.start();
    await new Promise<void>((resolve, reject) => {
      this.#serving = resolve;
      this.#failed = (message) => reject(new UsageError('E_START', message));
      for (const seat of this.#seats()) seat.fill();
      if (this.#seats().length === 0) resolve();
    });
    this.state = 'serving';
    this.#open();
  }

  /**
   * Resolves when all processes of the service, or of one worker, have left or were killed. Those that listen
   * leave first: until they have, they may need the others, as gateways need business processes.
   */
  async stop(scope: Scope = {}, progress: (text: string) => void = () => {}): Promise<void> {
    const posts = this.chosen(scope.worker);
    if (scope.worker === undefined) this.state = 'stopping';
    for (const { keeper } of posts) keeper?.holdTickets();
    const seats = posts.flatMap((post) => post.seats);
    for (const listening of [true, false]) {
      const next = seats.filter(({ worker }) => (worker.address !== undefined) === listening);
      for (const seat of next)
        seat.vacate(departureOf(seat.worker, { code: 1001, graceful: scope.graceful }));
      await this.#allLeft(next, { progress, graceful: scope.graceful ?? false });
    }
    for (const post of posts) {
      post.seats = post.seats.filter((seat) => !seats.includes(seat));
      post.bound?.close();
      post.bound = undefined;
    }
  }

  /** Nothing of the service is left: its addresses are free. */
  release(): void {
    for (const { keeper, bound } of this.#posts) {
      keeper?.stop();
      bound?.close();
    }
  }

  /**
   * Starts new processes beside those that serve; when all of them serve, the old ones drain, together, and
   * leave. Resolves when they have.
   *
   * @throws {UsageError} a new process does not serve, or a certificate cannot be used: everything stays as it was.
   */
  async reload(scope: Scope = {}, progress: (text: string) => void = () => {}): Promise<void> {
    if (this.state !== 'serving')
      throw new UsageError('E_BUSY', `the service is ${this.state}: try again later`);
    const posts = this.chosen(scope.worker);
    this.state = 'reloading';
    this.generation++;
    try {
      serviceSettings.onMasterReload?.();
      for (const { keeper } of posts) keeper?.check();
      const seats = posts
        .filter(({ worker }) => worker.options.reloadable !== false)
        .flatMap((post) => post.seats);
      for (const { worker, seats: kept } of posts)
        if (worker.options.reloadable === false) for (const seat of kept) seat.each((one) => one.mention());
      await this.#replace(seats, { graceful: scope.graceful ?? false, progress });
    } finally {
      if (this.state === 'reloading') this.state = 'serving';
    }
  }

  /**
   * Changes how many processes serve a worker. Resolves when those that are new serve, or those that are too
   * many have left.
   *
   * @throws {UsageError} there is no such worker, or a new process does not serve.
   */
  async scale(name: string, count: number, progress: (text: string) => void = () => {}): Promise<void> {
    const [post] = this.chosen(name);
    if (post === undefined) return;
    if (post.bound === undefined) {
      await clearPlace(post.worker);
      post.bound = bindFor(post.worker);
      await giveAway(post.worker);
    }
    const surplus = post.seats.slice(count);
    const added: Seat[] = [];
    for (let slot = post.seats.length; slot < count; slot++) added.push(this.#seat(post, slot));
    const newcomers = await arrive(added);
    for (const newcomer of newcomers) newcomer.install(departureOf(post.worker, { code: 1012 }));
    post.seats = [...post.seats.slice(0, count), ...added];
    post.worker.count = count;
    for (const seat of surplus) seat.vacate(departureOf(post.worker, { code: 1012, among: surplus.length }));
    await this.#allLeft(surplus, { progress, graceful: false });
  }

  /** @throws {UsageError} there is no worker of that name. */
  chosen(name: string | undefined): readonly Post[] {
    if (name === undefined) return this.#posts;
    const found = this.#posts.filter(({ worker }) => worker.name === name);
    if (found.length > 0) return found;
    const names = this.#posts.map(({ worker }) => worker.name);
    const meant = nearest(name, names);
    const hint = meant === undefined ? `there are ${names.join(', ')}` : `did you mean ${meant}?`;
    throw new UsageError('E_WORKER', `there is no worker "${name}"; ${hint}`);
  }

  #establish(worker: BaseWorker, index: number): void {
    const post: Post = { worker, index, keeper: this.#keep(worker), bound: bindFor(worker), seats: [] };
    this.#posts.push(post);
    for (let slot = 0; slot < Math.max(1, worker.count); slot++) post.seats.push(this.#seat(post, slot));
  }

  #seat(post: Post, slot: number): Seat {
    const { worker, index, keeper } = post;
    return new Seat({ worker: index, slot }, worker, {
      belongings: () => ({ bound: post.bound, keys: keeper?.keys, answers: this.#allAnswers }),
      events: this.#events,
      generation: () => this.generation,
    });
  }

  readonly #events: SeatEvents = {
    seated: () => {
      if (this.state === 'starting' && this.#seats().every(({ isServing }) => isServing)) this.#serving();
    },
    refused: ({ worker }, message) => {
      if (this.state === 'starting') this.#failed(`worker ${worker.name}: ${message}`);
      else if (this.state !== 'stopping') log(`worker ${worker.name}: ${message}`);
    },
    lost: ({ worker, isServing }, end) => {
      if (this.state !== 'starting') return this.state !== 'stopping';
      if (!isServing)
        this.#failed(`worker ${worker.name}: it ended with ${endInWords(end)} before it served`);
      return false;
    },
    loaded: ({ worker }) => this.#shares.changed(worker),
    tired: (seat, reason) => void this.#recycle(seat, reason),
  };

  async #recycle(seat: Seat, reason: string): Promise<void> {
    log(`worker ${seat.worker.name} process ${seat.place.slot} is replaced: ${reason}`);
    try {
      const newcomer = await seat.prepare();
      if (this.state === 'stopping') newcomer.giveUp();
      else newcomer.install(departureOf(seat.worker, { code: 1012 }));
    } catch (error) {
      if (this.state === 'stopping') return;
      log(
        `worker ${seat.worker.name} process ${seat.place.slot} could not be replaced: ${(error as Error).message}`,
      );
    }
  }

  async #replace(
    seats: readonly Seat[],
    { graceful, progress }: { readonly graceful: boolean; readonly progress: (text: string) => void },
  ): Promise<void> {
    progress(`starting ${seats.length} new ${seats.length === 1 ? 'process' : 'processes'}`);
    const newcomers = await arrive(seats);
    if (this.state === 'stopping') {
      for (const newcomer of newcomers) newcomer.giveUp();
      return;
    }
    for (const [index, newcomer] of newcomers.entries()) {
      const { worker } = seats[index] as Seat;
      newcomer.install(departureOf(worker, { code: 1012, graceful, among: seats.length }));
    }
    await this.#allLeft(seats, { progress, graceful });
  }

  /** Resolves when nobody leaves any more; who takes longer than he may is killed. */
  async #allLeft(
    seats: readonly Seat[],
    { progress, graceful }: { readonly progress: (text: string) => void; readonly graceful: boolean },
  ): Promise<void> {
    const callOff = after(patienceMs(seats, graceful), () => {
      for (const seat of seats) for (const one of seat.leaving) one.kill();
    });
    for (;;) {
      const leaving = seats.flatMap((seat) => seat.leaving);
      if (leaving.length === 0) break;
      const left = leaving.reduce((sum, { connectionsLeft = 0 }) => sum + connectionsLeft, 0);
      progress(`${leaving.length} of ${seats.length} processes leave, ${left} connections left`);
      await Timer.sleep(PROGRESS_SECONDS);
    }
    callOff();
  }

  #servingOf(worker: BaseWorker): SlotProcess[] {
    return this.#seats().flatMap((seat) => (seat.worker === worker && seat.serving ? [seat.serving] : []));
  }

  #seats(): Seat[] {
    return this.#posts.flatMap(({ seats }) => seats);
  }

  /** The keys of a worker are read here, where they may be: its processes never open a key file. */
  #keep(worker: BaseWorker): KeyKeeper | undefined {
    if (worker.transport !== 'ssl' || !worker.address) return undefined;
    return worker.makeKeeper({
      changed: (keys) => {
        for (const seat of this.#seats()) if (seat.worker === worker) seat.each((one) => one.renew(keys));
      },
      present: (answers) => this.#present(worker, answers),
    });
  }

  /** Whichever process the authority's question comes to must know the answer, and there must be one. */
  async #present(worker: BaseWorker, answers: readonly ChallengeAnswer[]): Promise<void> {
    this.#answers.set(worker, answers);
    await this.#opened;
    const taken: Promise<void>[] = [];
    for (const seat of this.#seats()) seat.each((one) => taken.push(one.present(this.#allAnswers)));
    await Promise.all(taken);
  }

  get #allAnswers(): readonly ChallengeAnswer[] {
    return [...this.#answers.values()].flat();
  }
}

function bindFor(worker: BaseWorker): BoundSocket | undefined {
  if (!worker.address) return undefined;
  if (worker.bindsItself) {
    proveReusePort();
    return undefined;
  }
  const bound = bindAddress(worker.address, { ipv6Only: worker.options.socket?.ipv6_v6only ?? false });
  worker.boundPort = bound.port;
  return bound;
}

/** All of them, or none. */
async function arrive(seats: readonly Seat[]): Promise<Newcomer[]> {
  const arrivals = await Promise.allSettled(seats.map((seat) => seat.prepare()));
  const failed = arrivals.findIndex(({ status }) => status === 'rejected');
  const newcomers = arrivals.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  if (failed < 0) return newcomers;
  for (const newcomer of newcomers) newcomer.giveUp();
  const { reason } = arrivals[failed] as PromiseRejectedResult;
  throw new UsageError(
    'E_RELOAD',
    `worker ${seats[failed]?.worker.name}: ${(reason as Error).message}; the old processes serve on`,
  );
}
