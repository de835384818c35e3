/** What docs/how-to/push-from-outside.md shows compiles, and does what it says. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { ORDERS } from '../../src/gateway/door/orders.ts';
import { QUESTIONS } from '../../src/gateway/door/questions.ts';
import { Page } from '../channel/page.ts';
import { TestClient } from './clients.ts';

const PATH = 'docs/how-to/push-from-outside.md';
const TOKEN = 'the-token-of-this-test';
const page = new Page(PATH);
const room = mkdtempSync(join(tmpdir(), 'usta-push-page-'));
after(async () => {
  await page.end();
  rmSync(room, { recursive: true, force: true });
});

/** A client that has said who it is. */
async function client(url: string, uid: string): Promise<TestClient> {
  const one = await TestClient.open(url);
  await one.ask(uid);
  one.heard.length = 0;
  return one;
}

describe(PATH, { timeout: 30_000 }, () => {
  it('shows what compiles', () => {
    assert.equal(page.complaints, '');
    assert.equal(page.count, 3);
  });

  it('has every path of the door', () => {
    const text = readFileSync(join(import.meta.dirname ?? '.', '..', '..', '..', PATH), 'utf8');
    for (const path of [...Object.keys(ORDERS), ...Object.keys(QUESTIONS)])
      assert.ok(text.includes(`\`${path}`), path);
  });

  it('a program outside reaches clients and ends', async () => {
    const service = page.run(1, join(room, 'push'));
    const [, port] = await service.printed(/worker gateway: websocket on 127\.0\.0\.1:(\d+)/);
    const [seven, eight] = [
      await client(`ws://127.0.0.1:${port}`, '7'),
      await client(`ws://127.0.0.1:${port}`, '8'),
    ];
    const program = page.run(0, join(room, 'push'));
    assert.deepEqual(await program.exited, { code: 0, signal: null }, program.output);
    await seven.until(() => seven.heard.length === 2);
    await eight.until(() => eight.heard.length === 1);
    assert.deepEqual(seven.heard, ['your order is on its way', 'eight is here']);
    assert.deepEqual(eight.heard, ['eight is here']);
    for (const one of [seven, eight]) one.leave();
    await service.end('SIGTERM');
  });

  describe('the door', () => {
    let url = '';
    let door = '';
    before(async () => {
      const service = page.run(2, join(room, 'door'), { DOOR_TOKEN: TOKEN });
      url = `ws://127.0.0.1:${(await service.printed(/worker gateway: websocket on 127\.0\.0\.1:(\d+)/))[1]}`;
      door = (await service.printed(/worker door: http on (127\.0\.0\.1:\d+)/))[1] ?? '';
    });

    const curl = async (index: number): Promise<string> => {
      const command = (page.commands[index] ?? '')
        .replace('127.0.0.1:7272', door)
        .replace('curl ', 'curl -sS ');
      const env = { ...process.env, DOOR_TOKEN: TOKEN };
      const { stdout } = await promisify(execFile)('sh', ['-c', command], { env });
      return stdout;
    };

    it('answers every command as it says', async () => {
      assert.equal(page.commands.length, 4);
      const seven = await client(url, '7');
      assert.equal(await curl(0), '{}\n');
      assert.equal(await curl(1), '{}\n');
      assert.equal(await curl(2), '{"online":true}\n');
      await seven.until(() => seven.heard.length === 2);
      assert.deepEqual(seven.heard, ['your order is on its way', '{"type":"price","value":12.5}']);
      assert.equal(await curl(3), '{}\n');
      await assert.rejects(
        seven.until(() => false),
        /closed with 4001/,
      );
      assert.equal(await curl(2), '{"online":false}\n');
    });
  });
});
