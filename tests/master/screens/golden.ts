import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(
  import.meta.dirname ?? '.',
  '..',
  '..',
  '..',
  '..',
  'tests',
  'master',
  'screens',
  'golden',
);

/** The lines of a screen as it is to look. */
export function golden(name: string): string[] {
  return readFileSync(join(FOLDER, `${name}.txt`), 'utf8')
    .replace(/\n$/, '')
    .split('\n');
}
