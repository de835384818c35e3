import { randomUUID } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import process from 'node:process';
import { SystemError } from '../errors.ts';

/**
 * Makes a directory that only its owner can enter, or takes the one that is there.
 *
 * @throws {SystemError} when it cannot be made, or belongs to somebody else.
 */
export async function openPrivateDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const found = await stat(path);
  if (!found.isDirectory()) throw new SystemError('ENOTDIR', `${path} is not a directory`);
  if (process.getuid && found.uid !== process.getuid()) {
    throw new SystemError('EPERM', `${path} belongs to another user (uid ${found.uid})`);
  }
  if (found.mode & 0o077) await chmod(path, 0o700);
}

/** @returns the text of a file, `undefined` when there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Replaces a file at one stroke: a reader sees the old text or the new one, also after a power cut. */
export async function replaceFile(path: string, text: string, mode: number): Promise<void> {
  await withTemporary(path, { text, mode }, (temporary) => rename(temporary, path));
}

/**
 * Makes a file that was not there, whole from the first moment.
 *
 * @returns false when somebody else made it first; nothing was changed then.
 */
export async function createFile(path: string, text: string, mode: number): Promise<boolean> {
  return withTemporary(path, { text, mode }, async (temporary) => {
    try {
      await link(temporary, path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  });
}

async function withTemporary<T>(
  path: string,
  { text, mode }: { text: string; mode: number },
  use: (temporary: string) => Promise<T>,
): Promise<T> {
  const temporary = `${path}.${randomUUID()}`;
  try {
    await writeWhole(temporary, text, mode);
    return await use(temporary);
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
}

async function writeWhole(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}
