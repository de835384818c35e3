import { inspect } from 'node:util';
import type { LogEntry } from './entry.ts';
import { printable, printableJson } from './printable.ts';

/**
 * - `text`: time, pid and sentence; a stack trace follows on the same line.
 * - `json`: one object.
 * - `pretty`: as `text`, with a stack trace on indented lines, for a developer's terminal.
 */
export type LogFormat = 'text' | 'json' | 'pretty';

/** What a pipe takes at once, whole: lines of several processes on one do not mix. @see POSIX, write(), PIPE_BUF */
const MOST_BYTES = 4096;
const LEAST_CHARACTERS = 16;

/** The event as it stands in the log: with its line end, and at most 4,096 bytes. */
export function formatLine(entry: LogEntry, format: LogFormat): string {
  const write = format === 'json' ? jsonLine : format === 'pretty' ? prettyLine : textLine;
  for (let room = MOST_BYTES; ; room >>= 1) {
    const line = write(entry, room);
    if (room <= LEAST_CHARACTERS || Buffer.byteLength(line) <= MOST_BYTES) return line;
  }
}

/** What was thrown, on one line: its message, causes and stack. */
export function errorText(error: unknown): string {
  return errorLines(error).join(' | ');
}

function textLine(entry: LogEntry, room: number): string {
  const { time, pid, text } = entry;
  const error = 'error' in entry ? `: ${cut(errorText(entry.error), room)}` : '';
  return `${time} pid:${pid} ${printable(cut(text, room))}${error}\n`;
}

function prettyLine(entry: LogEntry, room: number): string {
  const { time, pid, text } = entry;
  const [first, ...rest] = 'error' in entry ? cut(errorLines(entry.error).join('\n'), room).split('\n') : [];
  const error = first === undefined ? '' : `: ${first}`;
  return `${[`${time} pid:${pid} ${printable(cut(text, room))}${error}`, ...rest].join('\n    ')}\n`;
}

function jsonLine(entry: LogEntry, room: number): string {
  const { time, level, pid, event, text, fields = {} } = entry;
  const own = { time, level, pid, event, message: cut(text, room) };
  const told = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === 'string' ? cut(value, room) : value,
  ]);
  const error = 'error' in entry ? { error: errorFields(entry.error, room) } : {};
  return `${printableJson(JSON.stringify({ ...own, ...Object.fromEntries(told), ...error, ...own }))}\n`;
}

function errorFields(error: unknown, room: number): Record<string, string | undefined> {
  try {
    if (!(error instanceof Error)) return { message: cut(inspected(error), room) };
    const { name, message, stack } = error;
    const { code } = error as { code?: unknown };
    return {
      name: cut(String(name), room),
      message: cut(String(message), room),
      ...(code === undefined ? {} : { code: cut(String(code), room) }),
      stack: cut(String(stack), room),
    };
  } catch {
    return { message: UNREADABLE };
  }
}

const UNREADABLE = 'something that cannot be shown';

function errorLines(error: unknown): string[] {
  return inspected(error)
    .split('\n')
    .map((line) => printable(line.trim()))
    .filter((line) => line !== '');
}

/** Whatever was thrown: its own getters may throw again. */
function inspected(error: unknown): string {
  try {
    if (typeof error === 'string') return error;
    return inspect(error, { depth: 2, breakLength: Infinity, maxStringLength: MOST_BYTES });
  } catch {
    return UNREADABLE;
  }
}

function cut(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, room)}… (${text.length - room} more)`;
}
