import type { Command } from '../cli/command.ts';
import { alignedRows } from '../cli/table.ts';
import type { Terminal } from '../cli/terminal.ts';
import { knownServices } from '../master/control/known-services.ts';
import { statusScreen } from '../master/screens/status-screen.ts';
import type { ServiceStatus } from '../master/service-status.ts';
import { Timer } from '../timer.ts';
import { askService, canvasOf } from './ask-service.ts';

/** Between two screens of `-d`, in seconds. */
const REFRESH = 1;
const CLEAR = '\u001b[H\u001b[J';

export const statusCommand: Command = {
  name: 'status',
  summary: 'shows a service and its processes; without a script, which services run',
  usage: '[SCRIPT] [-d] [--json]',
  operands: { least: 0, most: 1 },
  options: {
    dynamic: { short: 'd', summary: 'refreshes every second, until Ctrl+C' },
    json: { summary: 'prints one JSON document instead of a screen' },
  },
  examples: ['usta status', 'usta status server.ts', 'usta status server.ts --json'],
  async run(words, terminal) {
    const [script] = words.operands;
    if (script === undefined) return listServices(words.flag('json'), terminal);
    let before: ServiceStatus | undefined;
    do {
      const status = (await askService(script, { version: 1, command: 'status' }, terminal)) as ServiceStatus;
      if (words.flag('json')) terminal.print(JSON.stringify(status));
      else show(status, before, terminal);
      before = status;
      if (words.flag('dynamic')) await Timer.sleep(REFRESH);
    } while (words.flag('dynamic'));
    return 0;
  },
};

function show(status: ServiceStatus, before: ServiceStatus | undefined, terminal: Terminal): void {
  const { interactive } = terminal;
  const screen = statusScreen(status, before, canvasOf(terminal)).join('\n');
  terminal.print(before !== undefined && interactive ? CLEAR + screen : screen);
}

async function listServices(json: boolean, terminal: Terminal): Promise<number> {
  const services = await knownServices();
  const rows = services.map(({ pid, script, path }) => [
    `${pid ?? '-'}`,
    script ?? `${path} (does not answer)`,
  ]);
  if (json) terminal.print(JSON.stringify(services));
  else if (rows.length === 0) terminal.print('no service of yours is running');
  else terminal.print(alignedRows([['pid', 'script'], ...rows]).join('\n'));
  return 0;
}
