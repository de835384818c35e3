import { createHash, randomBytes } from 'node:crypto';
import {
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { SystemError } from '../../errors.ts';
import {
  isAboutDirectory,
  isPrivateDirectory,
  makePrivateDirectory,
  runtimeDirectories,
} from '../../runtime-directory.ts';
import { isTooLong } from '../../transport/address.ts';

const SECRET = 'secret';
const SOCKET = /^([\w-]{16})\.sock$/;

/** Where the processes of a cluster meet on this machine: a directory of the user's own, with a socket for each. */
export class MeetingPlace {
  /** 32 bytes that only processes of this user on this machine can read. */
  readonly secret: Buffer;
  readonly #name: string;
  #directory: string;

  /**
   * @param cluster its name, any text.
   * @throws {SystemError} there is no directory for it.
   */
  constructor(cluster: string) {
    this.#name = `bus-${createHash('sha256').update(cluster).digest('hex').slice(0, 8)}`;
    this.#directory = usableDirectory(this.#name);
    this.secret = secretIn(this.#directory, randomBytes(32));
  }

  get directory(): string {
    return this.#directory;
  }

  /** 8 letters that tell this place from those of other machines and users. */
  get machine(): string {
    return createHash('sha256').update(this.secret).update('machine').digest('base64url').slice(0, 8);
  }

  pathOf(id: string): string {
    return join(this.#directory, `${id}.sock`);
  }

  /** Where to listen before others may come. */
  hiddenPathOf(id: string): string {
    return join(this.#directory, `${id}.new`);
  }

  /** From now on the others find it. */
  reveal(id: string): void {
    renameSync(this.hiddenPathOf(id), this.pathOf(id));
  }

  /** Whether it can be found, and newcomers find the secret. */
  has(id: string): boolean {
    return existsSync(this.pathOf(id)) && existsSync(join(this.#directory, SECRET));
  }

  /** Who is there, or has left its socket behind. */
  ids(): string[] {
    return readdirSync(this.#directory).flatMap((name) => SOCKET.exec(name)?.[1] ?? []);
  }

  remove(id: string): void {
    try {
      unlinkSync(this.pathOf(id));
    } catch {
      // Another has removed it.
    }
  }

  /**
   * Makes again what somebody has removed.
   *
   * @throws {SystemError} that cannot be, or others have begun anew meanwhile.
   */
  restore(): void {
    this.#directory = usableDirectory(this.#name);
    if (secretIn(this.#directory, this.secret).equals(this.secret)) return;
    const message = `${this.#directory} was removed and made again by others: restart the service`;
    throw new SystemError('E_BUS_PLACE', message);
  }
}

/** One where others are already, or the first that can be had: not every process of a user sees the same ones. */
function usableDirectory(name: string): string {
  const all = runtimeDirectories().map((around) => join(around, name));
  const short = all.filter((one) => !isTooLong({ kind: 'unix', path: join(one, 'x'.repeat(21)) }));
  const taken = short.find(isInUse);
  if (taken !== undefined) return taken;
  let complaint: unknown;
  for (const directory of short) {
    try {
      makePrivateDirectory(dirname(directory));
      makePrivateDirectory(directory);
      return directory;
    } catch (error) {
      if (complaint === undefined || isAboutDirectory(error)) complaint = error;
    }
  }
  if (complaint !== undefined) throw complaint;
  const message = 'the runtime directory is too long for sockets in it: choose a shorter USTA_RUNTIME_DIR';
  throw new SystemError('ENAMETOOLONG', message);
}

function isInUse(directory: string): boolean {
  try {
    return (
      isPrivateDirectory(dirname(directory)) &&
      isPrivateDirectory(directory) &&
      existsSync(join(directory, SECRET))
    );
  } catch {
    return false;
  }
}

/** The first who comes leaves it there; nobody sees it half written. */
function secretIn(directory: string, proposed: Buffer): Buffer {
  const path = join(directory, SECRET);
  for (;;) {
    try {
      return readFileSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    const draft = join(directory, `${SECRET}.${randomBytes(6).toString('base64url')}`);
    writeFileSync(draft, proposed, { mode: 0o600, flag: 'wx' });
    try {
      linkSync(draft, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      unlinkSync(draft);
    }
  }
}
