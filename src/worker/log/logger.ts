import type { LogEntry } from './entry.ts';
import { printable } from './printable.ts';

/** Where lines go instead, if a user gives one: pino's interface. */
export interface Logger {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

/** An event for a logger, under the names that pino's serializers know: an error is `err`. */
export function handOver(logger: Logger, entry: LogEntry): void {
  const { level, event, fields, text } = entry;
  const error = 'error' in entry ? { err: entry.error } : {};
  logger[level]({ event, ...fields, ...error }, printable(text));
}
