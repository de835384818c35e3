import { randomBytes } from 'node:crypto';
import {
  link,
  lstat,
  mkdir,
  opendir,
  readdir,
  readFile,
  rename,
  rm,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SystemError } from '../errors.ts';
import { makePrivateDirectory, ownUid } from '../runtime-directory.ts';
import { publish } from '../telemetry.ts';
import { every, Timer } from '../timer.ts';
import type { SessionStore, SessionWrite, StoredSession } from './session-store.ts';

export interface FileStoreOptions {
  /** For the user who runs the server alone (0700); made when it is not there. By default one in the system's place for temporary files. */
  readonly directory?: string;
}

const COLLECT_MS = 600_000;
/** What has no session in it for so long was left behind by a process that was killed. */
const FORSAKEN_MS = 3_600_000;
/** A lock is held for less than a millisecond. */
const FORGOTTEN_MS = 2000;
const GONE = 'gone-';
/** Its time says when sessions were last collected, by whichever process. */
const COLLECTED = 'collected';
const KEY = /^[\da-f]{64}$/;

/**
 * Keeps sessions in files, for all processes of this machine.
 *
 * A session is a directory named by its key, in which a version is a file named by its number, whose time of change is
 * when it expires. Who writes holds a lock for that moment. A session is deleted by renaming its directory, so that
 * who builds on what was in it fails.
 */
export class FileStore implements SessionStore {
  readonly #directory: string;
  readonly #stop: () => void;
  #isReady = false;

  constructor({ directory }: FileStoreOptions = {}) {
    this.#directory = resolve(directory ?? join(tmpdir(), `usta-sessions-${ownUid()}`));
    this.#stop = every(COLLECT_MS, () => void this.collect());
  }

  async load(key: string): Promise<StoredSession | undefined> {
    const place = this.#place(key);
    const version = newest(await versionsIn(place));
    if (version === 0) return undefined;
    try {
      const path = join(place, String(version));
      const [{ mtimeMs }, text] = await Promise.all([lstat(path), readFile(path, 'utf8')]);
      const secondsLeft = (mtimeMs - Date.now()) / 1000;
      if (secondsLeft > 0) return { text, version, secondsLeft };
    } catch (error) {
      if (!isMissing(error)) throw failure(place, error);
      // It was replaced, or deleted, in between.
      return this.load(key);
    }
    await this.delete(key);
    return undefined;
  }

  async save(key: string, text: string, { after, seconds }: SessionWrite): Promise<boolean> {
    const place = this.#place(key);
    const own = join(place, `${uniqueName()}.new`);
    try {
      if (after === 0) await this.#make(key, place);
      await writeFile(own, text, { flag: 'wx', mode: 0o600 });
      await expire(own, seconds);
      return await whileLocked(place, () => succeed(place, own, after));
    } catch (error) {
      if (isMissing(error) || isTaken(error)) return false;
      throw failure(place, error);
    } finally {
      await rm(own, { force: true });
    }
  }

  async touch(key: string, seconds: number): Promise<void> {
    const place = this.#place(key);
    const version = newest(await versionsIn(place));
    if (version > 0) await expire(join(place, String(version)), seconds).catch(unlessMissing);
  }

  async delete(key: string): Promise<void> {
    const gone = join(this.#directory, GONE + uniqueName());
    await rename(this.#place(key), gone).catch(unlessMissing);
    await rm(gone, { recursive: true, force: true });
  }

  async close(): Promise<void> {
    this.#stop();
  }

  /** @internal Deletes what has expired, unless another process has just done so. */
  async collect(): Promise<void> {
    try {
      if (await this.#isTurn())
        for await (const { name } of await opendir(this.#directory)) await this.#examine(name);
    } catch (error) {
      publish('usta:notice', {
        text: `sessions in ${this.#directory} cannot be collected: ${(error as Error).message}`,
      });
    }
  }

  #place(key: string): string {
    if (!this.#isReady) makePrivateDirectory(this.#directory);
    this.#isReady = true;
    return join(this.#directory, key);
  }

  /** A system that tidies up may have taken the directory away. */
  async #make(key: string, place: string): Promise<void> {
    try {
      await mkdir(place, 0o700);
    } catch (error) {
      if (!isMissing(error)) throw error;
      this.#isReady = false;
      await mkdir(this.#place(key), 0o700);
    }
  }

  async #isTurn(): Promise<boolean> {
    this.#place('');
    const mark = join(this.#directory, COLLECTED);
    const time = await lstat(mark).then(({ mtimeMs }) => mtimeMs, unlessMissing);
    if (time !== undefined && Date.now() - time < COLLECT_MS / 2) return false;
    await writeFile(mark, '', { mode: 0o600 });
    return true;
  }

  async #examine(name: string): Promise<void> {
    const place = join(this.#directory, name);
    if (name.startsWith(GONE)) return rm(place, { recursive: true, force: true });
    if (!KEY.test(name)) return;
    const version = newest(await versionsIn(place));
    const found = await lstat(version === 0 ? place : join(place, String(version))).catch(unlessMissing);
    const limit = version === 0 ? Date.now() - FORSAKEN_MS : Date.now();
    if (found && found.mtimeMs < limit) await this.delete(name);
  }
}

/** The version before the newest stays, for who looks at this moment. */
async function succeed(place: string, own: string, after: number): Promise<boolean> {
  const versions = await versionsIn(place);
  if (newest(versions) !== after) return false;
  // Not renamed: should two have taken over the lock of one that was killed, the second fails here.
  await link(own, join(place, String(after + 1)));
  const passed = versions.filter((one) => one < after);
  await Promise.all(passed.map((one) => unlink(join(place, String(one))).catch(unlessMissing)));
  return true;
}

/** @throws ENOENT: the session was deleted. */
async function whileLocked<Result>(place: string, act: () => Promise<Result>): Promise<Result> {
  const lock = join(place, 'lock');
  while (!(await taken(lock))) await Timer.sleep((1 + Math.random() * 4) / 1000);
  try {
    return await act();
  } finally {
    await unlink(lock).catch(unlessMissing);
  }
}

/** One that is held for so long was left behind by a process that was killed. */
async function taken(lock: string): Promise<boolean> {
  try {
    await writeFile(lock, '', { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (!isTaken(error)) throw error;
  }
  const found = await lstat(lock).catch(unlessMissing);
  if (!found || Date.now() - found.mtimeMs < FORGOTTEN_MS) return false;
  const forgotten = `${lock}-${uniqueName()}`;
  await rename(lock, forgotten).catch(unlessMissing);
  await rm(forgotten, { force: true });
  return false;
}

function uniqueName(): string {
  return randomBytes(8).toString('hex');
}

async function versionsIn(place: string): Promise<number[]> {
  const names = await readdir(place).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw failure(place, error);
  });
  return names.filter((name) => /^\d+$/.test(name)).map(Number);
}

function newest(versions: readonly number[]): number {
  return Math.max(0, ...versions);
}

async function expire(path: string, seconds: number): Promise<void> {
  const time = Date.now() / 1000;
  await utimes(path, time, time + seconds);
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

function isTaken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EEXIST';
}

function unlessMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error;
}

function failure(place: string, cause: unknown): SystemError {
  const { code = 'EIO' } = cause as NodeJS.ErrnoException;
  return new SystemError(code, `the session in ${place} cannot be read or written (${code})`, { cause });
}
