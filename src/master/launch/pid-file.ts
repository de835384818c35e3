import { lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import process from 'node:process';
import { SystemError, UsageError } from '../../errors.ts';
import { birthOf } from './birth.ts';

/** What a pid file says, held against the processes of this machine. */
export type PidFileState =
  | { readonly type: 'none' }
  /** It names a process that lives and is the one that wrote it. */
  | { readonly type: 'alive'; readonly pid: number }
  /** The process that wrote it has ended; another one may have its id by now. */
  | { readonly type: 'stale'; readonly pid: number }
  /** No pid file of ours. */
  | { readonly type: 'corrupt'; readonly why: string };

/** More than a pid and a time were never written by us. */
const LARGEST = 256;

const CONTENT = /^(\d{1,10})\n(\S+)\n$/;

/** @throws {SystemError} it may not be read. */
export function readPidFile(path: string): PidFileState {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return { type: 'none' };
  if (stats.isDirectory()) return { type: 'corrupt', why: 'it is a folder' };
  const text = stats.isFile() || stats.isSymbolicLink() ? read(path) : '';
  const [, pid, birth] = CONTENT.exec(text) ?? [];
  if (pid === undefined)
    return { type: 'corrupt', why: text === '' ? 'it is empty' : 'it holds no pid and start time' };
  return { type: birthOf(Number(pid)) === birth ? 'alive' : 'stale', pid: Number(pid) };
}

export interface PidFile {
  readonly path: string;
  /** What was found in its place that was not ours: a line for the log. */
  readonly notice: string | undefined;
  /** Removes it, if it still tells of this process. */
  remove(): void;
}

/**
 * Writes id and start time of this process, at once and as a whole; the first line is the id. A file that a dead
 * process has left is replaced, and so is a small one that nobody can read.
 *
 * @param path relative to the folder of the script.
 * @throws {UsageError} a living process has written it, or it is something else altogether.
 * @throws {SystemError} it cannot be written.
 */
export function writePidFile(path: string): PidFile {
  const file = resolve(dirname(process.argv[1] ?? '.'), path);
  const state = readPidFile(file);
  if (state.type === 'alive' && state.pid !== process.pid) {
    throw new UsageError(
      'E_PID_FILE',
      `${file} is the pid file of process ${state.pid}, which runs: stop that one, or name another pidFile`,
    );
  }
  if (state.type === 'corrupt') proveReplaceable(file, state.why);
  const content = `${process.pid}\n${birthOf(process.pid) ?? 'unknown'}\n`;
  replace(file, content);
  return {
    path: file,
    notice:
      state.type === 'corrupt'
        ? `the pid file ${file} was not one (${state.why}); it is replaced`
        : undefined,
    remove: () => removeOwn(file, content),
  };
}

/**
 * That a pid file could be written there, without writing it.
 *
 * @throws {UstaError} as {@link writePidFile}.
 */
export function provePidFile(path: string): void {
  const file = resolve(dirname(process.argv[1] ?? '.'), path);
  const state = readPidFile(file);
  if (state.type === 'corrupt') proveReplaceable(file, state.why);
  const trial = trialName(file);
  try {
    writeFileSync(trial, '', { flag: 'wx', mode: 0o644 });
    rmSync(trial);
  } catch (cause) {
    throw unwritable(file, cause);
  }
}

/** Whoever names a key or a folder as pid file keeps it. */
function proveReplaceable(file: string, why: string): void {
  const stats = lstatSync(file);
  if (stats.isFile() && stats.size <= LARGEST) return;
  const what = stats.isFile() ? `it has ${stats.size} bytes and is no pid file` : why;
  throw new UsageError(
    'E_PID_FILE',
    `${file} is not replaced by a pid file: ${stats.isFile() || stats.isDirectory() ? what : 'it is no regular file'}`,
  );
}

function replace(file: string, content: string): void {
  const next = trialName(file);
  const before = process.umask(0o022);
  try {
    writeFileSync(next, content, { flag: 'wx', mode: 0o644 });
    renameSync(next, file);
  } catch (cause) {
    rmSync(next, { force: true });
    throw unwritable(file, cause);
  } finally {
    process.umask(before);
  }
}

function removeOwn(file: string, content: string): void {
  try {
    if (readFileSync(file, 'utf8') === content) rmSync(file);
  } catch {
    // It is gone, or may not be removed any more: nothing hangs on it.
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').slice(0, LARGEST);
  } catch (cause) {
    const { code = 'EIO' } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return '';
    throw new SystemError(code, `the pid file ${file} cannot be read (${code})`, { cause });
  }
}

function trialName(file: string): string {
  return `${file}.${process.pid}.new`;
}

function unwritable(file: string, cause: unknown): SystemError {
  const { code = 'EIO' } = cause as NodeJS.ErrnoException;
  return new SystemError(code, `the pid file ${file} cannot be written (${code})`, { cause });
}
