/** What docs/how-to/into-an-existing-server.md shows runs: each server answers, and its worker beside it. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { get as getSecurely } from 'node:https';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import WebSocket from 'ws';
import { testCertificate } from '../fixtures/certificate.ts';
import { freePort } from '../fixtures/free-port.ts';

const ROOT = resolve(import.meta.dirname ?? '.', '..', '..', '..');
const page = readFileSync(join(ROOT, 'docs', 'how-to', 'into-an-existing-server.md'), 'utf8');
const blocks = [...page.matchAll(/^```js\n(import [\s\S]*?)^```$/gm)].map(([, code = '']) => code);

describe('docs/how-to/into-an-existing-server.md', { timeout: 20_000 }, () => {
  const directory = mkdtempSync(join(ROOT, 'dist', 'attach-page-'));
  const closing: (() => unknown)[] = [];
  after(async () => {
    for (const close of closing) await close();
    rmSync(directory, { recursive: true });
  });

  /** @returns the port, and what the block has made. */
  async function run(index: number, usual: number): Promise<number> {
    const port = await freePort();
    const names = [...(blocks[index] ?? '').matchAll(/^const (\w+) = new Worker/gm)].map(([, name]) => name);
    const server = blocks[index]?.includes('const server') ? 'server' : 'app';
    const code = (blocks[index] ?? '')
      .replace(String(usual), String(port))
      .replaceAll(/'(server\.(pem|key))'/g, (_, name) => JSON.stringify(join(directory, name)));
    const file = join(directory, `${index}.mjs`);
    writeFileSync(file, `${code}\nexport const made = [${names}], ours = ${server};\n`);
    const { made, ours } = await import(pathToFileURL(file).href);
    for (const worker of made) closing.push(() => worker.stop());
    closing.push(() => ours.close());
    return port;
  }

  for (const [index, name] of ['Express', 'Fastify'].entries()) {
    it(name, async () => {
      const port = await run(index, 8080);
      assert.equal(await textOf((heard) => get({ port, agent: false }, heard)), `from ${name}\n`);
      const peer = new WebSocket(`ws://127.0.0.1:${port}/wss`);
      await once(peer, 'open');
      peer.send('hello');
      assert.equal(String((await once(peer, 'message'))[0]), 'you said hello');
      await closed(peer);
      const other = new WebSocket(`ws://127.0.0.1:${port}/other`);
      assert.match(String((await once(other, 'error'))[0]), /404/);
    });
  }

  it('node:https, two workers, and SIGTERM', async () => {
    const { cert: ca, key } = await testCertificate();
    writeFileSync(join(directory, 'server.pem'), ca);
    writeFileSync(join(directory, 'server.key'), key);
    const port = await run(2, 8443);
    const plain = { port, ca, host: 'localhost', agent: false };
    assert.equal(await textOf((heard) => getSecurely(plain, heard)), 'from node:https\n');
    const news = new WebSocket(`wss://localhost:${port}/news`, { ca });
    assert.equal(String((await once(news, 'message'))[0]), 'nothing new');
    const chat = new WebSocket(`wss://localhost:${port}/chat`, { ca });
    await once(chat, 'open');
    chat.send('all');
    assert.equal(String((await once(chat, 'message'))[0]), 'all');
    const goodbyes = Promise.all([news, chat].map((peer) => once(peer, 'close')));
    process.emit('SIGTERM', 'SIGTERM');
    assert.deepEqual(
      (await goodbyes).map(([code]) => code),
      [1001, 1001],
    );
  });
});

async function closed(peer: WebSocket): Promise<void> {
  peer.close();
  await once(peer, 'close');
}

function textOf(ask: (heard: (answer: AsyncIterable<unknown>) => void) => unknown): Promise<string> {
  return new Promise((resolve) => {
    ask(async (answer) => {
      let text = '';
      for await (const chunk of answer) text += chunk;
      resolve(text);
    });
  });
}
