import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { SystemError } from '../../errors.ts';
import { makePrivateDirectory, runtimeDirectories } from '../../runtime-directory.ts';
import { every } from '../../timer.ts';
import { controlPlace } from '../control/socket-path.ts';

/** Bytes after which the file of a daemon's output begins anew. */
const LARGEST = 10 * 1_048_576;

/** Bytes of its end that tell why a daemon has died. */
const TAIL = 4_096;

/** A file that takes what a daemon prints. */
export interface Output {
  readonly path: string;
  /** For a child process; to be closed here. */
  readonly descriptor: number;
  /** What was in it before, in bytes. */
  readonly before: number;
}

/**
 * Opens the file that takes what the daemon of a script prints. What is in it stays.
 *
 * @param stdoutFile relative to the folder of the script; by default beside the control socket.
 * @throws {SystemError} it cannot be written.
 */
export function openOutput(script: string, stdoutFile: string | undefined): Output {
  const path = stdoutFile === undefined ? ownOutput(script) : resolve(dirname(script), stdoutFile);
  try {
    const { O_APPEND, O_CREAT, O_RDWR, O_NONBLOCK } = constants;
    const descriptor = openSync(path, O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK, 0o644);
    return { path, descriptor, before: fstatSync(descriptor).size };
  } catch (cause) {
    const { code = 'EIO' } = cause as NodeJS.ErrnoException;
    throw new SystemError(code, `the output of the daemon cannot be written to ${path} (${code})`, { cause });
  }
}

/** What a daemon has printed since, its last lines: at most 4 KiB. */
export function printedSince({ path, before }: Output): string {
  const buffer = Buffer.alloc(TAIL);
  try {
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const start = Math.max(before, fstatSync(descriptor).size - TAIL);
      return buffer.toString('utf8', 0, readSync(descriptor, buffer, 0, TAIL, start)).trim();
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return '';
  }
}

/**
 * Has what this process prints begin anew after 10 MiB, where it goes to a file.
 *
 * @param descriptor of a file that was opened to append.
 * @param interval milliseconds between two looks.
 * @returns how to stop it.
 */
export function boundOutput(
  descriptor: number = 1,
  largest: number = LARGEST,
  interval: number = 5_000,
): () => void {
  if (!fstatSync(descriptor).isFile()) return () => {};
  return every(interval, () => {
    if (fstatSync(descriptor).size > largest) ftruncateSync(descriptor, 0);
  });
}

/** In the first runtime directory that can be had. */
function ownOutput(script: string): string {
  const name = basename(controlPlace(script).paths[0] ?? 'service.sock').replace(/sock$/, 'out');
  let failure: unknown;
  for (const directory of runtimeDirectories(process.env)) {
    try {
      makePrivateDirectory(directory);
      return join(directory, name);
    } catch (error) {
      failure ??= error;
    }
  }
  throw failure;
}
