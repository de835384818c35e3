/** `usta/push` from another "machine": it shares nothing with the service but a NATS or Redis server. */
import assert from 'node:assert/strict';
import process from 'node:process';
import { after, describe, it } from 'node:test';
import { connect } from '../../src/push.ts';
import { Outside } from '../gateway/outside.ts';
import { natsServer, redisServer, type Server } from './bus/servers.ts';

const SECRET = 'the secret of this test';
const here = new Outside();
const there = new Outside();
const servers: Server[] = [];
process.env.USTA_RUNTIME_DIR = here.directory;
after(async () => {
  await Promise.all([here.end(), there.end()]);
  await Promise.all(servers.map((server) => server.remove()));
});

for (const [scheme, make] of [
  ['nats', natsServer],
  ['redis', redisServer],
] as const) {
  describe(`usta/push over ${scheme}`, { timeout: 30_000 }, () => {
    it('reaches clients of the other machine, and says when the secretKey or the cluster is another', async () => {
      const server = await (await make()).start();
      servers.push(server);
      const bus = `${scheme}://127.0.0.1:${server.port}`;
      const { script, url } = await there.serve({ BUS: bus, CLUSTER: 'chat', SECRET, GATEWAYS: '1' });
      const push = await connect({ bus, cluster: 'chat', secretKey: SECRET });
      const { client, id } = await there.client(url, 'uid 7');
      push.sendToUid('7', 'one');
      push.sendToClient(id, 'two');
      await client.until(() => client.heard.includes('two'));
      assert.deepEqual(client.heard, ['one', 'two']);
      assert.equal(await push.isUidOnline('7'), true);
      await push.close();
      await assert.rejects(connect({ bus, cluster: 'chat', secretKey: 'another secret, as long', wait: 2 }), {
        code: 'E_PUSH_SECRET',
      });
      await assert.rejects(connect({ bus, cluster: 'shop', secretKey: SECRET, wait: 1 }), {
        code: 'E_PUSH_NOBODY',
        message:
          'nobody holds clients in cluster shop (waited 1 s): is the server running, with the same cluster?',
      });
      client.leave();
      await script.end('SIGTERM');
    });
  });
}
