import type { Command } from '../cli/command.ts';
import { askService, SCRIPT } from './ask-service.ts';

export const reloadCommand: Command = {
  name: 'reload',
  summary: 'replaces the processes of a service, or of one worker, without a gap',
  usage: 'SCRIPT [-g] [--worker NAME]',
  operands: SCRIPT,
  options: {
    graceful: { short: 'g', summary: 'lets clients leave by themselves first, up to gracefulTimeout' },
    worker: { value: 'NAME', summary: 'this worker alone' },
  },
  examples: ['usta reload server.ts', 'usta reload server.ts --worker chat'],
  async run(words, terminal) {
    const [script = ''] = words.operands;
    const worker = words.text('worker');
    const graceful = words.flag('graceful');
    const request = { version: 1, command: 'reload', graceful, ...(worker && { worker }) } as const;
    await askService(script, request, terminal);
    terminal.print(`${worker === undefined ? script : `worker ${worker} of ${script}`} is reloaded`);
    return 0;
  },
};
