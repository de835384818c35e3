import { closeSync } from 'node:fs';
import process from 'node:process';
import { SystemError } from '../../errors.ts';
import { after } from '../../timer.ts';
import { endInWords } from '../end-in-words.ts';
import { type Output, openOutput, printedSince } from './output.ts';
import { type Report, tellLauncher } from './report.ts';
import { ScriptProcess } from './script-process.ts';
import { refuseInContainer } from './start.ts';

export interface DaemonChoice {
  /** Where its standard output and errors go; by default a file of the service in the runtime directory. */
  readonly stdoutFile?: string;
  /** Milliseconds until the service has to stand. Default 60,000. */
  readonly patienceMs?: number;
}

export interface Daemon {
  /** Of the master. */
  readonly pid: number;
  /** Where its standard output and errors go. */
  readonly output: string;
}

/** Milliseconds that a master has to end when it is told to. */
const END_MS = 5_000;

/**
 * Starts the master of the script of this process in the background: in a session of its own, without terminal.
 *
 * @returns when the service stands.
 * @throws {SystemError} why it does not; nothing of it is left then.
 */
export async function startDaemon({ stdoutFile, patienceMs = 60_000 }: DaemonChoice = {}): Promise<Daemon> {
  refuseInContainer();
  const [, script = '', ...words] = process.argv;
  const output = openOutput(script, stdoutFile);
  const { descriptor } = output;
  const runnable = { script, execArgv: [] };
  const master = new ScriptProcess(runnable, {
    role: 'master',
    words,
    stdio: ['ignore', descriptor, descriptor, 'ipc'],
    detached: true,
    environment: { USTA_DAEMON: '1' },
    patienceMs,
  });
  closeSync(descriptor);
  const callOff = after(patienceMs, () => void master.end(END_MS), true);
  const started = performance.now();
  const report = await master.report;
  callOff();
  if (report?.type === 'standing') {
    master.release();
    return { pid: master.pid, output: output.path };
  }
  await master.end(END_MS);
  if (report?.type === 'failed') throw new SystemError('E_DAEMON', report.message);
  if (performance.now() - started >= patienceMs) {
    throw new SystemError(
      'E_DAEMON',
      `the service did not stand within ${patienceMs / 1000} s; its output: ${output.path}`,
    );
  }
  throw new SystemError(
    'E_DAEMON',
    `the master ended with ${endInWords(await master.ended)}${lastWords(output)}`,
  );
}

/** Does that for whoever has launched the script, and tells what came of it. */
export async function answerDaemon(choice: DaemonChoice = {}): Promise<void> {
  const report = await startDaemon(choice).then(
    (daemon): Report => ({ type: 'standing', ...daemon }),
    (error: Error): Report => ({ type: 'failed', message: error.message }),
  );
  const apart = process.connected;
  await tellLauncher(report);
  if (apart) process.exit(report.type === 'standing' ? 0 : 1);
}

function lastWords(output: Output): string {
  const line = printedSince(output)
    .split('\n')
    .filter((one) => /\S/.test(one))
    .at(-1);
  return line === undefined
    ? ` before the service stood`
    : ` before the service stood; its last line in ${output.path}: ${line}`;
}
