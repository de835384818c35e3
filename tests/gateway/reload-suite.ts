import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { Script } from '../fixtures/script.ts';
import { Conversation, TestClient } from './clients.ts';

const CLIENTS = 200;
const RATE = 200;
const scripts: Script[] = [];
after(() => Promise.all(scripts.map((script) => script.end())));

async function serve(env: Readonly<Record<string, string>> = {}): Promise<{ script: Script; url: string }> {
  const script = new Script('tests/gateway/gateway-service.js', [], env);
  scripts.push(script);
  const [, port] = await script.printed(/worker gateway: websocket on 127\.0\.0\.1:(\d+)/);
  return { script, url: `ws://127.0.0.1:${port}` };
}

/** @param handlers `slow` ones are asynchronous, `echo` answers at once. */
export function itReloadsUnnoticed(reloads: number, handlers: readonly ('slow' | 'echo')[]): void {
  for (const word of handlers) {
    it(`${reloads} reloads under ${RATE} messages a second (${word}): every message is answered once and in order, and no client is cut`, async () => {
      const { script, url } = await serve();
      const clients = await TestClient.openMany(url, CLIENTS);
      const conversation = new Conversation(clients, RATE, word);
      for (let reload = 1; reload <= reloads; reload++) {
        script.process.kill('SIGUSR2');
        await script.printed(new RegExp(`reload ${reload} is done`));
      }
      await conversation.end();
      assert.deepEqual(conversation.faults(), []);
      assert.ok(conversation.sent > RATE, `${conversation.sent} messages`);
      assert.deepEqual(
        clients.filter(({ closedWith }) => closedWith !== undefined),
        [],
      );
      for (const client of clients) client.leave();
      await script.end('SIGTERM');
    });
  }
}
