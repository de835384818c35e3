import { existsSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { after } from '../../timer.ts';
import { endInWords } from '../end-in-words.ts';
import type { RunnableScript } from './script.ts';
import { ScriptProcess } from './script-process.ts';
import { TreeWatch } from './tree-watch.ts';

export interface DevelopChoice {
  readonly words: readonly string[];
  /** Watches by looking every second: for folders whose changes the system does not tell, such as shared ones. */
  readonly polls: boolean;
  /** A line for the person. */
  readonly say: (text: string) => void;
  /** The stack of an exception. */
  readonly sayStack: (stack: string) => void;
  /** Ends it when it is aborted. */
  readonly signal: AbortSignal;
}

/** Milliseconds that the service has to leave before it is killed: a person waits. */
const PATIENCE_MS = 2_000;

/** Milliseconds for which one timer keeps the process. */
const HOLD_MS = 86_400_000;

const IGNORED = ['node_modules', 'dist'];
const HEEDED = /\.(?:[cm]?[jt]s|env)$|^(?:package|tsconfig)\.json$/;

/**
 * Runs a script, and runs it anew whenever a file of its project is saved. One that does not start is told, and
 * waited for until the next save.
 */
export async function develop(runnable: RunnableScript, choice: DevelopChoice): Promise<void> {
  const stage = new Stage(runnable, choice);
  const root = projectOf(runnable.script);
  const watch = new TreeWatch(
    root,
    { enters: entersFrom(runnable.script), heeds: isSource, polls: choice.polls },
    (files) => {
      const [first = ''] = files;
      const more = files.length > 1 ? ` and ${files.length - 1} more` : '';
      choice.say(`${relative(root, first)}${more} saved: starting anew`);
      void stage.restart();
    },
  );
  choice.say(`watching ${root}${watch.polls ? ', by looking every second' : ''}`);
  await stage.restart();
  await aborted(choice.signal);
  watch.stop();
  await stage.close();
}

/** Waits, also while nothing else runs in this process. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const hold = (): (() => void) => after(HOLD_MS, () => (letGo = hold()), true);
    let letGo = hold();
    const end = (): void => {
      letGo();
      resolve();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

/** The service that runs at present; one change of it at a time. */
class Stage {
  readonly #runnable: RunnableScript;
  readonly #choice: DevelopChoice;
  #process: ScriptProcess | undefined;
  #queue: Promise<void> = Promise.resolve();
  #wanted = 0;

  constructor(runnable: RunnableScript, choice: DevelopChoice) {
    this.#runnable = runnable;
    this.#choice = choice;
  }

  /** Several wishes while one is carried out are one. */
  restart(): Promise<void> {
    const wish = ++this.#wanted;
    this.#queue = this.#queue.then(async () => {
      if (wish !== this.#wanted) return;
      await this.#clear();
      this.#start();
    });
    return this.#queue;
  }

  close(): Promise<void> {
    this.#wanted++;
    this.#queue = this.#queue.then(() => this.#clear());
    return this.#queue;
  }

  async #clear(): Promise<void> {
    const old = this.#process;
    this.#process = undefined;
    await old?.end(PATIENCE_MS);
  }

  #start(): void {
    const { words, say, sayStack } = this.#choice;
    const started = new ScriptProcess(this.#runnable, {
      role: 'master',
      words,
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      execArgv: ['--enable-source-maps'],
      environment: { USTA_DEV: '1' },
    });
    this.#process = started;
    void Promise.all([started.report, started.ended]).then(([report, end]) => {
      if (this.#process !== started) return;
      this.#process = undefined;
      if (report?.type !== 'failed') say(`the service ended with ${endInWords(end)}`);
      else {
        say(report.message);
        if (report.stack !== undefined) sayStack(report.stack);
      }
      say('waiting for the next save');
    });
  }
}

/** The folder around a script that has a `package.json`, else its own. */
function projectOf(script: string): string {
  for (let folder = dirname(script); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json'))) return folder;
    if (dirname(folder) === folder) return dirname(script);
  }
}

/** What is built is only looked at where the script itself lies in it. */
function entersFrom(script: string): (name: string, path: string) => boolean {
  return (name, path) => {
    if (script.startsWith(path + sep)) return true;
    return !IGNORED.includes(name) && !name.startsWith('.');
  };
}

function isSource(name: string): boolean {
  return HEEDED.test(name);
}
