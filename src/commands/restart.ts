import type { Command } from '../cli/command.ts';
import type { Terminal } from '../cli/terminal.ts';
import type { Words } from '../cli/words.ts';
import { SystemError } from '../errors.ts';
import { askHello, askMaster } from '../master/control/control-client.ts';
import { type ControlPlace, controlPlace } from '../master/control/socket-path.ts';
import { now, Timer } from '../timer.ts';
import { checked, shown } from './check.ts';
import { guarded, LAUNCH_OPTIONS, SCRIPT_OPERANDS, startScript } from './start.ts';

/** Milliseconds that a master has to leave once its service is stopped. */
const LEAVE_MS = 10_000;

/** `usta restart`: stops a service and starts it anew; one that could not start is not stopped. */
export const restartCommand: Command = {
  name: 'restart',
  summary: 'stops a service and starts it anew, if its script could start',
  usage: 'SCRIPT [-d] [-q] [-g] [-- WORDS]',
  operands: SCRIPT_OPERANDS,
  options: {
    ...LAUNCH_OPTIONS,
    graceful: { short: 'g', summary: 'lets clients leave by themselves first' },
  },
  examples: ['usta restart server.ts -d', 'usta restart server.ts -d -g'],
  async run(words, terminal) {
    const status = await guarded(words, terminal, async () => {
      const findings = await checked(words, terminal);
      const faults = findings.filter(({ severity }) => severity === 'fault');
      for (const one of faults) terminal.complain(shown(one, terminal));
      if (faults.length > 0) throw new SystemError('E_RESTART', 'it could not start: nothing was stopped');
      await stop(words, terminal);
      return 0;
    });
    return status === 0 ? startScript(words, terminal) : status;
  },
};

async function stop(words: Words, terminal: Terminal): Promise<void> {
  const [named = ''] = words.operands;
  const request = { version: 1, command: 'stop', graceful: words.flag('graceful') } as const;
  const quiet = words.flag('quiet');
  const place = controlPlace(named);
  try {
    await askMaster(place, request, { progress: (text) => terminal.progress(text) });
    await untilGone(place);
    terminal.progress('');
    if (!quiet) terminal.complain(`${named} is stopped`);
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    // It ended with the answer on its way.
    if (error.code === 'E_GONE') return untilGone(place);
    if (error.code !== 'E_NOT_RUNNING') throw error;
    if (!quiet) terminal.complain(error.message);
  }
}

/** A master that has stopped its service has still to leave its place. */
async function untilGone(place: ControlPlace): Promise<void> {
  for (const deadline = now() + LEAVE_MS; now() < deadline; await Timer.sleep(0.02)) {
    try {
      await askHello(place, 1);
    } catch (error) {
      if ((error as SystemError).code === 'E_NOT_RUNNING') return;
    }
  }
  throw new SystemError('E_RESTART', `${place.script} has stopped, but its master does not end`);
}
