import { constants } from 'node:fs';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { sep } from 'node:path';
import type { FileBody } from '../../protocol/http/file-body.ts';
import type { FileFacts } from '../../protocol/http/file-plan.ts';

/** A file that is still changed within this time could change again and look the same, in milliseconds. */
const SETTLED_MS = 2_000;

/** Codes of those that are not there, as far as the client is concerned. */
const MISSING: readonly string[] = ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EISDIR', 'ENXIO'];
const FORBIDDEN: readonly string[] = ['EACCES', 'EPERM'];

export interface OpenFile {
  readonly handle: FileHandle;
  readonly facts: FileFacts;
}

/**
 * Opens a file once; all that is told of it is told of this descriptor. Directories, devices, pipes and what is
 * outside of its root count as missing.
 *
 * @returns 403 or 404 in place of a file.
 * @throws what else the system says.
 */
export async function openFile(body: FileBody): Promise<OpenFile | 403 | 404> {
  let handle: FileHandle;
  try {
    // Without O_NONBLOCK a named pipe would wait for a writer.
    handle = await open(body.path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    return statusOf(error);
  }
  try {
    const facts = await factsOf(handle);
    if (facts && (await leadsInside(body, handle))) return { handle, facts };
  } catch (error) {
    await handle.close();
    return statusOf(error);
  }
  await handle.close();
  return 404;
}

function statusOf(error: unknown): 403 | 404 {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (MISSING.includes(code)) return 404;
  if (FORBIDDEN.includes(code)) return 403;
  throw error;
}

async function factsOf(handle: FileHandle): Promise<FileFacts | undefined> {
  const found = await handle.stat({ bigint: true });
  if (!found.isFile()) return undefined;
  const modifiedMs = Number(found.mtimeMs);
  const isSettled = Date.now() - modifiedMs > SETTLED_MS;
  const tag = `"${found.size.toString(36)}-${found.mtimeNs.toString(36)}"`;
  const modified = Math.floor(modifiedMs / 1000);
  return {
    size: Number(found.size),
    etag: isSettled ? tag : `W/${tag}`,
    modified,
    lastModified: new Date(modified * 1000).toUTCString(),
  };
}

/** @param root and @param path are real paths. */
export function isInside(root: string, path: string): boolean {
  return path.startsWith(root.endsWith(sep) ? root : `${root}${sep}`);
}

/** Follows the links, and sees that what was opened is what they lead to. */
async function leadsInside({ path, root }: FileBody, handle: FileHandle): Promise<boolean> {
  if (root === undefined) return true;
  const real = await realpath(path);
  if (!isInside(root, real)) return false;
  const [named, opened] = await Promise.all([stat(real), handle.stat()]);
  return named.dev === opened.dev && named.ino === opened.ino;
}
