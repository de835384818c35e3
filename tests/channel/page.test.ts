/** What docs/how-to/channel.md shows compiles, and does what it says. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Producer } from '../../src/channel/producer.ts';
import { TestClient } from '../gateway/clients.ts';
import { Page } from './page.ts';

const page = new Page('docs/how-to/channel.md');
const room = mkdtempSync(join(tmpdir(), 'usta-channel-page-'));
after(async () => {
  await page.end();
  rmSync(room, { recursive: true, force: true });
});

describe('docs/how-to/channel.md', { timeout: 30_000 }, () => {
  it('shows what compiles', () => {
    assert.equal(page.complaints, '');
    assert.equal(page.count, 2);
  });

  it('news come to the clients of all processes', async () => {
    const service = page.run(0, join(room, 'news'));
    const [, port] = await service.printed(/worker news: websocket on 127\.0\.0\.1:(\d+)/);
    const clients = await TestClient.openMany(`ws://127.0.0.1:${port}`, 6);
    clients[0]?.say('rain');
    for (const client of clients) await client.until(() => client.heard.includes('rain'));
    for (const client of clients) client.leave();
  });

  it('mail is sent by somebody, through a reload and to the end', async () => {
    const service = page.run(1, join(room, 'mail'));
    const [, port] = await service.printed(/worker web: http on 127\.0\.0\.1:(\d+)/);
    const ask = async (name: string): Promise<number> =>
      (await fetch(`http://127.0.0.1:${port}/?to=${name}`, { headers: { Connection: 'close' } })).status;
    for (let number = 0; number < 20; number++) assert.equal(await ask(`a${number}`), 202);
    service.process.kill('SIGUSR2');
    for (let number = 0; number < 20; number++) assert.equal(await ask(`b${number}`), 202);
    await service.printed(/reload 1 is done/);
    for (let number = 0; number < 20; number++) assert.equal(await ask(`c${number}`), 202);
    await service.end('SIGTERM');
    const sent = [...service.output.matchAll(/^sending to (\S+), attempt 1$/gm)].map(([, name]) => name);
    const expected = ['a', 'b', 'c'].flatMap((name) =>
      Array.from({ length: 20 }, (_, number) => `${name}${number}`),
    );
    assert.deepEqual(sent.sort(), expected.sort());
  });

  it('has the limits that the code has', () => {
    const { jobs, bytes } = new Producer().limits;
    assert.deepEqual([jobs, bytes], [10_000, 64 * 1_048_576]);
  });
});
