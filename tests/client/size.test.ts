import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { gzipSync } from 'node:zlib';

const BUILT = join(import.meta.dirname ?? '.', '..', '..', 'src', 'client');

it('the client has at most 5,000 bytes, gzipped, with nothing but comments removed', () => {
  const code = readdirSync(BUILT)
    .filter((name) => name.endsWith('.js'))
    .map((name) => readFileSync(join(BUILT, name), 'utf8').replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, ''))
    .join('');
  assert.doesNotMatch(code, /from '(?!\.\/)/, 'it imports something');
  const size = gzipSync(code).length;
  assert.ok(size > 2_000 && size <= 5_000, `${size} bytes`);
});
