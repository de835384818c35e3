import { closeSync, constants, fstatSync, openSync, statSync, writeSync } from 'node:fs';
import { SystemError } from '../../errors.ts';
import { now } from '../../timer.ts';

/** Not blocking: a pipe that nobody reads must not stop the service. */
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
const MODE = 0o640;
/** Between two looks at whether the file is still the one of its name. */
const LOOK_MS = 1000;

/**
 * A file that lines are appended to. Writing never throws: what cannot be written is counted, and told when it can be
 * again. Whoever rotates logs may move the file away: lines go on in a new one of its name within a second.
 */
export class LogFile {
  readonly #path: string;
  readonly #trouble: (text: string) => void;
  #descriptor: number;
  #lost = 0;
  /** A line was written only in part. */
  #torn = false;
  #looked = 0;
  /** It was told that no new file can be opened. */
  #stuck = false;

  /**
   * @param trouble told once when lines begin to be lost, or when a new file cannot be opened.
   * @throws {SystemError} it cannot be opened.
   */
  constructor(path: string, trouble: (text: string) => void) {
    this.#path = path;
    this.#trouble = trouble;
    this.#descriptor = open(path);
    this.#looked = now();
  }

  /** @param line with its line end. */
  write(line: string): void {
    if (now() - this.#looked >= LOOK_MS && this.#isGone()) this.reopen();
    const note = this.#lost === 0 ? '' : `(${this.#lost} lines could not be written)\n`;
    try {
      this.#append(`${this.#torn ? '\n' : ''}${note}${line}`);
      this.#lost = 0;
    } catch (error) {
      if (this.#lost++ === 0) this.#trouble(`the log file ${this.#path} ${failure(error, 'written')}`);
    }
  }

  /** Goes on in a new file of that name; stays with the old one if it cannot. */
  reopen(): void {
    try {
      const opened = open(this.#path);
      this.close();
      this.#descriptor = opened;
      this.#torn = false;
      this.#stuck = false;
    } catch (error) {
      if (!this.#stuck) this.#trouble((error as Error).message);
      this.#stuck = true;
    }
  }

  close(): void {
    try {
      closeSync(this.#descriptor);
    } catch {
      // Nothing more can be done for it.
    }
  }

  /** It was moved away, or another one has taken its name. */
  #isGone(): boolean {
    this.#looked = now();
    try {
      const [named, ours] = [statSync(this.#path), fstatSync(this.#descriptor)];
      return named.ino !== ours.ino || named.dev !== ours.dev;
    } catch {
      return true;
    }
  }

  #append(text: string): void {
    const bytes = Buffer.from(text);
    for (let start = 0; start < bytes.length; ) {
      start += writeSync(this.#descriptor, bytes, start);
      this.#torn = start < bytes.length;
    }
  }
}

function open(path: string): number {
  try {
    return openSync(path, FLAGS, MODE);
  } catch (cause) {
    const { code = 'E_LOG' } = cause as NodeJS.ErrnoException;
    throw new SystemError(code, `the log file ${path} ${failure(cause, 'opened')}`, { cause });
  }
}

/** `cannot be opened: permission denied`. */
function failure(error: unknown, what: string): string {
  const reason = (error as Error).message.replace(/^E\w+: |, (open|write)\b.*$/g, '');
  return `cannot be ${what}: ${reason}`;
}
