import { after } from '../timer.ts';
import type { Departure } from '../worker/departure.ts';
import { log } from '../worker/log.ts';
import type { BaseWorker } from '../worker/worker.ts';
import { endInWords } from './end-in-words.ts';
import type { Place } from './messages.ts';
import { restartDelay, wasHealthy } from './restart-policy.ts';
import type { ConnectionStatus, ProcessStatus } from './service-status.ts';
import { type Belongings, type End, SlotProcess } from './slot-process.ts';

/** A newcomer that has not said within this time that it serves is given up. */
const ARRIVAL_MS = 60_000;

export interface SeatEvents {
  /** Its process serves. */
  seated(seat: Seat): void;
  /** Its process has said why it cannot serve. */
  refused(seat: Seat, message: string): void;
  /** The process in service has ended although nobody had asked it to. @returns whether to start another. */
  lost(seat: Seat, end: End): boolean;
  /** The process in service wants another in its place. */
  tired(seat: Seat, reason: string): void;
  /** Its process has another number of connections. */
  loaded(seat: Seat): void;
}

/** A process that serves, or is about to, and the reload that it belongs to. */
interface Sitter {
  readonly process: SlotProcess;
  readonly generation: number;
}

/**
 * One place in the service: the process that sits there, those that have been replaced and still wait for
 * their clients to leave, and what is known of those that were lost.
 */
export class Seat {
  readonly place: Place;
  readonly worker: BaseWorker;
  /** How its processes have ended, unasked. */
  readonly exits: Record<string, number> = {};
  readonly #belongings: () => Belongings;
  readonly #events: SeatEvents;
  readonly #generation: () => number;
  readonly #leaving = new Set<Sitter>();
  /** Processes that are to take the place of one that serves, and have not yet. */
  readonly #arriving = new Set<Sitter>();
  #sitter: Sitter | undefined;
  /** Resolves when nobody who has sat here does anything any more of what is to be done once. */
  #relieved: Promise<number | undefined> = Promise.resolve(undefined);
  /** How many in a row did not live long here. */
  #young = 0;
  #callOff: (() => void) | undefined;

  constructor(place: Place, worker: BaseWorker, { belongings, events, generation }: SeatMakings) {
    this.place = place;
    this.worker = worker;
    this.#belongings = belongings;
    this.#events = events;
    this.#generation = generation;
  }

  get isServing(): boolean {
    return this.#sitter?.process.isReady ?? false;
  }

  /** The process that serves, once it does. */
  get serving(): SlotProcess | undefined {
    return this.isServing ? this.#sitter?.process : undefined;
  }

  /** Processes that have been told to leave and have not. */
  get leaving(): readonly SlotProcess[] {
    return [...this.#leaving].map(({ process }) => process);
  }

  /** Starts a process here. */
  fill(): void {
    this.#callOff = undefined;
    const sitter: Sitter = {
      generation: this.#generation(),
      process: this.#start(
        () => {
          this.#hand(sitter.process);
          this.#events.seated(this);
        },
        (end) => this.#left(sitter, end),
      ),
    };
    this.#sitter = sitter;
  }

  /**
   * Starts a process beside the one that serves.
   *
   * @returns how to put it in its place once it serves, or to give it up.
   * @throws {Error} it does not serve: why.
   */
  async prepare(): Promise<Newcomer> {
    const newcomer = await this.#arrival();
    return {
      install: (departure) => this.#install(newcomer, departure),
      giveUp: () => newcomer.process.kill(),
    };
  }

