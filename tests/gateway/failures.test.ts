import assert from 'node:assert/strict';
import process from 'node:process';
import { after, describe, it } from 'node:test';
import { Conversation, type TestClient } from './clients.ts';
import { eventually, Service } from './service.ts';

const CLIENTS = 60;
const RATE = 400;

after(() => Service.endAll());

describe('a business process that is killed', () => {
  it('cuts no client; what is not answered is counted as lost; in turn, each of them', async () => {
    const service = await Service.start();
    const clients = await service.clients(CLIENTS);
    const conversation = new Conversation(clients, RATE);
    for (const pid of await service.pids('business')) {
      const before = new Set(await service.pids('business'));
      process.kill(pid, 'SIGKILL');
      await eventually('another takes its place', async () => {
        const now = await service.pids('business');
        return now.length === 2 && now.some((one) => !before.has(one));
      });
    }
    await conversation.end();
    assert.deepEqual(conversation.faults({ mayMiss: true }), []);
    assert.equal(conversation.sent - conversation.answered, await service.lost());
    assert.deepEqual(
      clients.filter(({ closedWith }) => closedWith !== undefined),
      [],
    );
    for (const client of clients) client.leave();
    await eventually('all closes are told', () => service.count(/^close .* (reset|fin)/gm) === CLIENTS);
    await service.end();
  });

  it('is waited for when there is no other: events come in order to the next, sessions are still there', async () => {
    const gateway = await Service.start({ BUSINESSES: '0', GATEWAYS: '1' });
    const [one, two] = (await gateway.clients(2)) as [TestClient, TestClient];
    one.say('count');
    one.say('count');
    two.say('count');
    two.say('echo last');
    two.leave();
    const business = await Service.start(
      { GATEWAYS: '0', BUSINESSES: '1' },
      { file: 'second-service', beside: gateway },
    );
    await one.until(() => one.heard.length === 2);
    assert.deepEqual(one.heard, ['count 1', 'count 2']);
    const [pid = 0] = await business.pids('business');
    process.kill(pid, 'SIGKILL');
    await eventually('it is missed', async () => {
      return (await gateway.members()) === 1 || (await business.pids('business')).some((one) => one !== pid);
    });
    assert.equal(await one.ask('count'), 'count 3');
    await business.end();
    await gateway.end();
  });
});

describe('a gateway process that is killed', () => {
  it('onClose is told for exactly its clients, within two seconds, and their ids lead nowhere ever after', async () => {
    const service = await Service.start();
    const clients: TestClient[] = [];
    const ids = new Map<TestClient, { node: string; id: string }>();
    // The system decides which process a client comes to.
    while (new Set([...ids.values()].map(({ node }) => node)).size < 2) {
      for (const client of await service.clients(10)) {
        const [node = '', , id = ''] = (await client.ask('who')).split(' ');
        clients.push(client);
        ids.set(client, { node, id });
        assert.match(await client.ask('join room'), /^joined \d+$/);
      }
    }
    const [killed = 0] = await service.pids('gateway');
    process.kill(killed, 'SIGKILL');
    const at = performance.now();
    await eventually('its clients notice', () => clients.some(({ closedWith }) => closedWith !== undefined));
    const cut = clients.filter(({ closedWith }) => closedWith !== undefined).map((one) => ids.get(one)?.node);
    const expected = [...ids.values()].filter(({ node }) => node === cut[0]).map(({ id }) => id);
    await eventually(
      'onClose for each',
      () => service.count(/^close \S+ gateway-lost/gm) >= expected.length,
      2 - (performance.now() - at) / 1000,
    );
    const told = [...service.script.output.matchAll(/^close (\S+) gateway-lost/gm)].map(([, id]) => id);
    assert.deepEqual(told.sort(), expected.sort());

    await eventually('another takes its place', async () => (await service.pids('gateway')).length === 2);
    const living = clients.filter(({ closedWith }) => closedWith === undefined);
    const later = await service.clients(20);
    const again = await Promise.all(later.map((client) => client.ask('who')));
    const before = new Set([...ids.values()].map(({ id }) => id));
    for (const answer of again) assert.ok(!before.has(answer.split(' ')[2] ?? ''));
    const [asker] = later as [TestClient];
    assert.equal(await asker.ask(`online ${expected[0]}`), 'false');
    assert.equal(await asker.ask(`online ${ids.get(living[0] as TestClient)?.id}`), 'true');
    assert.equal(await asker.ask('join room'), `joined ${living.length + 1}`);
    for (const client of [...living, ...later]) client.leave();
    await service.end();
  });
});

describe('a service that is stopped', () => {
  it('tells its clients 1001, and its business processes of each of them, before those leave', async () => {
    const service = await Service.start();
    const clients = await service.clients(20);
    for (const client of clients) assert.equal(await client.ask('echo 1'), 'echo 1');
    await service.end('SIGTERM');
    assert.deepEqual(
      clients.map(({ closedWith }) => closedWith),
      clients.map(() => 1001),
    );
    assert.equal(service.count(/^close \S+ frame/gm), clients.length);
    assert.equal((await service.script.exited).code, 0);
  });
});

describe('a handler that throws', () => {
  it('closes that client with 1011, and no other', async () => {
    const service = await Service.start({ BUSINESSES: '1' });
    const [one, two] = (await service.clients(2)) as [TestClient, TestClient];
    one.say('fail');
    await eventually('it is closed', () => one.closedWith !== undefined);
    assert.equal(one.closedWith, 1011);
    assert.equal(await two.ask('echo 1'), 'echo 1');
    two.leave();
    await service.end();
  });
});
