import { basename, dirname } from 'node:path';
import type { Source } from '../../bytes/source.ts';
import { SystemError, UsageError, type UstaError } from '../../errors.ts';
import { isAboutDirectory, isPrivateDirectory } from '../../runtime-directory.ts';
import { after } from '../../timer.ts';
import type { Sink, Wire, WireCause } from '../../transport/engine.ts';
import { nodeEngine } from '../../transport/node-engine.ts';
import { LineReader } from './lines.ts';
import {
  CONTROL_VERSION,
  type ControlAnswer,
  type ControlRequest,
  type Hello,
  type HelloRequest,
  MAX_LINE,
} from './messages.ts';
import { startedByOthers } from './other-users.ts';
import { hasHungUp, pulseOf } from './probe.ts';
import type { ControlPlace } from './socket-path.ts';

export interface AskOptions {
  /** Called with a line for the person who waits. */
  readonly progress?: (text: string) => void;
  /** Seconds without a word from the master before it is given up. It says one every two seconds. Default 10. */
  readonly timeout?: number;
}

/**
 * Asks the master of a script. Nothing of it is left when the promise settles.
 *
 * @returns the result of the request.
 * @throws {SystemError} one line: it does not run (`E_NOT_RUNNING`), runs as another user (`E_OTHER_USER`), is of
 *   another version (`E_CONTROL_VERSION`), ended before it answered (`E_GONE`), is silent (`E_SILENT`), or failed.
 * @throws {UsageError} what the master says was asked wrong.
 */
export async function askMaster(
  place: ControlPlace,
  request: ControlRequest | HelloRequest,
  options: AskOptions = {},
): Promise<unknown> {
  let killed = false;
  let complaint: unknown;
  for (const path of place.paths) {
    try {
      if (isPrivateDirectory(dirname(path))) return await new Exchange(place, options).ask(path, request);
    } catch (error) {
      const pulse = pulseOf((error as NodeJS.ErrnoException).code);
      if (pulse === 'living') throw new SystemError('E_SILENT', tooManyWait(place), { cause: error });
      if (pulse === undefined && !isAboutDirectory(error)) throw error;
      killed ||= pulse === 'dead';
      complaint ??= pulse === undefined ? error : undefined;
    }
  }
  throw complaint ?? notRunning(place, killed);
}

/** Who listens on these paths; asked of a master of any version. */
export async function askHello(place: ControlPlace, timeout: number): Promise<Hello> {
  const { pid, script, version } = (await askMaster(place, hello, { timeout })) as Partial<Hello>;
  return { pid: Number(pid), script: String(script), version: Number(version) };
}

const hello: HelloRequest = { version: CONTROL_VERSION, command: 'hello' };

/** One request and its answer. */
class Exchange implements Sink {
  readonly #name: string;
  readonly #options: AskOptions;
  readonly #lines = new LineReader(MAX_LINE);
  readonly #parts: string[] = [];
  #request = '';
  #isHello = false;
  #settle: ((outcome: Outcome) => void) | undefined;
  #callOff: () => void = () => {};

  constructor(place: ControlPlace, options: AskOptions) {
    this.#name = basename(place.script);
    this.#options = options;
  }

  async ask(path: string, request: ControlRequest | HelloRequest): Promise<unknown> {
    this.#request = `${JSON.stringify(request)}\n`;
    this.#isHello = request.command === 'hello';
    const outcome = new Promise<Outcome>((resolve) => {
      this.#settle = resolve;
    });
    const wire = nodeEngine.connect({ kind: 'unix', path }, {}, this);
    this.#wait();
    const { result, error } = await outcome;
    this.#callOff();
    wire.destroy();
    if (error !== undefined) throw error;
    return result;
  }

  accepted(): void {}

  opened(wire: Wire): void {
    wire.out.writeUtf8(this.#request);
    wire.commit();
  }

  received(_wire: Wire, { bytes }: Source, start: number, end: number): void {
    try {
      this.#lines.push(bytes.subarray(start, end));
      for (let line = this.#lines.pull(); line !== undefined && this.#settle; line = this.#lines.pull()) {
        this.#wait();
        this.#hear((JSON.parse(line) ?? {}) as Partial<ControlAnswer>);
      }
    } catch (error) {
      const unreadable = error instanceof SyntaxError || error instanceof RangeError;
      this.#end({ error: unreadable ? this.#unreadable(error) : error });
    }
  }

  ended(): void {
    this.#gone();
  }

  buffered(): void {}

  /** Of a connect that failed, the system's error is for the caller to judge. */
  closed(_wire: Wire, { how, error }: WireCause): void {
    const { code } = (error ?? {}) as NodeJS.ErrnoException;
    if (how !== 'failed' || !error || hasHungUp(code)) this.#gone();
    else this.#end({ error: code === 'EACCES' ? this.#foreign(error) : error });
  }

  #hear(answer: Partial<ControlAnswer>): void {
    const understood = answer.version === CONTROL_VERSION || answer.type === 'failed' || this.#isHello;
    if (!understood) throw new SyntaxError(`an answer of version ${answer.version}`);
    switch (answer.type) {
      case 'working':
        return;
      case 'progress':
        return this.#options.progress?.(oneLine(answer.text));
      case 'part':
        this.#parts.push(String(answer.text));
        return;
      case 'done':
        return this.#end({
          result: this.#parts.length > 0 ? JSON.parse(this.#parts.join('')) : answer.result,
        });
      case 'failed':
        return this.#end({ error: failureOf(answer) });
      default:
        throw new SyntaxError(`an answer of type ${JSON.stringify(answer.type)}`);
    }
  }

  #wait(): void {
    this.#callOff();
    const { timeout = 10 } = this.#options;
    this.#callOff = after(timeout * 1000, () => {
      const message = `the master of ${this.#name} has said nothing for ${timeout} s: it is stopped, or too busy`;
      this.#end({ error: new SystemError('E_SILENT', message) });
    });
  }

  #gone(): void {
    this.#end({ error: new SystemError('E_GONE', `the master of ${this.#name} ended before it answered`) });
  }

  #foreign(cause: Error): SystemError {
    const message = `${this.#name} runs as another user, whose it is to control it: use sudo`;
    return new SystemError('E_OTHER_USER', message, { cause });
  }

  #unreadable(cause: Error): SystemError {
    const message = `the master of ${this.#name} answers what this usta does not understand: use the usta that has started it`;
    return new SystemError('E_CONTROL_VERSION', message, { cause });
  }

  #end(outcome: Outcome): void {
    this.#settle?.(outcome);
    this.#settle = undefined;
  }
}

interface Outcome {
  readonly result?: unknown;
  readonly error?: unknown;
}

function failureOf({ code, message, fault }: Partial<ControlAnswer & { type: 'failed' }>): UstaError {
  const family = fault === 'usage' ? UsageError : SystemError;
  return new family(oneLine(code), oneLine(message));
}

/** What comes from elsewhere must not steer a terminal. */
function oneLine(text: unknown): string {
  return String(text)
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
}

function notRunning(place: ControlPlace, killed: boolean): SystemError {
  const name = basename(place.script);
  const end = killed ? ': it was killed, or the machine went down' : '';
  return new SystemError('E_NOT_RUNNING', `${name} is not running${end}${startedByOthers(place)}`);
}

function tooManyWait({ script }: ControlPlace): string {
  return `the master of ${basename(script)} accepts nobody: it is stopped, or too busy`;
}
