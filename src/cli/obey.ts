import { UsageError, UstaError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { Command, CommandEntry } from './command.ts';
import { helpFor, overview } from './help.ts';
import type { Terminal } from './terminal.ts';
import { readWords } from './words.ts';

const ASKING = new Set(['help', '--help', '-h']);

/**
 * Does what a person typed.
 *
 * @returns the exit code: 0 done, 1 it failed, 2 it was typed wrong.
 */
export async function obey(
  commands: readonly (Command | CommandEntry)[],
  typed: readonly string[],
  terminal: Terminal,
): Promise<number> {
  try {
    return await carryOut(commands, typed, terminal);
  } catch (error) {
    if (!(error instanceof UstaError)) throw error;
    terminal.complain(`usta: ${error.message}`);
    return error instanceof UsageError ? 2 : 1;
  }
}

async function carryOut(
  commands: readonly (Command | CommandEntry)[],
  [word = '', ...rest]: readonly string[],
  terminal: Terminal,
): Promise<number> {
  if (word === '' || ASKING.has(word)) {
    const about = rest[0];
    terminal.print(
      about === undefined ? overview(await all(commands)) : helpFor(await known(commands, about)),
    );
    return word === '' ? 2 : 0;
  }
  const command = await known(commands, word);
  if (rest.some((one) => one === '--help' || one === '-h')) {
    terminal.print(helpFor(command));
    return 0;
  }
  return command.run(readWords(command, rest), terminal);
}

function all(commands: readonly (Command | CommandEntry)[]): Promise<Command[]> {
  return Promise.all(commands.map(loaded));
}

async function known(commands: readonly (Command | CommandEntry)[], word: string): Promise<Command> {
  const entry = commands.find(({ name }) => name === word);
  if (entry) return loaded(entry);
  const meant = nearest(
    word,
    commands.map(({ name }) => name),
  );
  const hint = meant === undefined ? 'usta help lists the commands' : `did you mean usta ${meant}?`;
  throw new UsageError('E_COMMAND', `there is no command "${word}"; ${hint}`);
}

async function loaded(entry: Command | CommandEntry): Promise<Command> {
  return 'load' in entry ? entry.load() : entry;
}
