import type { Command } from '../cli/command.ts';
import { UsageError } from '../errors.ts';
import { askService } from './ask-service.ts';

/** More processes than this are a slip of the finger. */
const MOST = 1_024;

export const scaleCommand: Command = {
  name: 'scale',
  summary: 'changes how many processes serve a worker, until the service is started again',
  usage: 'SCRIPT NAME=COUNT',
  operands: { least: 2, most: 2 },
  options: {},
  examples: ['usta scale server.ts chat=4'],
  async run(words, terminal) {
    const [script = '', wish = ''] = words.operands;
    const { worker, count } = readWish(wish);
    await askService(script, { version: 1, command: 'scale', worker, count }, terminal);
    terminal.print(`worker ${worker} of ${script}: ${count} ${count === 1 ? 'process' : 'processes'}`);
    return 0;
  },
};

function readWish(text: string): { worker: string; count: number } {
  const [, worker = '', digits = ''] = /^(.+)=(\d{1,6})$/.exec(text) ?? [];
  const count = Number(digits);
  if (worker !== '' && count >= 1 && count <= MOST) return { worker, count };
  throw new UsageError(
    'E_OPTION',
    `"${text}" is no NAME=COUNT with a count from 1 to ${MOST}, such as chat=4`,
  );
}
