import type { Command } from '../cli/command.ts';
import { connectionsScreen } from '../master/screens/connections-screen.ts';
import type { ConnectionStatus } from '../master/service-status.ts';
import { askService, canvasOf, SCRIPT } from './ask-service.ts';

export const connectionsCommand: Command = {
  name: 'connections',
  summary: 'lists the open connections of a service',
  usage: 'SCRIPT [--json] [--worker NAME]',
  operands: SCRIPT,
  options: {
    json: { summary: 'prints one JSON document instead of a table' },
    worker: { value: 'NAME', summary: 'of this worker alone' },
  },
  examples: ['usta connections server.ts', 'usta connections server.ts --json --worker chat'],
  async run(words, terminal) {
    const [script = ''] = words.operands;
    const worker = words.text('worker');
    const request = { version: 1, command: 'connections', ...(worker && { worker }) } as const;
    const connections = (await askService(script, request, terminal)) as ConnectionStatus[];
    const screen = connectionsScreen(connections, canvasOf(terminal));
    terminal.print(words.flag('json') ? JSON.stringify(connections) : screen.join('\n'));
    return 0;
  },
};
