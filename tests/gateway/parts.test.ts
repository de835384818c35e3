/** The parts of the gateway, each by itself. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Member } from '../../src/bus/member.ts';
import type { TcpConnection } from '../../src/connection/tcp-connection.ts';
import { Client } from '../../src/gateway/client.ts';
import { ClientIds } from '../../src/gateway/client-ids.ts';
import { ExpectedJoins } from '../../src/gateway/expected-joins.ts';
import { messageOf, readFrame, writeFrame } from '../../src/gateway/frames.ts';
import { Registry } from '../../src/gateway/registry.ts';
import { type Handling, routerOf } from '../../src/gateway/routers.ts';
import { merge, SessionWatch } from '../../src/gateway/session.ts';

const NODE = 'AAAAAAAABBBBBBBB';

describe('client ids', () => {
  const ids = new ClientIds(Buffer.alloc(32, 1));

  it('lead to their place and number, however large it is', () => {
    for (const number of [1, 255, 2 ** 32, 2 ** 47]) {
      const id = ids.make({ node: NODE, number });
      assert.match(id, /^[\w-]{32}$/);
      assert.deepEqual(ids.read(id), { node: NODE, number });
      assert.deepEqual(new ClientIds(Buffer.alloc(32, 1)).read(id), { node: NODE, number });
    }
  });

  it('are not read when a letter is another, when they are cut, or when another cluster has made them', () => {
    const id = ids.make({ node: NODE, number: 7 });
    for (let at = 0; at < id.length; at++) {
      const other = id[at] === 'A' ? 'B' : 'A';
      assert.equal(ids.read(id.slice(0, at) + other + id.slice(at + 1)), undefined);
      assert.equal(ids.read(id.slice(0, at)), undefined);
    }
    assert.equal(ids.read(`${id}A`), undefined);
    assert.equal(new ClientIds(Buffer.alloc(32, 2)).read(id), undefined);
  });
});

describe('frames', () => {
  it('carry a header and a message, text or bytes', () => {
    const { header, body } = readFrame<{ do: string }>(writeFrame({ do: 'ş' }, 'ğü'));
    assert.deepEqual(header, { do: 'ş' });
    assert.equal(messageOf(body, {}), 'ğü');
    const bytes = readFrame(writeFrame({}, Uint8Array.of(1, 2))).body;
    assert.deepEqual(messageOf(bytes, { bytes: true }), Buffer.of(1, 2));
  });
});

describe('sessions', () => {
  it('are merged within objects; lists and values are replaced', () => {
    const merged = merge({ a: { b: 1, c: [1, 2] }, d: 1 }, { a: { c: [3] }, d: { e: 1 } });
    assert.deepEqual(merged, { a: { b: 1, c: [3] }, d: { e: 1 } });
  });

  it('a watch tells which keys were set and dropped, once, also deep within', () => {
    const watch = new SessionWatch();
    watch.replace({ a: { b: 1 }, c: 2, d: 3 });
    assert.equal(watch.takeChange(), undefined);
    const session = watch.look() as { a: { b: number }; c?: number; e?: string };
    session.a.b = 2;
    delete session.c;
    session.e = 'new';
    assert.deepEqual(watch.takeChange(), { set: { a: { b: 2 }, e: 'new' }, dropped: ['c'] });
    assert.equal(watch.takeChange(), undefined);
    watch.look();
    assert.equal(watch.takeChange(), undefined);
  });

  it('what is no JSON is refused', () => {
    const watch = new SessionWatch();
    const session = watch.look();
    session.self = session;
    assert.throws(() => watch.takeChange(), TypeError);
  });
});

describe('the registry', () => {
  const client = (number: number): Client => new Client(`id ${number}`, number, {} as TcpConnection);

  it('subscribes with the first of a kind and unsubscribes with the last', () => {
    const topics: string[] = [];
    const registry = new Registry({
      subscribe: (topic) => topics.push(`+${topic}`),
      unsubscribe: (topic) => topics.push(`-${topic}`),
    });
    const [one, two] = [client(1), client(2)];
    for (const each of [one, two]) registry.add(each);
    registry.bind(one, 'u');
    registry.bind(two, 'u');
    registry.bind(two, 'u');
    registry.join(one, 'g');
    registry.join(one, 'g');
    assert.deepEqual(topics.splice(0), ['+uid:u', '+group:g']);
    registry.bind(one, 'v');
    assert.deepEqual(topics.splice(0), ['+uid:v']);
    registry.remove(one);
    registry.remove(one);
    assert.deepEqual(topics.splice(0), ['-uid:v', '-group:g']);
    registry.remove(two);
    assert.deepEqual(topics, ['-uid:u']);
    assert.equal(registry.clients.size + registry.uids.size + registry.groups.size, 0);
  });

  it('finds a client of two groups once', () => {
    const registry = new Registry({ subscribe() {}, unsubscribe() {} });
    const [one, two] = [client(1), client(2)];
    for (const each of [one, two]) registry.add(each);
    registry.join(one, 'a');
    registry.join(one, 'b');
    registry.join(two, 'b');
    assert.deepEqual([...registry.ofGroups(['a', 'b', 'c'])], [one, two]);
    assert.deepEqual([...registry.ofGroups(['none'])], []);
  });
});

describe('joins that are on their way', () => {
  it('are remembered by topic', () => {
    const joins = new ExpectedJoins();
    assert.equal(joins.of(['a']).size, 0);
    joins.add('a', 'one');
    joins.add('b', 'two');
    assert.deepEqual([...joins.of(['a', 'c'])], ['one']);
    assert.deepEqual([...joins.of(['a', 'b'])], ['one', 'two']);
  });
});

describe('routers', () => {
  const handling = (id: string, clients: number, busy: number): Handling => ({
    member: { id, pid: 1, name: 'business', roles: [] } satisfies Member,
    clients,
    busy,
  });
  const [few, many, idle] = [handling('a', 1, 9), handling('b', 5, 3), handling('c', 9, 0)];
  const choices = [many, few, idle];
  const client = (uid?: string): Client => {
    const made = new Client('id', 1, {} as TcpConnection);
    made.uid = uid;
    return made;
  };

  it('sticky: stays; else with whom the fewest clients are', () => {
    assert.equal(routerOf('sticky')(client(), choices, many), many);
    assert.equal(routerOf('sticky')(client(), choices, undefined), few);
    assert.equal(routerOf('sticky')(client(), [], undefined), undefined);
  });

  it('least-busy: whoever has the fewest events; stays when nobody has fewer', () => {
    assert.equal(routerOf('least-busy')(client(), choices, few), idle);
    assert.equal(routerOf('least-busy')(client(), choices, idle), idle);
  });

  it('uid: always the same for a uid, spread over all; when one leaves, only its own move', () => {
    const route = routerOf('uid');
    const uids = Array.from({ length: 300 }, (_, index) => `user ${index}`);
    const before = uids.map((uid) => route(client(uid), choices, undefined));
    for (const choice of choices) assert.ok(before.filter((one) => one === choice).length > 50);
    const left = choices.filter((one) => one !== many);
    for (const [index, uid] of uids.entries()) {
      const now = route(client(uid), left, undefined);
      if (before[index] === many) assert.notEqual(now, many);
      else assert.equal(now, before[index]);
    }
  });
});
