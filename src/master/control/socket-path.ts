import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { SystemError } from '../../errors.ts';
import { type Environment, runtimeDirectories } from '../../runtime-directory.ts';
import { isTooLong } from '../../transport/address.ts';

/** Letters of the script's name within the name of its socket. */
const READABLE = 24;
const SOCKET_NAME = /^(?:[\w-]{1,24}-)?[0-9a-f]{8}\.sock$/;

/** Where the master of a script is to be found. */
export interface ControlPlace {
  /** Real path. */
  readonly script: string;
  /** Of the socket, best first: a master listens at one of them. */
  readonly paths: readonly string[];
}

/**
 * The place of a script, whether it runs or not, and whether its file is still there.
 *
 * @throws {SystemError} every directory's name is too long for a socket in it.
 */
export function controlPlace(script: string, environment?: Environment): ControlPlace {
  const real = realPath(script);
  const directories = runtimeDirectories(environment);
  const paths = directories
    .map((directory) => pathIn(directory, real))
    .filter((path) => !isTooLongPath(path));
  if (paths.length > 0) return { script: real, paths };
  const message = `${directories[0]} is too long for a socket in it: choose a shorter USTA_RUNTIME_DIR`;
  throw new SystemError('ENAMETOOLONG', message);
}

/** Whether a file of a runtime directory is named as the socket of a script is. */
export function isSocketName(name: string): boolean {
  return SOCKET_NAME.test(name);
}

/** The name of the script in the name of its socket is for people; it gives way where the directory's is long. */
function pathIn(directory: string, script: string): string {
  const hash = createHash('sha256').update(script).digest('hex').slice(0, 8);
  const readable = basename(script, extname(script))
    .replace(/[^\w]+/g, '-')
    .slice(0, READABLE);
  const path = join(directory, readable === '' ? `${hash}.sock` : `${readable}-${hash}.sock`);
  return isTooLongPath(path) ? join(directory, `${hash}.sock`) : path;
}

/** Node would shorten it silently. */
function isTooLongPath(path: string): boolean {
  return isTooLong({ kind: 'unix', path });
}

/** A script that was removed may still run: its directory is resolved then. */
function realPath(script: string): string {
  const path = resolve(script);
  for (const real of [
    () => realpathSync.native(path),
    () => join(realpathSync.native(dirname(path)), basename(path)),
  ]) {
    try {
      return real();
    } catch {
      // The next best is tried.
    }
  }
  return path;
}
