import { basename } from 'node:path';
import { SystemError } from '../../errors.ts';
import { after } from '../../timer.ts';
import { endInWords } from '../end-in-words.ts';
import type { CheckFinding } from './check-workers.ts';
import type { RunnableScript } from './script.ts';
import { ScriptProcess } from './script-process.ts';

export interface CheckChoice {
  readonly words: readonly string[];
  /** Milliseconds for the whole of it. Default 30,000. */
  readonly patienceMs?: number;
}

/**
 * Verifies all that a start of the script would need, in a process of its own, which is gone afterwards whatever
 * the script has begun. What the script prints goes to standard error.
 *
 * @throws {SystemError} the script cannot be loaded, or never calls `Worker.runAll()`.
 */
export async function checkScript(
  runnable: RunnableScript,
  { words, patienceMs = 30_000 }: CheckChoice,
): Promise<readonly CheckFinding[]> {
  const child = new ScriptProcess(runnable, {
    role: 'check',
    words,
    stdio: ['ignore', 2, 2, 'ipc'],
    patienceMs,
  });
  const callOff = after(patienceMs + 1_000, () => child.signal('SIGKILL'), true);
  const report = await child.report;
  callOff();
  child.signal('SIGKILL');
  const end = await child.ended;
  if (report?.type === 'checked') return report.findings;
  const { stack, message } = report?.type === 'failed' ? report : { stack: undefined, message: undefined };
  const name = basename(runnable.script);
  throw new SystemError(
    'E_CHECK',
    message ?? `${name} ended with ${endInWords(end)} before it called Worker.runAll()`,
    stack === undefined ? {} : { cause: Object.assign(new Error(message), { stack }) },
  );
}
