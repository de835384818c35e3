import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import process from 'node:process';
import { SystemError } from './errors.ts';

/** Where administration programs are, which a person's PATH often leaves out. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'];

export interface ProgramOptions {
  /** Seconds before it is ended by SIGKILL; `Infinity` for no deadline. Default 10. */
  readonly timeout?: number;
  /** Bytes kept of each output; more is read and dropped. Default 1 MiB. */
  readonly maxOutput?: number;
  /** Sent to its standard input. */
  readonly input?: string;
  /** Added to our own environment. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
}

/** How a program ended, and what it said. */
export interface Outcome {
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
  readonly timedOut: boolean;
}

/** A foreign program while it runs. */
export interface Program {
  readonly pid: number;
  readonly ended: Promise<Outcome>;
  /** What it has said so far. */
  readonly output: string;
  readonly errors: string;
  signal(name: NodeJS.Signals): void;
}

/**
 * Runs a program to its end. Its arguments are a list: no shell reads them.
 *
 * @throws {SystemError} it is not installed or cannot be run.
 */
export async function runProgram(
  name: string,
  words: readonly string[],
  options: ProgramOptions = {},
): Promise<Outcome> {
  const program = await startProgram(name, words, options);
  return program.ended;
}

/**
 * Starts a program and goes on; `ended` resolves, whatever happens, by its deadline.
 *
 * @throws {SystemError} it is not installed or cannot be run.
 */
export async function startProgram(
  name: string,
  words: readonly string[],
  options: ProgramOptions = {},
): Promise<Program> {
  const path = findProgram(name);
  if (path === undefined) throw new SystemError('E_NO_PROGRAM', `${name} is not installed`);
  const child = spawn(path, words, {
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
    ...(options.directory === undefined ? {} : { cwd: options.directory }),
  });
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => {
      reject(new SystemError('E_PROGRAM', `${path} cannot be run: ${cause.message}`, { cause }));
    });
    child.once('spawn', () => resolve(new ChildProgram(child, options)));
  });
}

/** @returns its path: on PATH, or in the folders of administration programs; `undefined` when it is not there. */
export function findProgram(name: string): string | undefined {
  if (name.includes('/')) return isRunnable(name) ? name : undefined;
  const folders = [...(process.env.PATH ?? '').split(delimiter), ...SYSTEM_FOLDERS];
  return folders.map((folder) => join(folder, name)).find(isRunnable);
}

function isRunnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

class ChildProgram implements Program {
  readonly pid: number;
  readonly ended: Promise<Outcome>;
  readonly #child: ChildProcess;
  readonly #output: CappedText;
  readonly #errors: CappedText;

  constructor(child: ChildProcess, { timeout = 10, maxOutput = 1_048_576, input }: ProgramOptions) {
    this.#child = child;
    this.pid = child.pid ?? 0;
    this.#output = new CappedText(maxOutput);
    this.#errors = new CappedText(maxOutput);
    child.stdout?.on('data', (chunk: Buffer) => this.#output.add(chunk));
    child.stderr?.on('data', (chunk: Buffer) => this.#errors.add(chunk));
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
    this.ended = this.#end(timeout);
  }

  get output(): string {
    return this.#output.text;
  }

  get errors(): string {
    return this.#errors.text;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  #end(timeout: number): Promise<Outcome> {
    let timedOut = false;
    const deadline = Number.isFinite(timeout) ? AbortSignal.timeout(timeout * 1000) : undefined;
    const cut = (): void => {
      timedOut = true;
      this.#child.kill('SIGKILL');
      // A grandchild may hold the pipes open: what it still says is not waited for.
      this.#child.stdout?.destroy();
      this.#child.stderr?.destroy();
    };
    deadline?.addEventListener('abort', cut);
    return new Promise((resolve) => {
      this.#child.once('close', (exitCode) => {
        deadline?.removeEventListener('abort', cut);
        resolve({ exitCode, output: this.output, errors: this.errors, timedOut });
      });
    });
  }
}

class CappedText {
  readonly #limit: number;
  readonly #chunks: Buffer[] = [];
  #size = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }

  add(chunk: Buffer): void {
    const kept = chunk.subarray(0, this.#limit - this.#size);
    if (kept.length === 0) return;
    this.#chunks.push(kept);
    this.#size += kept.length;
  }
}
