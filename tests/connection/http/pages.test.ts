/** What docs/reference/http.md and docs/how-to/static-files.md show compiles. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { it } from 'node:test';
import { compile } from '../../fixtures/compile.ts';

const ROOT = resolve(import.meta.dirname ?? '.', '..', '..', '..', '..');
const PAGES = ['docs/reference/http.md', 'docs/how-to/static-files.md'];

it('the pages about HTTP and files show what compiles', { timeout: 60_000 }, () => {
  const blocks = PAGES.flatMap((page) => {
    const text = readFileSync(join(ROOT, page), 'utf8');
    return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);
  });
  assert.ok(blocks.length >= 7, `${blocks.length} examples`);
  assert.equal(compile(...blocks), '');
});
