import process from 'node:process';
import { UsageError } from '../../errors.ts';
import { type RunEnd, runScript } from './run-script.ts';
import type { RunnableScript } from './script.ts';
import { type ScriptEnd, ScriptProcess } from './script-process.ts';

export interface LaunchOptions {
  readonly daemon: boolean;
  /** Says only what goes wrong. */
  readonly quiet: boolean;
  /** The script's own words. */
  readonly words: readonly string[];
  /** Called with one line when the script ends this process before it serves. */
  readonly complain?: (text: string) => void;
}

/** Passed on to a script that runs in a process of its own. */
const RELAYED = ['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP', 'SIGUSR2'] as const;

/**
 * Runs a person's script as a service: in this process where Node can run it as it is, else in one beside it.
 *
 * @returns how it ended; in the background, that it stands.
 * @throws {UstaError} one line: it cannot be loaded, calls no `Worker.runAll()`, or cannot go to the background.
 */
export async function launch(runnable: RunnableScript, options: LaunchOptions): Promise<RunEnd> {
  const { daemon, quiet, words, complain } = options;
  if (daemon) refuseInContainer();
  if (quiet) process.env.USTA_QUIET = '1';
  const role = daemon ? 'daemon' : 'master';
  if (runnable.execArgv.length === 0)
    return runScript(runnable.script, { role, words, ...(complain && { complain }) });
  const child = new ScriptProcess(runnable, { role, words, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
  const callOff = relaySignals(child);
  const first = await Promise.race([child.report, child.ended.then(() => undefined)]);
  const end = await child.ended;
  callOff();
  return (await child.report) ?? first ?? { type: 'ended', status: statusOf(end) };
}

/** @throws {UsageError} this is the first process of a container, which ends with it. */
export function refuseInContainer(): void {
  if (process.pid !== 1) return;
  throw new UsageError(
    'E_CONTAINER',
    'this is process 1, the first of a container, which ends with it: start in the foreground, without -d',
  );
}

/** @returns how to stop it. */
function relaySignals(child: ScriptProcess): () => void {
  // Ctrl+C goes to every process of a terminal already.
  const relay = (signal: NodeJS.Signals): void => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.signal(signal);
  };
  for (const signal of RELAYED) process.on(signal, relay);
  return () => {
    for (const signal of RELAYED) process.off(signal, relay);
  };
}

/** As a shell tells it: 128 and the number of the signal that matters here. */
function statusOf({ code, signal }: ScriptEnd): number {
  return code ?? (signal === 'SIGINT' ? 130 : signal === 'SIGKILL' ? 137 : 143);
}
