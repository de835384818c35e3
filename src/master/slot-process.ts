import { type ChildProcess, fork } from 'node:child_process';
import process from 'node:process';
import type { ChallengeAnswer } from '../certificates/acme/challenges.ts';
import type { Keys } from '../certificates/key-keeper.ts';
import { currentClock } from '../clock.ts';
import { after, now } from '../timer.ts';
import type { BoundSocket } from '../transport/bind.ts';
import type { Departure } from '../worker/departure.ts';
import type { ConnectionReport, ProcessReport } from '../worker/report.ts';
import { type Place, placeToEnvironment, type Question, type ToMaster, type ToSlot } from './messages.ts';

/** What a child is given when it is ready for it. */
export interface Belongings {
  /** The socket it is to listen on; `undefined` for a worker without address. */
  readonly bound: BoundSocket | undefined;
  /** `undefined` for a worker without TLS. */
  readonly keys: Keys | undefined;
  /** To give while an authority proves a domain. */
  readonly answers: readonly ChallengeAnswer[];
}

export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly livedMs: number;
}

export interface SlotEvents {
  ready(): void;
  /** It said why it cannot serve; `exited` follows. */
  failed(message: string): void;
  /** It has another number of connections. */
  loaded(): void;
  /** It serves and wants to be replaced. */
  recycle(reason: string): void;
  exited(end: End): void;
}

/** A child that does not answer within this time is busy. */
const ANSWER_MS = 1_000;

/** One child, seen from the master. */
export class SlotProcess {
  /** Connections that were left when it last said so, while it leaves. */
  connectionsLeft: number | undefined;
  isReady = false;
  /** Resolves when it does no more of what is to be done once: with that moment, in milliseconds since 1970. */
  readonly relieved: Promise<number>;
  /** Connections that it has, as it last said. */
  load = 0;
  readonly #child: ChildProcess;
  readonly #startedAt: number = now();
  /** What is asked of it and not answered, by number. */
  readonly #questions = new Map<number, (answer: unknown) => void>();
  #asked = 0;
  #relieve: (at: number) => void = () => {};

  constructor(place: Place, belongings: () => Belongings, events: SlotEvents) {
    const env = { ...process.env, ...placeToEnvironment(place) };
    const options = { env, serialization: 'advanced' } as const;
    this.relieved = new Promise((resolve) => {
      this.#relieve = resolve;
    });
    this.#child = fork(process.argv[1] ?? '', process.argv.slice(2), options);
    this.#child.on('message', (message: ToMaster) => this.#hear(message, belongings, events));
    this.#child.once('exit', (code, signal) => {
      this.#relieve(currentClock().date());
      for (const settle of [...this.#questions.values()]) settle(undefined);
      events.exited({ code, signal, livedMs: this.livedMs });
    });
    this.#child.once('error', (error) => events.failed(error.message));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get livedMs(): number {
    return now() - this.#startedAt;
  }

  get isLeaving(): boolean {
    return this.connectionsLeft !== undefined;
  }

  /** @param reload another process takes its place. */
  leave(departure: Departure, reload: boolean): void {
    this.connectionsLeft ??= 0;
    this.#send({ type: 'leave', departure, reload });
  }

  /** New handshakes get these. */
  renew(keys: Keys): void {
    this.#send({ type: 'keys', keys });
  }

  /** Tells it how many connections the others have. */
  share(average: number): void {
    this.#send({ type: 'share', average });
  }

  /** @param since what was due before that moment is done; now, without one. */
  takeDuty(since?: number): void {
    this.#send({ type: 'duty', since });
  }

  /** Tells it of a reload that it lives through. */
  mention(): void {
    this.#send({ type: 'reload' });
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** @returns `undefined` when it does not answer within a second, or is gone. */
  report(): Promise<ProcessReport | undefined> {
    return this.#ask({ about: 'process' }) as Promise<ProcessReport | undefined>;
  }

  /** @returns `undefined` when it does not answer within a second, or is gone. */
  connections(): Promise<readonly ConnectionReport[] | undefined> {
    return this.#ask({ about: 'connections' }) as Promise<readonly ConnectionReport[] | undefined>;
  }

  /** Resolves when it gives these answers to an authority, or does not answer itself. */
  async present(answers: readonly ChallengeAnswer[]): Promise<void> {
    await this.#ask({ about: 'challenges', answers });
  }

  #ask(question: Question): Promise<unknown> {
    const number = ++this.#asked;
    return new Promise((resolve) => {
      const settle = (answer: unknown): void => {
        callOff();
        this.#questions.delete(number);
        resolve(answer);
      };
      const callOff = after(ANSWER_MS, () => settle(undefined));
      this.#questions.set(number, settle);
      if (this.#child.connected) this.#send({ type: 'ask', number, question });
      else settle(undefined);
    });
  }

  #hear(message: ToMaster, belongings: () => Belongings, events: SlotEvents): void {
    switch (message.type) {
      case 'hello': {
        const { bound, keys, answers } = belongings();
        return this.#send({ type: 'listen', keys, answers }, bound);
      }
      case 'rebind':
        return this.#send({ type: 'socket' }, belongings().bound);
      case 'ready':
        this.isReady = true;
        return events.ready();
      case 'failed':
        return events.failed(message.message);
      case 'recycle':
        return events.recycle(message.reason);
      case 'load':
        this.load = message.connections;
        return events.loaded();
      case 'relieved':
        return this.#relieve(message.at);
      case 'leaving':
        this.connectionsLeft = message.connections;
        return;
      case 'answer':
        this.#questions.get(message.number)?.(message.answer);
    }
  }

  #send(message: ToSlot, bound?: BoundSocket): void {
    if (!this.#child.connected) return;
    this.#child.send(message, bound?.handle as never, { keepOpen: true }, () => {});
  }
}
