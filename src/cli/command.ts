import type { Terminal } from './terminal.ts';
import type { Words } from './words.ts';

/** One word that people type after `usta`, and what it does. */
export interface Command {
  readonly name: string;
  /** One line for `usta help`. */
  readonly summary: string;
  /** What follows the name, options apart: `wss://HOST/PATH`. */
  readonly usage: string;
  /** How many words may follow, options apart. */
  readonly operands: { readonly least: number; readonly most: number };
  readonly options: Readonly<Record<string, OptionSpec>>;
  /** Lines under the options in `usta help NAME`: examples. */
  readonly examples: readonly string[];
  /**
   * @returns the exit code: 0 only on success.
   * @throws {UstaError} shown as one line, exit code 1; a UsageError 2.
   */
  run(words: Words, terminal: Terminal): Promise<number>;
}

export interface OptionSpec {
  /** What stands for its value in the help; a flag has none. */
  readonly value?: string;
  /** May be given more than once. */
  readonly multiple?: boolean;
  /** One letter. */
  readonly short?: string;
  readonly summary: string;
}

/** A command by name, loaded when it is needed. */
export interface CommandEntry {
  readonly name: string;
  readonly load: () => Promise<Command>;
}
