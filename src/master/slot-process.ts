import { type ChildProcess, fork } from 'node:child_process';
import process from 'node:process';
import type { ChallengeAnswer } from '../certificates/acme/challenges.ts';
import type { Keys } from '../certificates/key-keeper.ts';
import { now } from '../timer.ts';
import type { BoundSocket } from '../transport/bind.ts';
import { type Place, placeToEnvironment, type ToMaster, type ToSlot } from './messages.ts';

export interface SlotEvents {
  ready(): void;
  /** It said why it cannot serve; `exited` follows. */
  failed(message: string): void;
  exited(end: {
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly livedMs: number;
  }): void;
}

/** What a child is given. */
export interface Belongings {
  /** The socket it is to listen on; `undefined` for a worker without address. */
  readonly bound: BoundSocket | undefined;
  /** `undefined` for a worker without TLS. */
  readonly keys: Keys | undefined;
  /** To give while an authority proves a domain. */
  readonly answers: readonly ChallengeAnswer[];
}

/** One child, seen from the master. */
export class SlotProcess {
  readonly #child: ChildProcess;
  readonly #startedAt: number = now();
  /** What is asked of it and not confirmed, by number. */
  readonly #answered = new Map<number, () => void>();
  #asked = 0;

  /** @param belongings what it listens on and speaks TLS with, asked for when it is ready for them. */
  constructor(place: Place, belongings: () => Belongings, events: SlotEvents) {
    const env = { ...process.env, ...placeToEnvironment(place) };
    const options = { env, serialization: 'advanced' } as const;
    this.#child = fork(process.argv[1] ?? '', process.argv.slice(2), options);
    this.#child.on('message', (message: ToMaster) => {
      if (message.type === 'hello') this.#listen(belongings());
      else if (message.type === 'ready') events.ready();
      else if (message.type === 'answering') this.#answered.get(message.number)?.();
      else events.failed(message.message);
    });
    this.#child.once('exit', (code, signal) =>
      events.exited({ code, signal, livedMs: now() - this.#startedAt }),
    );
    this.#child.once('error', (error) => events.failed(error.message));
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  stop(): void {
    this.#send({ type: 'stop' }, undefined);
  }

  /** Resolves when it gives these answers, or is gone. */
  present(answers: readonly ChallengeAnswer[]): Promise<void> {
    const number = ++this.#asked;
    return new Promise((resolve) => {
      const settle = (): void => {
        this.#answered.delete(number);
        resolve();
      };
      this.#answered.set(number, settle);
      this.#child.once('exit', settle);
      if (this.#child.connected) this.#send({ type: 'answers', answers, number }, undefined);
      else settle();
    });
  }

  /** New handshakes get these. */
  renew(keys: Keys): void {
    this.#send({ type: 'keys', keys }, undefined);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #listen({ bound, keys, answers }: Belongings): void {
    this.#send({ type: 'listen', keys, answers }, bound);
  }

  #send(message: ToSlot, bound: BoundSocket | undefined): void {
    if (!this.#child.connected) return;
    this.#child.send(message, bound?.handle as never, { keepOpen: true }, () => {});
  }
}
