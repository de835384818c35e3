/** What docs/how-to/your-own-protocol.md shows compiles and runs, and what it says of errors is so elsewhere. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { compile } from '../fixtures/compile.ts';
import { freePort } from '../fixtures/free-port.ts';
import { Script } from '../fixtures/script.ts';
import { Sender } from './datagrams.ts';
import { Typist } from './lines.ts';

const ROOT = resolve(import.meta.dirname ?? '.', '..', '..', '..');
const page = readFileSync(join(ROOT, 'docs', 'how-to', 'your-own-protocol.md'), 'utf8');
const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);
const directory = mkdtempSync(join(ROOT, 'dist', 'own-protocol-page-'));
const scripts: Script[] = [];

describe('docs/how-to/your-own-protocol.md', { timeout: 60_000 }, () => {
  after(async () => {
    await Promise.all(scripts.map((script) => script.end('SIGTERM')));
    rmSync(directory, { recursive: true });
  });

  it('shows what compiles', () => {
    assert.equal(compile(...blocks), '');
  });

  /** Runs a block on a free port, as JavaScript. @returns the port. */
  async function run(index: number): Promise<number> {
    const port = await freePort();
    const code = (blocks[index] ?? '').replace('0.0.0.0:7000', `127.0.0.1:${port}`);
    const file = join(directory, `script-${index}.mjs`);
    writeFileSync(file, withoutTypes(code));
    const script = new Script(relative(join(ROOT, 'dist'), file));
    scripts.push(script);
    await script.printed(/ on 127\.0\.0\.1:\d+, \d process/);
    return port;
  }

  it('three functions: a move is answered with the next', async () => {
    const peer = await Typist.connect({ port: await run(0), host: '127.0.0.1' });
    peer.type('\0\0\0\x11{"x":1,"y":2}');
    await peer.hears('\0\0\0\x11{"x":2,"y":2}');
    peer.cutOff();
  });

  it('a scheme for it', async () => {
    const peer = await Typist.connect({ port: await run(1), host: '127.0.0.1' });
    peer.type('1234');
    await peer.hears('8765');
    peer.cutOff();
  });

  it('datagrams', async () => {
    const sender = await Sender.to(await run(2));
    sender.send('time');
    assert.match((await sender.hears(1))[0] ?? '', /^\d{4}-.*Z$/);
    sender.close();
  });
});

/** Enough for this page; Node 20 does not take types away by itself. */
function withoutTypes(code: string): string {
  return code
    .replace(/^(interface|declare) [\s\S]*?^\}\n/gm, '')
    .replace(/^import type .*\n/gm, '')
    .replace(': Protocol<number, number>', '')
    .replaceAll(': Move', '');
}
