import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { Script } from '../fixtures/script.ts';
import { Conversation, TestClient } from './clients.ts';

const CLIENTS = 200;
const RATE = 200;
/** Ten in the slow tests, and with handlers that answer at once, too. */
const RELOADS = Number(process.env.USTA_TEST_RELOADS ?? 2);
const HANDLERS = process.env.USTA_TEST_RELOADS === undefined ? ['slow'] : ['slow', 'echo'];

const scripts: Script[] = [];
after(() => Promise.all(scripts.map((script) => script.end())));

async function serve(env: Readonly<Record<string, string>> = {}): Promise<{ script: Script; url: string }> {
  const script = new Script('tests/gateway/gateway-service.js', [], env);
  scripts.push(script);
  const [, port] = await script.printed(/worker gateway: websocket on 127\.0\.0\.1:(\d+)/);
  return { script, url: `ws://127.0.0.1:${port}` };
}

for (const word of HANDLERS) {
  describe(`${RELOADS} reloads of the business processes under ${RATE} messages a second (${word})`, () => {
    it('every message is answered once and in order, and no client is cut', async () => {
      const { script, url } = await serve();
      const clients = await TestClient.openMany(url, CLIENTS);
      const conversation = new Conversation(clients, RATE, word);
      for (let reload = 1; reload <= RELOADS; reload++) {
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
  });
}
