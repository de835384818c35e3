import process from 'node:process';
import type { Command } from '../cli/command.ts';
import { develop } from '../master/launch/develop.ts';
import { findScript } from '../master/launch/script.ts';
import { SCRIPT_OPERANDS } from './start.ts';

/** `usta dev`: a service that starts anew whenever its sources are saved. */
export const devCommand: Command = {
  name: 'dev',
  summary: 'runs a service and starts it anew whenever a file is saved',
  usage: 'SCRIPT [--poll] [-- WORDS]',
  operands: SCRIPT_OPERANDS,
  options: {
    poll: { summary: 'looks every second: for shared folders, whose changes the system does not tell' },
  },
  examples: ['usta dev server.ts'],
  async run(words, terminal) {
    const [named = '', ...own] = words.operands;
    const runnable = findScript(named);
    const controller = new AbortController();
    const end = (): void => controller.abort();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
    await develop(runnable, {
      words: own,
      polls: words.flag('poll'),
      say: (text) => terminal.complain(`${terminal.paint('cyan', 'usta dev')} ${text}`),
      sayStack: (stack) => terminal.complain(stack),
      signal: controller.signal,
    });
    return 0;
  },
};
