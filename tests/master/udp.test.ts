/** `udp://` under a master: one socket, several processes, nothing lost when one of them goes. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Script } from '../fixtures/script.ts';
import { Sender } from '../worker/datagrams.ts';

describe('udp:// under a master', { timeout: 60_000 }, () => {
  const script = new Script('tests/master/udp-service.js');
  let sender: Sender;
  after(async () => {
    sender?.close();
    await script.end();
  });

  /** Asks so often, as many at a time as the kernel has room for. @returns how often each process has answered. */
  async function ask(times: number): Promise<Map<string, number>> {
    const before = sender.heard.length;
    for (let time = 1; time <= times; time++) {
      sender.send('who?');
      if (time % 50 === 0) await sender.hears(before + time);
    }
    const answers = (await sender.hears(before + times)).slice(before);
    const counts = new Map<string, number>();
    for (const pid of answers) counts.set(pid, (counts.get(pid) ?? 0) + 1);
    return counts;
  }

  it('is answered by its processes', async () => {
    const [, port = ''] = await script.printed(/worker udp: udp on 127\.0\.0\.1:(\d+), 2 processes/);
    sender = await Sender.to(Number(port));
    assert.ok((await ask(2_000)).size >= 1);
    assert.equal(script.process.exitCode, null);
  });

  it('loses nothing but the datagram that killed a process', async () => {
    sender.send('die');
    await ask(500);
    await script.printed(/worker udp process \d ended with/);
    await ask(500);
  });

  it('loses nothing in a reload, after which other processes answer', async () => {
    const before = await ask(500);
    script.process.kill('SIGHUP');
    for (let round = 0; round < 20; round++) await ask(100);
    await script.printed(/reload 1 is done/);
    const now = await ask(500);
    for (const pid of now.keys()) assert.ok(!before.has(pid), `${pid} should have left`);
  });

  it('stops', async () => {
    script.process.kill('SIGTERM');
    assert.deepEqual((await script.exited).code, 0);
  });
});
