/** Sessions in a real Redis server: the examination of stores, an outage, and what lies in the server. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { RedisStore, Timer } from 'usta';
import { examineStore, newKey } from '../session/store-suite.ts';
import { redisServer, type Server } from './bus/servers.ts';

let server: Server;
let stores: readonly [RedisStore, RedisStore];

describe('RedisStore', { timeout: 60_000 }, () => {
  before(async () => {
    server = await redisServer('user ann on >secret ~kept:* +@all');
    await server.start();
    const url = `redis://ann:secret@127.0.0.1:${server.port}`;
    stores = [new RedisStore({ url, prefix: 'kept:' }), new RedisStore({ url, prefix: 'kept:' })];
  });

  after(async () => {
    for (const store of stores) await store.close();
    await server.remove();
  });

  examineStore(
    'RedisStore',
    () => stores,
    () => Timer.sleep(0.06),
  );

  it('may be let in to its own keys alone', async () => {
    const foreign = new RedisStore(`redis://ann:secret@127.0.0.1:${server.port}`);
    await assert.rejects(foreign.load(newKey()), { code: 'E_SESSION_STORE', message: /NOPERM|permission/i });
    await foreign.close();
  });

  it('is an error while the server is away, and goes on when it is back', async () => {
    const key = newKey();
    await server.kill();
    await assert.rejects(stores[0].load(key), { code: 'E_SESSION_STORE' });
    await server.start();
    while (!(await stores[0].save(key, 'a', { after: 0, seconds: 10 }).catch(() => false)))
      await Timer.sleep(0.05);
    assert.equal((await stores[1].load(key))?.text, 'a');
  });
});