  /** Tells everybody here to leave; who has not arrived yet serves nobody and is ended. */
  vacate(departure: Departure): void {
    for (const { process } of this.#arriving) process.kill();
    this.#callOff?.();
    this.#callOff = undefined;
    if (this.#sitter) this.#dismiss(this.#sitter, departure, false);
    this.#sitter = undefined;
  }

  kill(): void {
    for (const { process } of [...this.#sitters, ...this.#arriving]) process.kill();
  }

  /** Whoever serves here, and whoever still leaves. */
  each(act: (process: SlotProcess) => void): void {
    for (const { process } of this.#sitters) act(process);
  }

  /** The open connections of its processes; of those that do not answer, none. */
  async connections(): Promise<ConnectionStatus[]> {
    const all = await Promise.all(
      this.#sitters.map(async ({ process }) => {
        const reports = (await process.connections()) ?? [];
        return reports.map((report) => ({ ...report, pid: process.pid, worker: this.worker.name }));
      }),
    );
    return all.flat();
  }

  async status(): Promise<ProcessStatus[]> {
    const all = await Promise.all(this.#sitters.map((sitter) => this.#statusOf(sitter)));
    if (this.#callOff) all.push({ ...this.#base(this.#generation()), pid: 0, state: 'backing-off' });
    return all;
  }

  get #sitters(): readonly Sitter[] {
    return [...(this.#sitter ? [this.#sitter] : []), ...this.#leaving];
  }

  async #statusOf({ process, generation }: Sitter): Promise<ProcessStatus> {
    const base = { ...this.#base(generation), pid: process.pid };
    if (!process.isReady) return { ...base, state: 'starting' };
    const report = await process.report();
    if (report === undefined) return { ...base, state: process.isLeaving ? 'draining' : 'busy' };
    return { ...base, state: process.isLeaving ? 'draining' : 'idle', report };
  }

  #base(generation: number): Pick<ProcessStatus, 'worker' | 'id' | 'generation'> {
    return { worker: this.worker.name, id: this.place.slot, generation };
  }

  #start(ready: () => void, exited: (end: End) => void, failed?: (message: string) => void): SlotProcess {
    const started: SlotProcess = new SlotProcess(this.place, this.#belongings, {
      ready,
      failed: failed ?? ((message) => this.#events.refused(this, message)),
      loaded: () => this.#events.loaded(this),
      recycle: (reason) => this.#tired(started, reason),
      exited,
    });
    return started;
  }

  #arrival(): Promise<Sitter> {
    return new Promise((resolve, reject) => {
      let reason: string | undefined;
      let arrived = false;
      const sitter: Sitter = {
        generation: this.#generation(),
        process: this.#start(
          () => {
            arrived = true;
            callOff();
            resolve(sitter);
          },
          (end) => {
            callOff();
            this.#arriving.delete(sitter);
            if (arrived) this.#left(sitter, end);
            else reject(new Error(reason ?? `it ended with ${endInWords(end)} before it served`));
          },
          (message) => {
            reason = message;
          },
        ),
      };
      const callOff = after(ARRIVAL_MS, () => {
        reason = `it did not serve within ${ARRIVAL_MS / 1000} s`;
        sitter.process.kill();
      });
      this.#arriving.add(sitter);
    });
  }

  #install(newcomer: Sitter, departure: Departure): void {
    const before = this.#sitter;
    this.#arriving.delete(newcomer);
    this.#callOff?.();
    this.#callOff = undefined;
    this.#sitter = newcomer;
    if (before) this.#dismiss(before, departure, true);
    this.#hand(newcomer.process);
  }

  /** What is to be done once is never done by two: the next begins when all before have stopped. */
  #hand(next: SlotProcess): void {
    void this.#relieved.then((since) => next.takeDuty(since));
    const both = Promise.all([this.#relieved, next.relieved]);
    this.#relieved = both.then(([, at]) => at);
  }

  #dismiss(sitter: Sitter, departure: Departure, reload: boolean): void {
    this.#leaving.add(sitter);
    sitter.process.leave(departure, reload);
  }

  #left(sitter: Sitter, end: End): void {
    this.#tell(sitter, end);
    const asked = this.#leaving.delete(sitter);
    if (this.#sitter === sitter) this.#lost(end);
    else if (!asked && !sitter.process.isLeaving) this.#note(end);
  }

  #lost(end: End): void {
    this.#sitter = undefined;
    this.#note(end);
    const wait = this.#pauseAfter(end.livedMs);
    if (this.#events.lost(this, end)) this.#callOff = after(wait, () => this.fill(), true);
  }

  /** One that asks to be replaced as soon as it serves would ask again and again: it has to wait as well. */
  #tired(process: SlotProcess, reason: string): void {
    const wait = this.#pauseAfter(process.livedMs);
    const ask = (): void => {
      if (this.#sitter?.process === process) this.#events.tired(this, reason);
    };
    if (wait > 0) after(wait, ask);
    else ask();
  }

  /** @returns milliseconds until another may be started in the place of one that has lived so long. */
  #pauseAfter(livedMs: number): number {
    this.#young = wasHealthy(livedMs) ? 0 : this.#young + 1;
    return restartDelay(this.#young);
  }

  #note(end: End): void {
    const how = endInWords(end);
    this.exits[how] = (this.exits[how] ?? 0) + 1;
    log(`worker ${this.worker.name} process ${this.place.slot} ended with ${how}`);
  }

  #tell({ process: { pid } }: Sitter, { code, signal }: End): void {
    try {
      this.worker.onWorkerExit?.(this.worker, signal ?? code ?? 0, pid);
    } catch (error) {
      log('onWorkerExit failed', { level: 'error', error });
    }
  }
}

export interface SeatMakings {
  readonly belongings: () => Belongings;
  readonly events: SeatEvents;
  /** How many reloads there were. */
  readonly generation: () => number;
}

/** A process that serves beside another, whose place it may take. */
export interface Newcomer {
  install(departure: Departure): void;
  giveUp(): void;
}
