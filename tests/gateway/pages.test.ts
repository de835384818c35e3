/** What the pages about gateways say: every method has its line and its test, and what they show compiles and runs. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { Gateway, Timer } from 'usta';
import { Verbs } from '../../src/gateway/verbs.ts';
import { compile } from '../fixtures/compile.ts';
import { freePort } from '../fixtures/free-port.ts';
import { Script } from '../fixtures/script.ts';
import { TestClient } from './clients.ts';

const ROOT = resolve(import.meta.dirname ?? '.', '..', '..', '..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const METHODS = Object.getOwnPropertyNames(Verbs.prototype).filter((name) => name !== 'constructor');
const directory = mkdtempSync(join(ROOT, 'dist', 'gateway-page-'));
const scripts: Script[] = [];
after(async () => {
  await Promise.all(scripts.map((script) => script.end()));
  rmSync(directory, { recursive: true });
});

describe('every method', () => {
  for (const name of METHODS) {
    it(`${name} is a method of Gateway, has its lines, and is called in a test`, () => {
      assert.equal(typeof Gateway[name as keyof typeof Gateway], 'function');
      const family = name.replace(/^destory/, 'destroy');
      for (const page of ['docs/reference/gateway.md', 'docs/from-workerman.md']) {
        assert.match(
          read(page),
          new RegExp(`\\b${name}\\b|\`${family.slice(0, 7)}…|also \`destory…\``),
          `${page}: ${name}`,
        );
      }
      if (name !== 'destoryCurrentClient')
        assert.match(read('tests/gateway/verbs-suite.ts'), new RegExp(`verbs\\.${name}\\(`));
    });
  }
});

describe('docs/how-to/groups-and-users.md', { timeout: 60_000 }, () => {
  const blocks = [...read('docs/how-to/groups-and-users.md').matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(
    ([, code = '']) => code,
  );

  it('shows what compiles', () => {
    assert.equal(compile(...blocks.map((code) => `${code}\nexport {};\n`)), '');
  });

  /** Runs a block on a free port, as a script that imports the package. */
  async function run(index: number): Promise<string> {
    const port = await freePort();
    const file = join(directory, `script-${index}.mjs`);
    writeFileSync(file, (blocks[index] ?? '').replace('0.0.0.0:8282', `127.0.0.1:${port}`));
    const script = new Script(relative(join(ROOT, 'dist'), file));
    scripts.push(script);
    await script.printed(/websocket on 127\.0\.0\.1/);
    return `ws://127.0.0.1:${port}`;
  }

  it('the smallest: a member of the lobby hears it, whichever process holds it', async () => {
    const clients = await TestClient.openMany(await run(0), 4);
    for (const client of clients) client.say('in');
    for (const client of clients) await client.until(() => client.heard.length > 0);
    // Who has just joined may not be known to the other process yet.
    const [first] = clients;
    while (!clients.every(({ heard }) => heard.includes('all'))) {
      first?.say('all');
      await Timer.sleep(0.05);
    }
    for (const client of clients) client.leave();
  });

  it('business code in processes of its own: names, rooms, counts', async () => {
    const [ann, bob] = (await TestClient.openMany(await run(1), 2)) as [TestClient, TestClient];
    await Promise.all([ann, bob].map((client) => client.until(() => client.heard.length === 1)));
    assert.equal(await ann.ask('Ann'), 'hello; 1 are here');
    assert.equal(await bob.ask('Bob'), 'hello; 2 are here');
    ann.say('hi');
    await bob.until(() => bob.heard.at(-1) === 'Ann: hi');
    ann.leave();
    await bob.until(() => bob.heard.at(-1) === 'Ann has left');
    bob.leave();
  });
});
