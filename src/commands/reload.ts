import type { Command } from '../cli/command.ts';
import { askService, SCRIPT } from './ask-service.ts';
import { SCOPE_OPTIONS, scopeOf } from './scope.ts';

export const reloadCommand: Command = {
  name: 'reload',
  summary: 'replaces the processes of a service, or of one worker, without a gap',
  usage: 'SCRIPT [-g] [--worker NAME]',
  operands: SCRIPT,
  options: SCOPE_OPTIONS,
  examples: ['usta reload server.ts', 'usta reload server.ts --worker chat'],
  async run(words, terminal) {
    const [script = ''] = words.operands;
    const { scope, named } = scopeOf(words);
    await askService(script, { version: 1, command: 'reload', ...scope }, terminal);
    terminal.print(`${named} is reloaded`);
    return 0;
  },
};
