import process from 'node:process';
import { UsageError } from '../errors.ts';
import type { LogDetails, LogEntry, LogLevel } from './log/entry.ts';
import { errorText, formatLine, type LogFormat } from './log/line.ts';
import { LogFile } from './log/log-file.ts';
import { handOver, type Logger } from './log/logger.ts';
import { relayTelemetry } from './log/relay.ts';

export type { LogDetails, LogLevel } from './log/entry.ts';
export type { LogFormat } from './log/line.ts';
export type { Logger } from './log/logger.ts';

export interface LogOptions {
  /** Otherwise what the environment says in `USTA_LOG`, else `text`. */
  readonly format?: LogFormat;
  /** Appended to; without it lines go to standard error. */
  readonly file?: string;
  /** With a file: to standard error, too. */
  readonly echo?: boolean;
  /** The least that is told; `info` unless given. */
  readonly level?: LogLevel;
}

const RANKS: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

let options: LogOptions = {};
let file: LogFile | undefined;
let logger: Logger | undefined;
/** The user's logger has failed before. */
let distrusted = false;
/** Tells one event: a line in the log, with the time and the process, or a call of the user's logger. */
export function log(text: string, details: LogDetails = {}): void {
  const time = new Date().toISOString();
  const entry: LogEntry = { event: 'usta:log', level: 'info', ...details, time, pid: process.pid, text };
  if (logger && offered(logger, entry)) return;
  if (RANKS[entry.level] >= RANKS[options.level ?? 'info']) append(formatLine(entry, logFormat()));
}

/**
 * Chooses where lines go and how they look.
 *
 * @throws {SystemError} the file cannot be opened: all stays as it was.
 */
export function openLog(chosen: LogOptions): void {
  const opened = chosen.file === undefined ? undefined : new LogFile(chosen.file, (text) => alarm(text));
  file?.close();
  file = opened;
  options = chosen;
}

/** After the log file was moved away: goes on in a new one of its name. */
export function reopenLog(): void {
  file?.reopen();
}

/** Gives all events to a logger of the user's; `undefined` takes it away again. */
export function setLogger(given: Logger | undefined): void {
  logger = given;
  distrusted = false;
}

/** Errors of the standard streams are heard. */
let guarded = false;

/** A terminal that is gone, or a pipe that nobody reads any more, is no reason to end: for `console.log` of users too. */
export function outliveReaders(): void {
  if (guarded) return;
  guarded = true;
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

/** @throws {UsageError} it is no format. */
export function readLogFormat(word: string): LogFormat {
  if (word === 'text' || word === 'json' || word === 'pretty') return word;
  throw new UsageError('E_LOG_FORMAT', `a log is text, pretty or json, not "${word}"`);
}

/**
 * Prints a drawing for people, without time and process. Nothing is printed where no person reads: in a log of JSON,
 * or with a logger of the user's.
 */
export function logScreen(
  draw: (canvas: { readonly width: number; readonly colours: boolean }) => readonly string[],
): void {
  if (logger || logFormat() === 'json') return;
  const { isTTY = false, columns } = process.stderr;
  const colours = isTTY && !process.env.NO_COLOR && process.env.TERM !== 'dumb';
  const lines = draw({ width: isTTY ? columns || 80 : Infinity, colours });
  toTerminal(lines.map((line) => `${line}\n`).join(''));
}

/** Tells what the house says about itself. @returns how to stop. */
export function logTelemetry(): () => void {
  return relayTelemetry(log);
}

function logFormat(): LogFormat {
  const wanted = options.format ?? process.env.USTA_LOG;
  return wanted === 'json' || wanted === 'pretty' ? wanted : 'text';
}

function append(line: string): void {
  file?.write(line);
  if (!file || options.echo) toTerminal(line);
}

/** A logger that throws concerns the log only: it is told once, and our own takes over. @returns whether it took it. */
function offered(given: Logger, entry: LogEntry): boolean {
  try {
    handOver(given, entry);
    return true;
  } catch (error) {
    if (!distrusted) alarm(`the logger that was given failed: ${errorText(error)}`);
    distrusted = true;
    return false;
  }
}

/** What is wrong with the log itself. */
function alarm(text: string): void {
  const time = new Date().toISOString();
  const entry: LogEntry = { time, pid: process.pid, level: 'error', event: 'usta:log', text };
  toTerminal(formatLine(entry, logFormat()));
}

function toTerminal(text: string): void {
  outliveReaders();
  process.stderr.write(text);
}
