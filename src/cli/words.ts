import { parseArgs } from 'node:util';
import { UsageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { Command, OptionSpec } from './command.ts';

/** What a person typed after the name of a command, read by the command's own table. */
export class Words {
  readonly operands: readonly string[];
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(operands: readonly string[], values: Readonly<Record<string, unknown>>) {
    this.operands = operands;
    this.#values = values;
  }

  /** The value of an option, the last one if it was given twice. */
  text(name: string): string | undefined {
    return this.list(name).at(-1);
  }

  list(name: string): readonly string[] {
    const value = this.#values[name];
    if (Array.isArray(value)) return value.map(String);
    return value === undefined || typeof value === 'boolean' ? [] : [String(value)];
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  /** @throws {UsageError} it is no number, or below `least`. */
  number(name: string, least: number = 0): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (text.trim() !== '' && Number.isFinite(value) && value >= least) return value;
    throw new UsageError('E_OPTION', `--${name} needs a number from ${least} on, not "${text}"`);
  }
}

/** @throws {UsageError} one line: which word is wrong, and what was probably meant. */
export function readWords(command: Command, typed: readonly string[]): Words {
  const { values, positionals, tokens } = parseArgs({
    args: [...typed],
    options: Object.fromEntries(
      Object.entries(command.options).map(([name, spec]) => [name, described(spec)]),
    ),
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) if (token.kind === 'option') check(command, token);
  checkCount(command, positionals);
  return new Words(positionals, values);
}

function described({ value, multiple, short }: OptionSpec): {
  type: 'string' | 'boolean';
  multiple?: boolean;
  short?: string;
} {
  return {
    type: value === undefined ? 'boolean' : 'string',
    ...(multiple ? { multiple } : {}),
    ...(short === undefined ? {} : { short }),
  };
}

function check(
  command: Command,
  {
    name,
    rawName,
    value,
  }: { readonly name: string; readonly rawName: string; readonly value?: string | undefined },
): void {
  const spec = command.options[name];
  if (spec === undefined) throw unknownOption(command, name, rawName);
  if (spec.value !== undefined && (value === undefined || value === '')) {
    throw new UsageError('E_OPTION', `${rawName} needs a value: ${rawName} ${spec.value}`);
  }
  if (spec.value === undefined && value !== undefined) {
    throw new UsageError('E_OPTION', `${rawName} takes no value`);
  }
}

function unknownOption(command: Command, name: string, rawName: string): UsageError {
  const meant = nearest(name, Object.keys(command.options));
  const hint = meant === undefined ? `see usta help ${command.name}` : `did you mean --${meant}?`;
  return new UsageError('E_OPTION', `usta ${command.name} has no option ${rawName}; ${hint}`);
}

function checkCount({ name, usage, operands: { least, most } }: Command, given: readonly string[]): void {
  if (given.length >= least && given.length <= most) return;
  const surplus = given[most];
  const what = surplus === undefined ? 'something is missing' : `"${surplus}" is one word too many`;
  throw new UsageError('E_USAGE', `${what}; usage: usta ${name} ${usage}`.trim());
}
