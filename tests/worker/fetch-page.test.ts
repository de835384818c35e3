/** What docs/how-to/hono-and-h3.md shows runs. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import WebSocket from 'ws';

const ROOT = resolve(import.meta.dirname ?? '.', '..', '..', '..');
const page = readFileSync(join(ROOT, 'docs', 'how-to', 'hono-and-h3.md'), 'utf8');
const blocks = [...page.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);

describe('docs/how-to/hono-and-h3.md', { timeout: 20_000 }, () => {
  const directory = mkdtempSync(join(ROOT, 'dist', 'fetch-page-'));
  const closing: (() => unknown)[] = [];
  after(async () => {
    for (const close of closing) await close();
    rmSync(directory, { recursive: true });
  });

  for (const [index, block] of blocks.entries()) {
    it(`block ${index + 1}: a page and a WebSocket on one port`, async () => {
      const file = join(directory, `${index}.mjs`);
      writeFileSync(file, `${block.replace('0.0.0.0:8080', '127.0.0.1:0')}\nexport { worker };\n`);
      const { worker } = await import(pathToFileURL(file).href);
      closing.push(() => worker.stop());
      const base = `127.0.0.1:${worker.port}`;
      assert.equal(await (await fetch(`http://${base}/`)).text(), 'hello, 127.0.0.1\n');
      const peer = new WebSocket(`ws://${base}/wss`);
      await once(peer, 'open');
      peer.send('hi');
      assert.equal(String((await once(peer, 'message'))[0]), 'you said hi');
      peer.close();
      await once(peer, 'close');
    });
  }
});
