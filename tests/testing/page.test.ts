/** What docs/how-to/test-your-server.md shows compiles, and its tests pass. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { compile } from '../fixtures/compile.ts';

const ROOT = resolve(import.meta.dirname ?? '.', '..', '..', '..');
const page = readFileSync(join(ROOT, 'docs', 'how-to', 'test-your-server.md'), 'utf8');
const blocks = [...page.matchAll(/^```ts\n\/\/ (\S+)\.ts\n([\s\S]*?)^```$/gm)];
const directory = mkdtempSync(join(ROOT, 'dist', 'testing-page-'));
after(() => rmSync(directory, { recursive: true }));

for (const [, name = '', code = ''] of blocks)
  writeFileSync(join(directory, `${name}.mjs`), withoutTypes(code));

describe('docs/how-to/test-your-server.md', () => {
  it('shows what compiles', () => {
    assert.equal(blocks.length, 4);
    const [room = '', test = '', ...others] = blocks.map(([, , code = '']) => code);
    const together = `${room}${test.replace(/^import \{ room \}.*\n/m, '')}`;
    assert.equal(compile(together, ...others), '');
  });
});

describe('its tests', async () => {
  for (const [, name = ''] of blocks.filter(([, name = '']) => name.endsWith('.test'))) {
    await import(pathToFileURL(join(directory, `${name}.mjs`)).href);
  }
});

/** Enough for this page; Node 20 does not take types away by itself. */
function withoutTypes(code: string): string {
  return code
    .replaceAll(/ as \{ x: number \}|: \{ x: number \}/g, '')
    .replaceAll(/'(\.\/\w+)\.ts'/g, "'$1.mjs'");
}
