import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';

/**
 * Whether a Unix socket was left behind by a program that has ended: the file is there, and nobody listens.
 *
 * @returns false also when that cannot be found out.
 */
export async function isStaleSocket(path: string): Promise<boolean> {
  const file = await lstat(path).catch(() => undefined);
  return file?.isSocket() === true && (await refuses(path));
}

/** Removes it, if it was left behind. */
export async function removeStaleSocket(path: string): Promise<void> {
  const before = await lstat(path).catch(() => undefined);
  if (!(await isStaleSocket(path))) return;
  const now = await lstat(path).catch(() => undefined);
  // Somebody else may have come first and listens there by now.
  if (now?.ino === before?.ino) await unlink(path).catch(() => {});
}

function refuses(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'));
  });
}
