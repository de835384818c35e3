import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { type PageNews, realWorld } from '../../src/client/world.ts';
import { FakeWorld, stage } from './stage.ts';

describe('the network', () => {
  it('is not tried while the browser is offline, and at once when it is back', async () => {
    const one = await stage();
    one.socket.opens();
    one.world.offline = true;
    await one.world.tell('offline');
    one.socket.ends();
    await one.world.pass(3600);
    assert.deepEqual([one.sockets.length, one.client.status], [1, 'waiting']);

    one.world.offline = false;
    await one.world.tell('online');
    assert.deepEqual([one.sockets.length, one.client.status], [2, 'connecting']);
  });

  it('may be away at the start', async () => {
    const world = new FakeWorld();
    world.offline = true;
    const { client, sockets } = await stage({}, world);
    assert.deepEqual([client.status, sockets.length, world.planned], ['waiting', 0, []]);
    assert.ok(client.send('waits'));
    world.offline = false;
    await world.tell('online');
    assert.equal(sockets.length, 1);
  });

  it('ends the waiting when it comes back', async () => {
    const one = await stage({ minDelay: 20 });
    one.socket.ends();
    await one.world.tell('online');
    assert.equal(one.sockets.length, 2);
    await one.world.pass(9);
    assert.equal(one.sockets.length, 2, 'the planned attempt was called off');
  });

  it('toggles quickly without a second socket', async () => {
    const one = await stage();
    for (let round = 0; round < 5; round++) {
      await one.world.tell('offline');
      await one.world.tell('online');
    }
    assert.equal(one.sockets.length, 1);
  });

  it('that came back may have another address: without pings the connection is replaced', async () => {
    const one = await stage();
    one.socket.opens();
    await one.world.tell('online');
    assert.equal(one.client.status, 'open');
    await one.world.tell('offline');
    assert.equal(one.client.status, 'open');
    await one.world.tell('online');
    await one.world.pass(0);
    assert.deepEqual([one.cause.how, one.sockets.length], ['renewed', 2]);
  });

  it('that came back is proved by a ping where there are pings', async () => {
    const one = await stage({ ping: { message: 'ping' } });
    one.socket.opens();
    await one.world.tell('offline');
    await one.world.tell('online');
    assert.deepEqual([one.socket.sent, one.client.status], [['ping'], 'open']);
    await one.world.pass(10);
    assert.equal(one.cause.how, 'silence');
  });
});

describe('the page', () => {
  it('tries at once when it is shown', async () => {
    const one = await stage({ minDelay: 20 });
    one.socket.ends();
    await one.world.tell('shown');
    assert.equal(one.sockets.length, 2);
  });

  it('asks for a sign of life when it is shown', async () => {
    const one = await stage({ ping: { message: 'ping', interval: 0 } });
    one.socket.opens();
    await one.world.pass(3600);
    assert.deepEqual(one.socket.sent, []);
    await one.world.tell('shown');
    await one.world.tell('shown');
    assert.deepEqual(one.socket.sent, ['ping']);
    one.socket.says('anything');
    await one.world.pass(3600);
    assert.equal(one.client.status, 'open');
  });

  it('closes its connection when it is put away, and opens it when it is shown again', async () => {
    const one = await stage();
    one.socket.opens();
    await one.world.tell('hidden');
    assert.deepEqual([one.socket.closed, one.cause.how, one.client.status], [[1000], 'hidden', 'waiting']);
    await one.world.tell('online');
    await one.world.pass(60);
    assert.equal(one.sockets.length, 1);
    assert.ok(one.client.send('kept'));

    await one.world.tell('shown');
    one.socket.opens();
    assert.deepEqual([one.sockets.length, one.opens, one.socket.sent], [2, [false, true], ['kept']]);
    assert.equal(one.cause.failures, 0);
  });

  it('that was put away is not in the way of reconnect() after the end', async () => {
    const one = await stage();
    await one.world.tell('hidden');
    one.client.close();
    one.client.reconnect();
    await one.world.pass(0);
    assert.equal(one.client.status, 'connecting');
  });
});

describe('pings', () => {
  const ping = { message: 'ping', isPong: (message: unknown) => message === 'pong' };

  it('are sent at intervals; answers are not for listeners', async () => {
    const { world, socket, messages } = await stage({ ping });
    socket.opens();
    await world.pass(25);
    socket.says('pong');
    socket.says('news');
    await world.pass(25);
    assert.deepEqual([socket.sent, messages], [['ping', 'ping'], ['news']]);
  });

  it('that nothing answers end the connection, which comes back', async () => {
    const one = await stage({ ping });
    one.socket.opens();
    await one.world.pass(34.9);
    assert.equal(one.client.status, 'open');
    await one.world.pass(0.1);
    assert.deepEqual([one.cause.how, one.cause.reason], ['silence', 'no sign of life for 10 s']);
    assert.deepEqual([one.cause.retryIn, one.socket.closed], [0.5, [1000]]);
    await one.world.pass(0.5);
    assert.equal(one.sockets.length, 2);
  });

  it('wait while what was sent before them drains', async () => {
    const one = await stage({ ping });
    one.socket.opens();
    one.socket.bufferedAmount = 900;
    await one.world.pass(25);
    for (const left of [600, 300]) {
      one.socket.bufferedAmount = left;
      await one.world.pass(10);
    }
    assert.equal(one.client.status, 'open');
    await one.world.pass(10);
    assert.equal(one.cause.how, 'silence');
  });
});

describe('the browser', () => {
  const names = ['addEventListener', 'removeEventListener', 'document', 'navigator', 'location'];
  const before = names.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const);
  afterEach(() => {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else Reflect.deleteProperty(globalThis, name);
    }
  });

  it('may be none', () => {
    realWorld.watch(() => {})();
    assert.equal(realWorld.isOffline(), false);
  });

  it('may have a part of it, as native shells and workers do', () => {
    pretend({ document: {}, navigator: {} });
    realWorld.watch(() => {})();
    assert.equal(realWorld.isOffline(), false);
  });

  it('tells of the network and the page until nobody wants to know', () => {
    const document = Object.assign(new EventTarget(), { visibilityState: 'hidden' });
    const page = new EventTarget();
    pretend({
      document,
      addEventListener: page.addEventListener.bind(page),
      removeEventListener: page.removeEventListener.bind(page),
    });
    const told: PageNews[] = [];
    const stop = realWorld.watch((news) => told.push(news));
    for (const type of ['offline', 'online', 'pagehide', 'pageshow']) page.dispatchEvent(new Event(type));
    for (const type of ['visibilitychange', 'freeze', 'resume']) document.dispatchEvent(new Event(type));
    document.visibilityState = 'visible';
    document.dispatchEvent(new Event('visibilitychange'));
    assert.deepEqual(told, ['offline', 'online', 'hidden', 'shown', 'hidden', 'shown']);
    stop();
    page.dispatchEvent(new Event('online'));
    document.dispatchEvent(new Event('visibilitychange'));
    assert.equal(told.length, 6);
  });

  it('says that it is offline, which does not matter to a page from this machine', () => {
    pretend({ navigator: { onLine: false } });
    assert.equal(realWorld.isOffline(), true);
    for (const hostname of ['localhost', '127.0.0.1', '[::1]']) {
      pretend({ location: { hostname } });
      assert.equal(realWorld.isOffline(), false, hostname);
    }
    pretend({ location: { hostname: 'localhost.evil.test' } });
    assert.equal(realWorld.isOffline(), true);
  });

  function pretend(values: Record<string, unknown>): void {
    for (const [name, value] of Object.entries(values)) {
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
  }
});
