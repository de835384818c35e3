import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  type Stats,
} from 'node:fs';
import { userInfo } from 'node:os';
import { basename, dirname, join, parse, sep } from 'node:path';
import process from 'node:process';
import { nearest } from '../nearest.ts';

/** No certificate and no key comes near this, in bytes. */
export const MAX_FILE = 1_048_576;

/** The bytes of a file and the rights on it. */
export interface SmallFile {
  readonly bytes: Buffer;
  /** The last nine bits: `0o600`. */
  readonly mode: number;
}

export type FileFault = 'file-missing' | 'file-unreadable' | 'file-not-regular' | 'file-too-large';

/** Why it could not be read. */
export interface NoFile {
  readonly fault: FileFault;
  readonly detail: Readonly<Record<string, string>>;
}

/** Reads a small file and waits for nothing: a pipe, a device or a folder is refused, not opened for long. */
export function readSmallFile(path: string): SmallFile | NoFile {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return unopened(path, error as NodeJS.ErrnoException);
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return { fault: 'file-not-regular', detail: { kind: kindOf(stats) } };
    const bytes = readAtMost(descriptor, MAX_FILE + 1);
    return bytes.length > MAX_FILE
      ? { fault: 'file-too-large', detail: {} }
      : { bytes, mode: stats.mode & 0o777 };
  } catch (error) {
    return {
      fault: 'file-unreadable',
      detail: { user: user(), denied: `${path} (${(error as Error).message})` },
    };
  } finally {
    closeSync(descriptor);
  }
}

function readAtMost(descriptor: number, most: number): Buffer {
  const chunks: Buffer[] = [];
  for (let left = most; left > 0; ) {
    const chunk = Buffer.alloc(Math.min(left, 65_536));
    const length = readSync(descriptor, chunk);
    if (length === 0) break;
    chunks.push(chunk.subarray(0, length));
    left -= length;
  }
  return Buffer.concat(chunks);
}

function unopened(path: string, { code, message }: NodeJS.ErrnoException): NoFile {
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return { fault: 'file-missing', detail: { hint: neighbour(path) } };
  if (code === 'ENXIO') return { fault: 'file-not-regular', detail: { kind: 'socket' } };
  const denied = code === 'EACCES' || code === 'EPERM' ? firstDenied(path) : `${path} (${message})`;
  return { fault: 'file-unreadable', detail: { user: user(), denied } };
}

/** The folder on the way to a file that its user may not enter, else the file. */
function firstDenied(path: string): string {
  const { root, dir } = parse(path);
  let folder = root;
  for (const name of dir.slice(root.length).split(sep)) {
    folder = join(folder, name);
    try {
      accessSync(folder, constants.X_OK);
    } catch {
      return folder;
    }
  }
  return path;
}

function neighbour(path: string): string {
  try {
    const meant = nearest(basename(path), readdirSync(dirname(path)));
    return meant === undefined ? '' : `did you mean ${meant}?`;
  } catch {
    return '';
  }
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'folder';
  if (stats.isFIFO()) return 'pipe';
  return stats.isSocket() ? 'socket' : 'device';
}

function user(): string {
  try {
    return userInfo().username;
  } catch {
    return `user ${process.geteuid?.() ?? ''}`;
  }
}
