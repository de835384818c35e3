/**
 * What was said last in each room: for those who come, and for those who were away. It outlives every process, so it
 * lies in files. Machines do not share them: with more than one, put a database here.
 */
import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Line } from './protocol.ts';
import { HISTORY } from './settings.ts';

const LINES = 50;
/** Bytes of one file; the one before it is kept beside it. */
const MAX_SIZE = 65_536;

/** A chat goes on without its history: what cannot be written is said to whoever runs the server. */
export async function remember(line: Line): Promise<void> {
  const file = fileOf(line.room ?? '');
  try {
    await mkdir(HISTORY, { recursive: true, mode: 0o700 });
    await appendFile(file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
    if ((await stat(file)).size > MAX_SIZE) await rename(file, `${file}.before`);
  } catch (error) {
    console.error(`history: ${(error as Error).message}`);
  }
}

/** The last ones, oldest first. */
export async function recall(room: string): Promise<Line[]> {
  const file = fileOf(room);
  const texts = await Promise.all(
    [`${file}.before`, file].map((one) => readFile(one, 'utf8').catch(() => '')),
  );
  return texts
    .join('')
    .split('\n')
    .slice(-LINES - 1)
    .flatMap(lineIn);
}

/** None, where a process was killed while it wrote. */
function lineIn(text: string): Line[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return [];
  }
}

function fileOf(room: string): string {
  return join(HISTORY, `${createHash('sha256').update(room).digest('hex')}.jsonl`);
}
