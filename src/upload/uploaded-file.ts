import { constants } from 'node:fs';
import { copyFile, open, rename, unlink, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { SystemError, UstaError } from '../errors.ts';
import type { Part } from './part.ts';

/** A file that came with a form, in a temporary place until the request was answered. */
export class UploadedFile {
  /** Of the field in the form. */
  readonly name: string;
  /** As it was sent. Not to be used as a path: see `safeName`. */
  readonly filename: string;
  /** The last part of `filename` without what could do harm in a directory; never empty. */
  readonly safeName: string;
  /** Content-Type as it was sent: what the sender says, not what it is. */
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  #path: string;

  private constructor(part: Part, path: string, size: number) {
    this.name = part.name;
    this.filename = part.filename ?? '';
    this.safeName = part.safeName;
    this.type = part.type;
    this.size = size;
    this.#path = path;
  }

  /** @internal Writes a part into a new file (0600), as fast as the disk takes it. */
  static async receive(part: Part, path: string): Promise<UploadedFile> {
    try {
      return new UploadedFile(part, path, await write(part, path));
    } catch (cause) {
      const { code } = cause as NodeJS.ErrnoException;
      if (cause instanceof UstaError || code === undefined) throw cause;
      throw new SystemError(code, `an upload cannot be written to ${path} (${code})`, { cause });
    }
  }

  /** Where it is now. */
  get path(): string {
    return this.#path;
  }

  /**
   * Keeps it: moves it there, in place of what is there, also to another file system. It stays readable for
   * this user alone (0600).
   *
   * @throws {SystemError} it cannot be written there, or was removed because the request was answered.
   */
  async moveTo(path: string): Promise<void> {
    try {
      await move(this.#path, path);
    } catch (cause) {
      const { code = 'EIO' } = cause as NodeJS.ErrnoException;
      const hint =
        code === 'ENOENT' ? ': move it before the request is answered, into a directory that is there' : '';
      throw new SystemError(code, `${this.#path} cannot be moved to ${path} (${code})${hint}`, { cause });
    }
    this.#path = path;
  }
}

/** @returns how many bytes. */
async function write(part: Part, path: string): Promise<number> {
  const handle = await open(path, 'wx', 0o600);
  try {
    await writeFile(handle, part);
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}

async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    // What is half copied is never seen under its name.
    const beside = `${to}.${process.pid}.part`;
    await copyFile(from, beside, constants.COPYFILE_EXCL);
    await rename(beside, to);
    await unlink(from);
  }
}
