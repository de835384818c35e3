import process from 'node:process';
import type { ChallengeAnswer } from '../certificates/acme/challenges.ts';
import type { KeyKeeper } from '../certificates/key-keeper.ts';
import { resolveLimits } from '../connection/limits.ts';
import { UstaError } from '../errors.ts';
import { after } from '../timer.ts';
import { formatAddress } from '../transport/address.ts';
import { type BoundSocket, bind } from '../transport/bind.ts';
import { log } from '../worker/log.ts';
import type { BaseWorker } from '../worker/worker.ts';
import type { Place } from './messages.ts';
import { HEALTHY_MS, judge } from './restart-policy.ts';
import { type Belongings, SlotProcess } from './slot-process.ts';

/** A place in the service: who sits there, and how often it was lost young. */
interface Seat {
  readonly place: Place;
  readonly worker: BaseWorker;
  readonly bound: BoundSocket | undefined;
  readonly keeper: KeyKeeper | undefined;
  process: SlotProcess | undefined;
  ready: boolean;
  crashes: number;
}

/**
 * Many processes as one service: binds every address once and keeps it, starts a child for every place,
 * starts it again when it dies, and stops all within a deadline.
 */
export class Master {
  readonly #seats: Seat[] = [];
  readonly #bound: BoundSocket[] = [];
  readonly #keepers: KeyKeeper[] = [];
  /** To give while an authority proves the domain of a worker. */
  readonly #answers = new Map<BaseWorker, readonly ChallengeAnswer[]>();
  #serving: () => void = () => {};
  #started = false;
  #stopping = false;

  /** @throws {SystemError} an address cannot be bound. @throws {UsageError} a certificate cannot be used. */
  constructor(workers: readonly BaseWorker[]) {
    try {
      this.#seatAll(workers);
    } catch (error) {
      this.#release();
      throw error;
    }
  }

  #seatAll(workers: readonly BaseWorker[]): void {
    for (const [index, worker] of workers.entries()) {
      const keeper = this.#keep(worker);
      const bound = this.#bind(worker);
      for (let slot = 0; slot < Math.max(1, worker.count); slot++) {
        const place = { worker: index, slot };
        this.#seats.push({ place, worker, bound, keeper, process: undefined, ready: false, crashes: 0 });
      }
    }
  }

  /** @param serving called once, when every place is taken for the first time. */
  start(serving: () => void): void {
    this.#serving = serving;
    process.title = `usta: master process ${process.argv[1] ?? ''}`;
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => this.stop(0));
    this.#unlock()
      .then(() => {
        for (const seat of this.#seats) this.#refill(seat);
      })
      .catch((error: Error) => {
        log(error instanceof UstaError ? error.message : (error.stack ?? error.message));
        this.stop(1);
      });
  }

  async #unlock(): Promise<void> {
    for (const keeper of this.#keepers) await keeper.start();
  }

  /** @param status this process ends with, once all children have left or were killed. */
  stop(status: number): void {
    if (this.#stopping) return;
    this.#stopping = true;
    process.exitCode = status;
    for (const keeper of this.#keepers) keeper.holdTickets();
    for (const seat of this.#seats) seat.process?.stop();
    after(this.#patienceMs(), () => {
      for (const seat of this.#seats) seat.process?.kill();
    });
    this.#leaveWhenEmpty();
  }

  #bind(worker: BaseWorker): BoundSocket | undefined {
    if (!worker.address) return undefined;
    const bound = bind(worker.address.place);
    worker.boundPort = bound.port;
    this.#bound.push(bound);
    return bound;
  }

  /** The keys of a worker are read here, where they may be: its processes never open a key file. */
  #keep(worker: BaseWorker): KeyKeeper | undefined {
    if (worker.transport !== 'ssl' || !worker.address) return undefined;
    const keeper = worker.makeKeeper({
      changed: (keys) => {
        for (const seat of this.#seats) if (seat.worker === worker) seat.process?.renew(keys);
      },
      present: (answers) => this.#present(worker, answers),
    });
    this.#keepers.push(keeper);
    return keeper;
  }

  /** Whichever process the authority's question comes to must know the answer. */
  async #present(worker: BaseWorker, answers: readonly ChallengeAnswer[]): Promise<void> {
    this.#answers.set(worker, answers);
    await Promise.all(this.#seats.map(({ process }) => process?.present(this.#allAnswers)));
  }

  get #allAnswers(): readonly ChallengeAnswer[] {
    return [...this.#answers.values()].flat();
  }

  #fill(seat: Seat): void {
    const belongings = (): Belongings => ({
      bound: seat.bound,
      keys: seat.keeper?.keys,
      answers: this.#allAnswers,
    });
    seat.process = new SlotProcess(seat.place, belongings, {
      ready: () => this.#seated(seat),
      failed: (message) => this.#refused(seat, message),
      exited: (end) => this.#lost(seat, end),
    });
  }

  #seated(seat: Seat): void {
    seat.ready = true;
    if (this.#started || !this.#seats.every(({ ready }) => ready)) return;
    this.#started = true;
    for (const line of this.#banner()) log(line);
    this.#serving();
  }

  /** Before the service has ever stood, a child that cannot serve ends the start. */
  #refused(seat: Seat, message: string): void {
    if (this.#stopping) return;
    log(`worker ${seat.worker.name}: ${message}`);
    if (!this.#started) this.stop(1);
  }

  #lost(
    seat: Seat,
    end: { readonly code: number | null; readonly signal: NodeJS.Signals | null; readonly livedMs: number },
  ): void {
    seat.process = undefined;
    const expected = this.#stopping;
    seat.crashes = end.livedMs >= HEALTHY_MS ? 0 : seat.crashes + 1;
    if (!expected) this.#mourn(seat, end);
    if (!expected && !this.#started && !seat.ready) return this.stop(1);
    seat.ready = false;
    const verdict = judge({ expected, livedMs: end.livedMs, crashes: seat.crashes });
    if (verdict.action === 'leave') return this.#leaveWhenEmpty();
    after(verdict.afterMs, () => this.#refill(seat), true);
  }

  #refill(seat: Seat): void {
    if (!this.#stopping) this.#fill(seat);
  }

  #mourn(seat: Seat, end: { readonly code: number | null; readonly signal: NodeJS.Signals | null }): void {
    const how = end.signal === null ? `exit status ${end.code}` : `signal ${end.signal}`;
    log(`worker ${seat.worker.name} process ${seat.place.slot} ended with ${how}`);
  }

  #leaveWhenEmpty(): void {
    if (this.#seats.some((seat) => seat.process !== undefined)) return;
    this.#release();
    process.exit();
  }

  #release(): void {
    for (const keeper of this.#keepers.splice(0)) keeper.stop();
    for (const bound of this.#bound.splice(0)) bound.close();
  }

  #patienceMs(): number {
    return Math.max(...this.#seats.map(({ worker }) => resolveLimits(worker.options).drainMs), 0) + 2_000;
  }

  #banner(): string[] {
    const first = this.#seats.filter(({ place }) => place.slot === 0);
    return first.map(({ worker: { name, address, count, transport }, bound }) => {
      const tls = transport === 'ssl' ? ' with TLS' : '';
      const place =
        address?.place.kind === 'ip' ? { ...address.place, port: bound?.port ?? 0 } : address?.place;
      const where = address && place ? `${address.scheme} on ${formatAddress(place)}${tls}` : 'no address';
      return `worker ${name}: ${where}, ${count} ${count === 1 ? 'process' : 'processes'}`;
    });
  }
}
