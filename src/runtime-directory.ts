import { lstatSync, mkdirSync, type Stats, statSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import process from 'node:process';
import { SystemError, UsageError } from './errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where the sockets of this user's services may be, best first. One started at boot and one started in a session
 * do not see the same places, and a session's place goes with the session: whoever looks for a service looks
 * in all of them.
 *
 * @see https://specifications.freedesktop.org/basedir-spec — XDG_RUNTIME_DIR
 */
export function runtimeDirectories(environment: Environment = process.env): readonly string[] {
  const { USTA_RUNTIME_DIR: chosen, XDG_RUNTIME_DIR: session, TMPDIR: temporary } = environment;
  const uid = ownUid();
  if (chosen) return [resolve(chosen)];
  const system = process.platform === 'linux' ? '/run' : '/var/run';
  const lasting = join(system, uid === 0 ? 'usta' : `usta-${uid}`);
  const passing = [session, `/run/user/${uid}`].filter((one) => one !== undefined && isOwn(one));
  const shared = [temporary, '/tmp'].filter((one) => one !== undefined && isAbsolute(one));
  return [
    ...new Set([
      lasting,
      ...passing.map((one) => join(one ?? '', 'usta')),
      ...shared.map((one) => join(one ?? '', `usta-${uid}`)),
    ]),
  ];
}

/**
 * Makes the directory unless it is there.
 *
 * @throws {SystemError} it cannot be made, or is not for this user alone.
 */
export function makePrivateDirectory(path: string): void {
  const before = process.umask(0o077);
  try {
    mkdirSync(path, 0o700);
  } catch (error) {
    const { code = 'EIO' } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') throw new SystemError(code, `${path} cannot be made (${code})`, { cause: error });
  } finally {
    process.umask(before);
  }
  isPrivateDirectory(path);
}

/**
 * @returns false when there is none.
 * @throws {SystemError} what is there is not a directory for this user alone. It is left as it is.
 */
export function isPrivateDirectory(path: string): boolean {
  const found = look(path);
  if (found === undefined) return false;
  if (found.uid !== ownUid()) throw foreign(path, found);
  if (!found.isDirectory()) throw new SystemError('ENOTDIR', `${path} is not a directory: remove it`);
  if (found.mode & 0o077) {
    const mode = (found.mode & 0o777).toString(8).padStart(4, '0');
    throw new SystemError(
      'E_NOT_PRIVATE',
      `${path} is open to other users (mode ${mode}): chmod 700 ${path}`,
    );
  }
  const around = statSync(dirname(path));
  if (around.mode & 0o002 && !(around.mode & 0o1000)) {
    const message = `${dirname(path)} lets everybody rename what is in it: chmod +t ${dirname(path)}`;
    throw new SystemError('E_NOT_PRIVATE', message);
  }
  return true;
}

const TROUBLE: ReadonlySet<string> = new Set(['E_NOT_PRIVATE', 'E_OTHER_USER', 'ENOTDIR']);

/** Whether it says that a directory is not to be used. It need not be said when another one serves. */
export function isAboutDirectory(error: unknown): boolean {
  return error instanceof SystemError && TROUBLE.has(error.code);
}

/** Whose files we make. @throws {UsageError} where there are no users of this kind. */
export function ownUid(): number {
  const uid = process.geteuid?.();
  if (uid !== undefined) return uid;
  throw new UsageError(
    'E_PLATFORM',
    'a service is controlled through a Unix socket: this needs Linux or macOS',
  );
}

function look(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    const { code = 'EIO' } = cause as NodeJS.ErrnoException;
    if (code !== 'EACCES') throw new SystemError(code, `${path} cannot be looked at (${code})`, { cause });
    throw new SystemError('E_OTHER_USER', `${path} lies in a directory of another user`, { cause });
  }
}

function foreign(path: string, { uid }: Stats): SystemError {
  const message = `${path} belongs to another user (uid ${uid}): become that user (sudo -u '#${uid}'), or set USTA_RUNTIME_DIR`;
  return new SystemError('E_OTHER_USER', message);
}

/** After su or sudo the environment may still tell of another user's session. */
function isOwn(path: string): boolean {
  if (!isAbsolute(path)) return false;
  try {
    const found = statSync(path);
    return found.isDirectory() && found.uid === ownUid();
  } catch {
    return false;
  }
}
