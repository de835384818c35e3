import Module from 'node:module';
import process from 'node:process';
import { SystemError } from '../../errors.ts';
import { after } from '../../timer.ts';
import { loadFailure } from './failure.ts';
import { hearReports, type Report } from './report.ts';
import { type Role, roleToEnvironment, whenRoleIsTaken } from './role.ts';

export interface RunChoice {
  readonly role: Role;
  /** The script's own words: what it finds in `process.argv` after its name. */
  readonly words: readonly string[];
  /** Milliseconds for the script to call `Worker.runAll()`. Default 60,000. */
  readonly patienceMs?: number;
  /** Called with one line when the script itself ends this process, as if all were well, before it serves. */
  readonly complain?: (text: string) => void;
}

/** How the script's part in this process ended: with a status, or with something to tell. */
export type RunEnd = { readonly type: 'ended'; readonly status: number } | Report;

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * Runs a script in this very process, as its main module, as if Node had been started with it.
 *
 * A master stays in it: then the process ends by itself, and this never resolves.
 *
 * @throws {SystemError} it threw before it called `Worker.runAll()`, or never called it.
 */
export function runScript(script: string, choice: RunChoice): Promise<RunEnd> {
  const { role, words, patienceMs = 60_000, complain } = choice;
  Object.assign(process.env, roleToEnvironment(role));
  process.argv.splice(1, process.argv.length, script, ...words);
  return new Promise((resolve, reject) => {
    const failed = (error: unknown): void => {
      calm();
      reject(loadFailure(error, script));
    };
    const idle = (): void => {
      if (!taken) return failed(new SystemError('E_NO_RUN_ALL', NEVER));
      resolve({ type: 'ended', status: Number(process.exitCode ?? 0) });
    };
    const gone = (status: number): void => {
      if (status !== 0) return;
      process.exitCode = 1;
      complain?.(loadFailure(new SystemError('E_NO_RUN_ALL', NEVER), script).message);
    };
    let taken = false;
    const callOffDeadline = after(patienceMs, () => failed(tooLate(patienceMs)));
    const deaf = hearReports(resolve);
    const stopExpecting = whenRoleIsTaken(() => {
      taken = true;
      calm();
    });
    /** From here on the script speaks for itself. */
    const calm = (): void => {
      callOffDeadline();
      stopExpecting();
      process.off('uncaughtException', failed);
      process.off('exit', gone);
      for (const signal of SIGNALS) process.off(signal, leave);
      if (!taken) deaf();
    };
    process.on('uncaughtException', failed);
    process.on('beforeExit', idle);
    process.on('exit', gone);
    for (const signal of SIGNALS) process.on(signal, leave);
    try {
      Module.runMain();
    } catch (error) {
      failed(error);
    }
  });
}

const NEVER = 'it ended without calling Worker.runAll(); a script that serves ends with that call';

function tooLate(patienceMs: number): SystemError {
  return new SystemError(
    'E_NO_RUN_ALL',
    `it has not called Worker.runAll() within ${patienceMs / 1000} s; a script that serves ends with that call`,
  );
}

/** The first process of a container hears only signals that it listens for. */
function leave(signal: NodeJS.Signals): void {
  process.exit(signal === 'SIGINT' ? 130 : 143);
}
