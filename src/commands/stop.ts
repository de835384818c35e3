import type { Command } from '../cli/command.ts';
import { askService, SCRIPT } from './ask-service.ts';

export const stopCommand: Command = {
  name: 'stop',
  summary: 'stops a service, or one worker of it, and waits until it has ended',
  usage: 'SCRIPT [-g] [--worker NAME]',
  operands: SCRIPT,
  options: {
    graceful: { short: 'g', summary: 'lets clients leave by themselves first, up to gracefulTimeout' },
    worker: { value: 'NAME', summary: 'this worker alone' },
  },
  examples: ['usta stop server.ts', 'usta stop server.ts -g'],
  async run(words, terminal) {
    const [script = ''] = words.operands;
    const worker = words.text('worker');
    const graceful = words.flag('graceful');
    const request = { version: 1, command: 'stop', graceful, ...(worker && { worker }) } as const;
    await askService(script, request, terminal);
    terminal.print(
      worker === undefined ? `${script} has stopped` : `worker ${worker} of ${script} has stopped`,
    );
    return 0;
  },
};
