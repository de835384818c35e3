import { rmSync } from 'node:fs';
import { lstat, mkdtemp, opendir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { SystemError } from '../errors.ts';
import { publish } from '../telemetry.ts';

const PREFIX = 'usta-upload-';
/** No upload takes so long: what is as old was left behind by a process that was killed. */
const STALE_MS = 24 * 3600 * 1000;

const open = new Set<string>();
const swept = new Set<string>();

/** A directory for the files of one upload, for this user alone (0700), until `remove`, or the end of the process. */
export class UploadDirectory {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * @param parent the system's directory for temporary files by default.
   * @throws {SystemError} it cannot be made there.
   */
  static async make(parent: string = tmpdir()): Promise<UploadDirectory> {
    sweepOnce(parent);
    try {
      const path = await mkdtemp(join(parent, PREFIX));
      remember(path);
      return new UploadDirectory(path);
    } catch (cause) {
      const { code = 'EIO' } = cause as NodeJS.ErrnoException;
      const what = `no directory for uploads can be made in ${parent} (${code}): see the option uploadDirectory`;
      throw new SystemError(code, what, { cause });
    }
  }

  /** With all that is still in it. */
  async remove(): Promise<void> {
    try {
      await rm(this.path, { recursive: true, force: true });
      open.delete(this.path);
    } catch (error) {
      publish('usta:notice', { text: `${this.path} cannot be removed: ${(error as Error).message}` });
    }
  }
}

function remember(path: string): void {
  if (open.size === 0 && process.listeners('exit').every((one) => one !== removeAll))
    process.on('exit', removeAll);
  open.add(path);
}

function removeAll(): void {
  for (const path of open) rmSync(path, { recursive: true, force: true });
}

/** Once in the life of a process, and without haste. */
function sweepOnce(parent: string): void {
  if (swept.has(parent)) return;
  swept.add(parent);
  sweep(parent).catch(() => {});
}

async function sweep(parent: string): Promise<void> {
  for await (const { name } of await opendir(parent)) {
    const path = join(parent, name);
    if (!name.startsWith(PREFIX) || open.has(path)) continue;
    const found = await lstat(path);
    const isStale =
      found.isDirectory() && found.uid === process.geteuid?.() && Date.now() - found.mtimeMs > STALE_MS;
    if (isStale) await rm(path, { recursive: true, force: true });
  }
}
