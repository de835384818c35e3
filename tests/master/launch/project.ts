import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import process from 'node:process';

const ROOT = join(import.meta.dirname ?? '.', '..', '..', '..', '..');
const USTA = join(ROOT, 'dist', 'src', 'usta.js');

/** Nothing that is started here lives longer. */
const DEADLINE_MS = 40_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly printed: string;
  readonly complaints: string;
}

/** A folder with scripts of a user, who has installed this package there. */
export class Project {
  readonly folder: string = realpathSync(mkdtempSync(join(tmpdir(), 'usta-project-')));
  readonly #running: Running[] = [];
  readonly #daemons: number[] = [];

  constructor(files: Readonly<Record<string, string>> = {}) {
    mkdirSync(join(this.folder, 'node_modules'));
    symlinkSync(ROOT, join(this.folder, 'node_modules', 'usta'));
    this.write('package.json', '{"type":"module"}');
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  read(name: string): string {
    return readFileSync(this.path(name), 'utf8');
  }

  /** `usta WORDS` in the folder, while it runs. */
  start(words: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    return this.node([USTA, ...words], env);
  }

  /** `node WORDS` in the folder, while it runs. */
  node(words: readonly string[], env: Readonly<Record<string, string>> = {}): Running {
    const running = new Running(process.execPath, words, {
      cwd: this.folder,
      env: { ...this.environment, ...env },
    });
    this.#running.push(running);
    return running;
  }

  /** `usta WORDS` in the folder, to its end. */
  async usta(...words: string[]): Promise<Ended> {
    const ended = await this.start(words).ended;
    const [, pid] = /in the background \(pid (\d+)\)/.exec(ended.printed) ?? [];
    if (pid !== undefined) this.#daemons.push(Number(pid));
    return ended;
  }

  /** Ended when the tests end. */
  adopt(pid: number): void {
    this.#daemons.push(pid);
  }

  get environment(): Record<string, string> {
    const { NODE_OPTIONS: _, ...rest } = process.env as Record<string, string>;
    return { ...rest, USTA_RUNTIME_DIR: this.path('run'), USTA_CA_DIRECTORY: this.path('ca') };
  }

  async end(): Promise<void> {
    await Promise.all(this.#running.map((one) => one.end()));
    for (const pid of this.#daemons) if (isAlive(pid)) process.kill(pid, 'SIGTERM');
    await Promise.all(this.#daemons.map((pid) => gone(pid)));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A command while it runs, with what it has said. */
export class Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
  printed = '';
  complaints = '';

  constructor(
    program: string,
    words: readonly string[],
    options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
  ) {
    this.process = spawn(program, words, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    this.process.stdout?.on('data', (chunk: Buffer) => {
      this.printed += chunk;
    });
    this.process.stderr?.on('data', (chunk: Buffer) => {
      this.complaints += chunk;
    });
    const deadline = setTimeout(() => this.process.kill('SIGKILL'), DEADLINE_MS);
    this.ended = once(this.process, 'exit').then(async ([code, signal]) => {
      clearTimeout(deadline);
      await new Promise((resolve) => setImmediate(resolve));
      return { code, signal, printed: this.printed, complaints: this.complaints };
    });
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  get said(): string {
    return this.printed + this.complaints;
  }

  /** Resolves when it has said that, `times` times. */
  async says(pattern: RegExp, times: number = 1): Promise<RegExpExecArray> {
    for (;;) {
      const found = [...this.said.matchAll(new RegExp(pattern, `${pattern.flags}g`))].at(times - 1);
      if (found) return found;
      if (this.process.exitCode !== null || this.process.signalCode !== null)
        throw new Error(`it ended without saying ${pattern}:\n${this.said}`);
      await Promise.race([this.#next(), this.ended]);
    }
  }

  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill(signal);
    return this.ended;
  }

  #next(): Promise<unknown> {
    const { stdout, stderr } = this.process;
    return Promise.race(
      [stdout, stderr].map((stream) => (stream ? once(stream, 'data') : new Promise(() => {}))),
    );
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Resolves when the process has ended. @throws after ten seconds. */
export async function gone(pid: number): Promise<void> {
  for (const deadline = Date.now() + 10_000; isAlive(pid); ) {
    if (Date.now() > deadline) throw new Error(`process ${pid} still runs`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A service that answers with the id of its process, at a port of its choice. */
export function service(port: number, more: string = ''): string {
  return `import { Worker } from 'usta';
const worker = new Worker('http://127.0.0.1:${port}', { name: 'web', drainTimeout: 1 });
worker.onMessage = (connection) => connection.send(String(process.pid) + ' ' + process.argv.slice(2).join(' '));
${more}
Worker.runAll();
`;
}

/** What a service answers. */
export async function ask(port: number): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/`, { headers: { Connection: 'close' } });
  return answer.text();
}
