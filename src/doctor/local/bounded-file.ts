import { closeSync, openSync, readdirSync, readSync } from 'node:fs';

/**
 * The beginning of a file, also of one in /proc, which has no size.
 *
 * @param limit bytes; what comes after them is not read.
 * @returns `undefined` when it is not there or may not be read.
 */
export function readStart(path: string, limit: number = 1_048_576): string | undefined {
  try {
    const file = openSync(path, 'r');
    try {
      return readUpTo(file, limit);
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

/** @returns the names in a folder; none when it is not there or may not be read. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readUpTo(file: number, limit: number): string {
  const chunks: Buffer[] = [];
  for (let left = limit; left > 0; ) {
    const chunk = Buffer.allocUnsafe(Math.min(left, 65_536));
    const count = readSync(file, chunk);
    if (count === 0) break;
    chunks.push(chunk.subarray(0, count));
    left -= count;
  }
  return Buffer.concat(chunks).toString('utf8');
}
