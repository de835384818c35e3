import type { Command } from '../cli/command.ts';
import { askService, SCRIPT } from './ask-service.ts';
import { SCOPE_OPTIONS, scopeOf } from './scope.ts';

export const stopCommand: Command = {
  name: 'stop',
  summary: 'stops a service, or one worker of it, and waits until it has ended',
  usage: 'SCRIPT [-g] [--worker NAME]',
  operands: SCRIPT,
  options: SCOPE_OPTIONS,
  examples: ['usta stop server.ts', 'usta stop server.ts -g'],
  async run(words, terminal) {
    const [script = ''] = words.operands;
    const { scope, named } = scopeOf(words);
    await askService(script, { version: 1, command: 'stop', ...scope }, terminal);
    terminal.print(`${named} has stopped`);
    return 0;
  },
};
