import type { Command } from '../cli/command.ts';
import type { Terminal } from '../cli/terminal.ts';
import type { Words } from '../cli/words.ts';
import { checkScript } from '../master/launch/check.ts';
import type { CheckFinding } from '../master/launch/check-workers.ts';
import { findScript } from '../master/launch/script.ts';
import { after } from '../timer.ts';
import { guarded, LAUNCH_OPTIONS, SCRIPT_OPERANDS } from './start.ts';

const MARKS = {
  fine: ['green', '✓'],
  warning: ['yellow', '!'],
  fault: ['red', '✗'],
} as const;

/** `usta check`: all that a start would verify, without starting. */
export const checkCommand: Command = {
  name: 'check',
  summary: 'verifies all that a start would need, and starts nothing',
  usage: 'SCRIPT [-- WORDS]',
  operands: SCRIPT_OPERANDS,
  options: { trace: LAUNCH_OPTIONS.trace ?? { summary: '' } },
  examples: ['usta check server.ts'],
  run: (words, terminal) =>
    guarded(words, terminal, async () => {
      const findings = await checked(words, terminal);
      for (const one of findings) terminal.print(shown(one, terminal));
      return findings.some(({ severity }) => severity === 'fault') ? 1 : 0;
    }),
};

/** @throws {UstaError} the script cannot be loaded. */
export async function checked(words: Words, terminal: Terminal): Promise<readonly CheckFinding[]> {
  const [named = '', ...own] = words.operands;
  const callOff = after(1_000, () => terminal.progress('checking …'));
  try {
    return await checkScript(findScript(named), { words: own });
  } finally {
    callOff();
    terminal.progress('');
  }
}

export function shown({ severity, text }: CheckFinding, terminal: Terminal): string {
  const [colour, mark] = MARKS[severity];
  return `${terminal.paint(colour, mark)} ${text}`;
}
