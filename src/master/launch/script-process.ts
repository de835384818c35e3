import { type ChildProcess, fork, type StdioOptions } from 'node:child_process';
import { extname } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { after } from '../../timer.ts';
import type { Report } from './report.ts';
import { type Role, roleToEnvironment } from './role.ts';
import type { RunnableScript } from './script.ts';

export interface ScriptProcessChoice {
  readonly role: Role;
  readonly words: readonly string[];
  readonly stdio: StdioOptions;
  /** It outlives us. */
  readonly detached?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  /** More words for Node. */
  readonly execArgv?: readonly string[];
  /** Milliseconds for the script to call `Worker.runAll()`. */
  readonly patienceMs?: number;
}

export interface ScriptEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const BOOTSTRAP = fileURLToPath(new URL(`./bootstrap${extname(import.meta.url)}`, import.meta.url));

/** A process of its own that runs a person's script and tells what came of it. */
export class ScriptProcess {
  /** The first thing that it tells; `undefined` when it ends without a word. */
  readonly report: Promise<Report | undefined>;
  readonly ended: Promise<ScriptEnd>;
  readonly #child: ChildProcess;

  constructor({ script, execArgv }: RunnableScript, choice: ScriptProcessChoice) {
    const { role, words, stdio, detached = false, environment = {}, patienceMs } = choice;
    this.#child = fork(BOOTSTRAP, [script, ...words], {
      stdio,
      detached,
      execArgv: [...process.execArgv, ...execArgv, ...(choice.execArgv ?? [])],
      env: {
        ...process.env,
        ...roleToEnvironment(role),
        ...(detached ? {} : { USTA_ATTACHED: '1' }),
        ...(patienceMs === undefined ? {} : { USTA_PATIENCE: String(patienceMs) }),
        ...environment,
      },
    });
    this.ended = new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => resolve({ code, signal }));
      this.#child.once('error', () => resolve({ code: 1, signal: null }));
    });
    this.report = new Promise((resolve) => {
      this.#child.on('message', (report) => resolve(report as Report));
      // What it has told before it ended may still be on its way.
      void this.ended.then(() =>
        this.#child.connected ? this.#child.once('disconnect', resolve) : resolve(undefined),
      );
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** It is on its own from here. */
  release(): void {
    if (this.#child.connected) this.#child.disconnect();
    this.#child.unref();
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Ends it: by SIGTERM, and by SIGKILL after that many milliseconds. */
  async end(patienceMs: number): Promise<void> {
    this.#child.kill('SIGTERM');
    const callOff = after(patienceMs, () => void this.#child.kill('SIGKILL'), true);
    await this.ended;
    callOff();
  }
}
