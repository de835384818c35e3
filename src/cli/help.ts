import type { Command, OptionSpec } from './command.ts';
import { alignedRows } from './table.ts';

/** All commands, a line each. */
export function overview(commands: readonly Command[]): string {
  const rows = commands.map(({ name, summary }) => [`  ${name}`, summary]);
  return ['usta COMMAND [options]', '', ...alignedRows(rows), '', 'usta help COMMAND tells more.'].join('\n');
}

/** One command with its options and examples. */
export function helpFor({ name, summary, usage, options, examples }: Command): string {
  const rows = Object.entries(options).map(([word, spec]) => [`  ${spelled(word, spec)}`, spec.summary]);
  const lines = [`usta ${name} ${usage}`.trimEnd(), '', `${summary}`];
  if (rows.length > 0) lines.push('', ...alignedRows(rows));
  if (examples.length > 0) lines.push('', ...examples.map((line) => `  ${line}`));
  return lines.join('\n');
}

function spelled(word: string, { short, value }: OptionSpec): string {
  const letter = short === undefined ? '' : `-${short}, `;
  return `${letter}--${word}${value === undefined ? '' : ` ${value}`}`;
}
