import type { Source } from '../../bytes/source.ts';
import { SystemError, UsageError, UstaError } from '../../errors.ts';
import { publish } from '../../telemetry.ts';
import { after, every } from '../../timer.ts';
import type { Sink, Wire } from '../../transport/engine.ts';
import { LineReader } from './lines.ts';
import { CONTROL_VERSION, type ControlRequest, type ControlWord, type Hello, MAX_LINE } from './messages.ts';
import { readRequest, UNREADABLE } from './request.ts';

/** Characters of a result's JSON in one line: at most three bytes each. */
const PART = 20_000;
/** Bytes that may wait for a reader: beyond it progress is left out, and a long result waits. */
const MAX_QUEUED = 262_144;
/** Characters of a text for a person. */
const MAX_TEXT = 2_000;
const WORKING_MS = 2_000;
/** From our last word to the end of it all. */
const PARTING_MS = 1_000;

/** Does what is asked. What it returns is the result; what it throws, the reason why not. */
export type Obey = (request: ControlRequest, progress: (text: string) => void) => Promise<unknown>;

/** What a connection needs of the server. */
export interface Desk {
  readonly obey: Obey;
  readonly hello: () => Hello;
  /** Milliseconds that a request line may take to come. */
  readonly requestMs: number;
  /** Milliseconds that a reader may take for a quarter of a MiB. */
  readonly readerMs: number;
  left(connection: ControlConnection): void;
}

/** One command line at the master: requests are answered in order, one at a time. */
export class ControlConnection implements Sink {
  readonly #wire: Wire;
  readonly #desk: Desk;
  readonly #welcome: boolean;
  readonly #lines = new LineReader(MAX_LINE);
  #callOff: () => void = () => {};
  #drained: (() => void) | undefined;
  #busy = false;
  /** No more requests are read: the other side has ended, or we are about to. */
  #last = false;
  #closed = false;

  /** @param welcome false: there are too many, it is told so. */
  constructor(wire: Wire, desk: Desk, welcome: boolean) {
    this.#wire = wire;
    this.#desk = desk;
    this.#welcome = welcome;
    this.#await();
  }

  accepted(): void {}

  opened(): void {
    if (this.#welcome) return;
    this.#say(failureOf(new SystemError('E_CROWDED', 'too many ask the master at the same time: try again')));
    this.#part();
  }

  received(wire: Wire, { bytes }: Source, start: number, end: number): void {
    if (this.#last) return;
    this.#lines.push(bytes.subarray(start, end));
    wire.pause();
    if (!this.#busy) void this.#work();
  }

  ended(): void {
    if (!this.#busy) this.#part();
    this.#last = true;
  }

  buffered(wire: Wire): void {
    if (wire.bufferedBytes <= MAX_QUEUED) this.#drained?.();
  }

  closed(): void {
    this.#closed = this.#last = true;
    this.#callOff();
    this.#drained?.();
    this.#desk.left(this);
  }

  /** After the answer that is under way. */
  leave(): void {
    if (!this.#busy) this.#part();
    this.#last = true;
  }

  destroy(): void {
    this.#wire.destroy();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    this.#callOff();
    try {
      for (let line = this.#lines.pull(); line !== undefined; line = this.#lines.pull()) {
        if (line.trim() !== '') await this.#answer(line);
      }
    } catch (cause) {
      this.#last = true;
      const unreadable = new UsageError(UNREADABLE, (cause as Error).message, { cause });
      this.#say(failureOf(unreadable));
    }
    this.#busy = false;
    if (this.#last) return this.#part();
    this.#await();
    this.#wire.resume();
  }

  /** @throws {UsageError} the line is no request. */
  async #answer(line: string): Promise<void> {
    try {
      const request = readRequest(line);
      await this.#deliver(request.command === 'hello' ? this.#desk.hello() : await this.#obey(request));
    } catch (error) {
      if (error instanceof UsageError && error.code === UNREADABLE) throw error;
      this.#say(failureOf(error));
    }
  }

  async #obey(request: ControlRequest): Promise<unknown> {
    const stop = every(WORKING_MS, () => this.#sayInPassing({ type: 'working' }));
    try {
      return await this.#desk.obey(request, (text) =>
        this.#sayInPassing({ type: 'progress', text: cut(text) }),
      );
    } finally {
      stop();
    }
  }

  async #deliver(result: unknown): Promise<void> {
    const text = JSON.stringify(result) ?? '';
    if (text.length <= PART) return this.#say({ type: 'done', result });
    for (let start = 0; start < text.length && !this.#closed; start += PART) {
      this.#say({ type: 'part', text: text.slice(start, start + PART) });
      await this.#hasRoom();
    }
    this.#say({ type: 'done' });
  }

  /** Resolves when little waits for the reader; one who does not read is given up. */
  #hasRoom(): Promise<void> {
    if (this.#closed || this.#wire.bufferedBytes <= MAX_QUEUED) return Promise.resolve();
    const callOff = after(this.#desk.readerMs, () => this.destroy());
    return new Promise<void>((resolve) => {
      this.#drained = resolve;
    }).finally(() => {
      callOff();
      this.#drained = undefined;
    });
  }

  /** What is no answer is not worth waiting for a slow reader. */
  #sayInPassing(answer: ControlWord): void {
    if (this.#busy && this.#wire.bufferedBytes < MAX_QUEUED) this.#say(answer);
  }

  #say(answer: ControlWord): void {
    if (this.#closed) return;
    this.#wire.out.writeUtf8(`${JSON.stringify({ version: CONTROL_VERSION, ...answer })}\n`);
    this.#wire.commit();
  }

  /** A line has to come by then. */
  #await(): void {
    this.#callOff();
    const { requestMs } = this.#desk;
    this.#callOff = after(requestMs, () => {
      this.#say(failureOf(new UsageError(UNREADABLE, `no request has come within ${requestMs / 1000} s`)));
      this.#part();
    });
  }

  /** Ends our side; what still comes is read and dropped, so that our last word is not lost on the way. */
  #part(): void {
    if (this.#closed) return;
    this.#last = true;
    this.#wire.end();
    this.#wire.resume();
    this.#callOff();
    this.#callOff = after(PARTING_MS, () => this.destroy());
  }
}

function failureOf(error: unknown): ControlWord {
  if (error instanceof UstaError) {
    const fault = error instanceof UsageError ? 'usage' : 'system';
    return { type: 'failed', code: error.code, message: cut(error.message), fault };
  }
  publish('usta:handler:failed', { callback: 'control', error });
  const message = `the master could not do it, its log has more: ${error instanceof Error ? error.message : error}`;
  return { type: 'failed', code: 'E_CONTROL_FAILED', message: cut(message), fault: 'system' };
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}
