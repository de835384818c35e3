import process from 'node:process';
import { roleFromEnvironment } from './master/launch/role.ts';
import { placeFromEnvironment } from './master/messages.ts';
import { serviceSettings } from './worker/service-settings.ts';

/** Words that may follow a script's own name, as they follow `usta`. */
const WORDS = new Set([
  'start',
  'stop',
  'restart',
  'reload',
  'status',
  'connections',
  'check',
  'scale',
  'help',
]);

/**
 * Obeys `node server.js stop` as `usta stop server.js`. Only in a process that a person has started: what was
 * launched to become something becomes it.
 *
 * @returns `undefined` when there is nothing to obey: this process is to serve. Otherwise it ends.
 */
export function obeyOwnWords(): Promise<never> | undefined {
  const [, script = '', word = '', ...rest] = process.argv;
  if (!WORDS.has(word) || roleFromEnvironment() !== undefined || placeFromEnvironment() !== undefined)
    return undefined;
  return word === 'start' ? startSelf(rest) : obeyCommand(word, script, rest);
}

async function obeyCommand(word: string, script: string, rest: readonly string[]): Promise<never> {
  const { obey } = await import('./cli/obey.ts');
  const { processTerminal } = await import('./cli/terminal.ts');
  const { COMMANDS } = await import('./commands/all.ts');
  const typed = word === 'help' ? ['help', ...rest] : [word, script, ...rest];
  process.exit(await obey(COMMANDS, typed, processTerminal()));
}

/** This process is the one that was asked to start: it serves, or sees to it in the background. */
function startSelf(rest: readonly string[]): Promise<never> | undefined {
  const flags = rest.filter((word) => FLAGS.has(word));
  process.argv.splice(2, process.argv.length, ...rest.filter((word) => !FLAGS.has(word)));
  if (flags.some((word) => word === '-q' || word === '--quiet')) process.env.USTA_QUIET = '1';
  return flags.some((word) => word === '-d' || word === '--daemon') ? goToBackground() : undefined;
}

async function goToBackground(): Promise<never> {
  const { startDaemon } = await import('./master/launch/daemon.ts');
  const { processTerminal } = await import('./cli/terminal.ts');
  const { stdoutFile } = serviceSettings;
  try {
    const { pid, output } = await startDaemon(stdoutFile === undefined ? {} : { stdoutFile });
    if (process.env.USTA_QUIET !== '1')
      processTerminal().print(`serves in the background (pid ${pid}); its output: ${output}`);
  } catch (error) {
    processTerminal().complain(`usta: ${(error as Error).message}`);
    process.exit(1);
  }
  process.exit(0);
}

const FLAGS = new Set(['-d', '--daemon', '-q', '--quiet']);
