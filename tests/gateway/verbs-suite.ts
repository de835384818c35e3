/** GatewayWorker's methods, one after the other, over two gateway processes and one that holds no client. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Verbs } from '../../src/gateway/verbs.ts';
import type { KnownClient, Nodes } from './nodes.ts';
import { eventually } from './service.ts';

/** @param open makes the cluster; processes of it may be on several machines. */
export function examineVerbs(open: () => Nodes | Promise<Nodes>): void {
  let nodes: Nodes;
  let verbs: Verbs;
  let clients: KnownClient[];
  let current = '';

  before(async () => {
    nodes = await open();
    const [one, two] = [await nodes.gateway(), await nodes.gateway()];
    verbs = await nodes.verbs(() => current);
    clients = [await one.client(), await two.client(), await one.client(), await two.client()];
    current = id(0);
  });
  after(async () => {
    for (const { client } of clients) client.leave();
    await nodes.close();
  });

  const id = (index: number): string => clients[index]?.id ?? '';

  /** What each client hears of what `act` sends, in order; an end mark tells that nothing more comes. */
  async function heardOf(act: () => void): Promise<string[][]> {
    const from = clients.map(({ client }) => client.heard.length);
    act();
    const end = `end ${Math.random()}`;
    verbs.sendToAll(end);
    await Promise.all(clients.map(({ client }) => client.until(() => client.heard.at(-1) === end)));
    return clients.map(({ client }, index) => client.heard.slice(from[index], -1));
  }

  /** None of the uids and groups of the test before. */
  async function clean(): Promise<void> {
    for (const { id: one } of clients) {
      verbs.unbindUid(one);
      for (const group of await verbs.getGroupsByClientId(one)) verbs.leaveGroup(one, group);
      verbs.setSession(one, {});
    }
  }

  describe('sending', () => {
    it('sendToAll: to everybody', async () => {
      assert.deepEqual(await heardOf(() => verbs.sendToAll('a')), [['a'], ['a'], ['a'], ['a']]);
    });

    it('sendToAll: to listed clients; an empty list is nobody', async () => {
      assert.deepEqual(await heardOf(() => verbs.sendToAll('a', [id(1), id(2)])), [[], ['a'], ['a'], []]);
      assert.deepEqual(await heardOf(() => verbs.sendToAll('a', [])), [[], [], [], []]);
    });

    it('sendToAll: but not to excluded ones', async () => {
      assert.deepEqual(await heardOf(() => verbs.sendToAll('a', null, [id(0), id(3)])), [
        [],
        ['a'],
        ['a'],
        [],
      ]);
      assert.deepEqual(await heardOf(() => verbs.sendToAll('a', [id(0), id(1)], [id(0)])), [
        [],
        ['a'],
        [],
        [],
      ]);
    });

    it('sendToAll raw: bytes without the protocol', async () => {
      const frame = Buffer.from([0x81, 1, 0x61]);
      assert.deepEqual(await heardOf(() => verbs.sendToAll(frame, null, null, true)), [
        ['a'],
        ['a'],
        ['a'],
        ['a'],
      ]);
    });

    it('sendToClient: to one; to nobody when the id is unknown or forged', async () => {
      const forged = `${id(1).slice(0, -1)}${id(1).endsWith('A') ? 'B' : 'A'}`;
      const act = (): void => {
        verbs.sendToClient(id(1), 'a');
        verbs.sendToClient('nobody', 'b');
        verbs.sendToClient(forged, 'c');
      };
      assert.deepEqual(await heardOf(act), [[], ['a'], [], []]);
    });

    it('sendToCurrentClient: to the one whose event is handled', async () => {
      assert.deepEqual(await heardOf(() => verbs.sendToCurrentClient('a')), [['a'], [], [], []]);
    });

    it('bytes arrive as binary', async () => {
      const [first] = clients;
      let isBinary = false;
      first?.client.socket.once('message', (_, binary) => {
        isBinary = binary;
      });
      await heardOf(() => verbs.sendToClient(id(0), Buffer.from('a')));
      assert.equal(isBinary, true);
    });

    it('sendToUid: to all clients of a uid, or of several', async () => {
      const act = (): void => {
        verbs.bindUid(id(0), 7);
        verbs.bindUid(id(1), '7');
        verbs.bindUid(id(2), 'ann');
        verbs.sendToUid(7, 'a');
        verbs.sendToUid(['7', 'ann'], 'b');
        verbs.sendToUid('nobody', 'c');
      };
      assert.deepEqual(await heardOf(act), [['a', 'b'], ['a', 'b'], ['b'], []]);
    });

    it('sendToGroup: to all members; to a member of two listed groups once; but not to excluded ones', async () => {
      const act = (): void => {
        verbs.joinGroup(id(0), 'x');
        verbs.joinGroup(id(1), 'x');
        verbs.joinGroup(id(1), 'y');
        verbs.joinGroup(id(2), 'y');
        verbs.sendToGroup('x', 'a');
        verbs.sendToGroup(['x', 'y'], 'b');
        verbs.sendToGroup(['x', 'y'], 'c', [id(1)]);
      };
      assert.deepEqual(await heardOf(act), [['a', 'b', 'c'], ['a', 'b'], ['b', 'c'], []]);
      await clean();
    });

    it('orders of one process to one client are carried out in order, whatever they are', async () => {
      const act = (): void => {
        for (let round = 0; round < 50; round++) {
          verbs.sendToClient(id(1), `${round} client`);
          verbs.joinGroup(id(1), `g${round}`);
          verbs.sendToGroup(`g${round}`, `${round} group`);
          verbs.bindUid(id(1), `u${round}`);
          verbs.sendToUid(`u${round}`, `${round} uid`);
          verbs.leaveGroup(id(1), `g${round}`);
          verbs.sendToGroup(`g${round}`, 'too late');
        }
      };
      const expected = Array.from({ length: 50 }, (_, round) => [
        `${round} client`,
        `${round} group`,
        `${round} uid`,
      ]).flat();
      assert.deepEqual((await heardOf(act))[1], expected);
      await clean();
    });
  });

  describe('uids', () => {
    it('bindUid, isUidOnline, isUidsOnline, getClientIdByUid, getUidByClientId, batchGetClientIdByUid', async () => {
      verbs.bindUid(id(0), 'ann');
      verbs.bindUid(id(1), 'ann');
      assert.equal(await verbs.isUidOnline('ann'), true);
      assert.equal(await verbs.isUidOnline('bob'), false);
      assert.deepEqual(await verbs.isUidsOnline(['ann', 'bob']), { ann: true, bob: false });
      assert.deepEqual((await verbs.getClientIdByUid('ann')).sort(), [id(0), id(1)].sort());
      assert.deepEqual(await verbs.getClientIdByUid('bob'), []);
      assert.equal(await verbs.getUidByClientId(id(1)), 'ann');
      assert.equal(await verbs.getUidByClientId(id(2)), null);
      const all = await verbs.batchGetClientIdByUid(['ann', 'bob']);
      assert.deepEqual(all.ann?.toSorted(), [id(0), id(1)].sort());
      assert.deepEqual(all.bob, []);
    });

    it('a client has one uid: another takes its place; unbindUid takes it away', async () => {
      verbs.bindUid(id(0), 'bob');
      assert.deepEqual(await verbs.getClientIdByUid('ann'), [id(1)]);
      verbs.unbindUid(id(0), 'whatever');
      assert.equal(await verbs.getUidByClientId(id(0)), null);
      assert.equal(await verbs.isUidOnline('bob'), false);
      await clean();
    });

    it('getAllUidList, getAllUidCount: each uid once', async () => {
      for (const [index, uid] of ['ann', 'ann', 'bob'].entries()) verbs.bindUid(id(index), uid);
      assert.deepEqual((await verbs.getAllUidList()).sort(), ['ann', 'bob']);
      assert.equal(await verbs.getAllUidCount(), 2);
      await clean();
    });

    it('a uid of *, > or a.b is no wildcard, nor is a group', async () => {
      const act = (): void => {
        for (const [index, name] of ['*', '>', 'a.b', 'a'].entries()) {
          verbs.bindUid(id(index), name);
          verbs.joinGroup(id(index), name);
        }
        for (const name of ['*', '>', 'a.b', 'a', 'a.*', ' ']) {
          verbs.sendToUid(name, `uid ${name}`);
          verbs.sendToGroup(name, `group ${name}`);
        }
      };
      const expected = ['*', '>', 'a.b', 'a'].map((name) => [`uid ${name}`, `group ${name}`]);
      assert.deepEqual(await heardOf(act), expected);
      await clean();
    });

    it('an empty uid or group is refused in one line', () => {
      const all = [
        () => verbs.bindUid(id(0), ''),
        () => verbs.sendToUid('', 'a'),
        () => verbs.joinGroup(id(0), ''),
        () => verbs.sendToGroup([''], 'a'),
        () => verbs.bindUid(id(0), null as never),
      ];
      for (const act of all)
        assert.throws(act, { code: 'E_NAME', message: /is a number or a text that is not empty/ });
    });
  });

  describe('groups', () => {
    it('joinGroup and leaveGroup, lists, counts, uids and sessions of a group', async () => {
      for (const index of [0, 1, 2]) verbs.joinGroup(id(index), 'room');
      verbs.joinGroup(id(0), 'room');
      verbs.leaveGroup(id(2), 'room');
      verbs.bindUid(id(0), 'ann');
      verbs.bindUid(id(1), 'ann');
      verbs.setSession(id(0), { name: 'Ann' });
      assert.deepEqual((await verbs.getClientIdListByGroup('room')).sort(), [id(0), id(1)].sort());
      assert.equal(await verbs.getClientIdCountByGroup('room'), 2);
      assert.equal(await verbs.getClientCountByGroup('room'), 2);
      assert.deepEqual(await verbs.batchGetClientIdCountByGroup(['room', 'none']), { room: 2, none: 0 });
      assert.deepEqual(await verbs.getUidListByGroup('room'), ['ann']);
      assert.equal(await verbs.getUidCountByGroup('room'), 1);
      assert.deepEqual(await verbs.getClientSessionsByGroup('room'), {
        [id(0)]: { name: 'Ann' },
        [id(1)]: {},
      });
      assert.deepEqual(await verbs.getGroupsByClientId(id(0)), ['room']);
    });

    it('ungroup: all its members leave it', async () => {
      verbs.ungroup('room');
      assert.equal(await verbs.getClientIdCountByGroup('room'), 0);
      assert.deepEqual(await verbs.getAllGroupIdList(), []);
      await clean();
    });

    it('getAllGroup…: of all groups, complete although some clients have no uid and no group', async () => {
      verbs.joinGroup(id(3), 'a');
      verbs.joinGroup(id(0), 'a');
      verbs.joinGroup(id(3), 'b');
      verbs.bindUid(id(3), 'dan');
      assert.deepEqual((await verbs.getAllGroupIdList()).sort(), ['a', 'b']);
      const ids = await verbs.getAllGroupClientIdList();
      assert.deepEqual(ids.a?.toSorted(), [id(0), id(3)].sort());
      assert.deepEqual(ids.b, [id(3)]);
      assert.deepEqual(await verbs.getAllGroupClientIdCount(), { a: 2, b: 1 });
      assert.deepEqual(await verbs.getAllGroupUidList(), { a: ['dan'], b: ['dan'] });
      assert.deepEqual(await verbs.getAllGroupUidCount(), { a: 1, b: 1 });
      await clean();
    });
  });

  describe('sessions', () => {
    it('setSession replaces, updateSession merges within', async () => {
      verbs.setSession(id(0), { name: 'Ann', seen: { rooms: 1, people: ['b'] } });
      verbs.updateSession(id(0), { seen: { rooms: 2, people: ['c'] }, age: 3 });
      assert.deepEqual(await verbs.getSession(id(0)), {
        name: 'Ann',
        seen: { rooms: 2, people: ['c'] },
        age: 3,
      });
      verbs.setSession(id(0), { only: true });
      assert.deepEqual(await verbs.getSession(id(0)), { only: true });
    });

    it('getSession: empty without one, null for who is not there', async () => {
      assert.deepEqual(await verbs.getSession(id(1)), {});
      assert.equal(await verbs.getSession('nobody'), null);
    });

    it('no key of a session changes what objects are', async () => {
      verbs.updateSession(
        id(0),
        JSON.parse('{ "__proto__": { "bad": 1 }, "a": { "__proto__": { "bad": 1 } } }'),
      );
      await verbs.getSession(id(0));
      assert.equal(({} as { bad?: number }).bad, undefined);
    });

    it('getAllClientSessions: of all, or of a group', async () => {
      verbs.setSession(id(0), { a: 1 });
      verbs.joinGroup(id(0), 'g');
      assert.deepEqual(await verbs.getAllClientSessions('g'), { [id(0)]: { a: 1 } });
      assert.equal(Object.keys(await verbs.getAllClientSessions()).length, 4);
      await clean();
    });
  });

  describe('who is there, and who is sent away', () => {
    it('isOnline, getAllClientIdList, getAllClientIdCount, getAllClientCount', async () => {
      assert.equal(await verbs.isOnline(id(0)), true);
      assert.equal(await verbs.isOnline('nobody'), false);
      assert.deepEqual((await verbs.getAllClientIdList()).sort(), clients.map((one) => one.id).sort());
      assert.equal(await verbs.getAllClientIdCount(), 4);
      assert.equal(await verbs.getAllClientCount(), 4);
    });

    it('closeClient: with a last message, or a code of its own; closeUid: all clients of a uid', async () => {
      const [one, two] = nodes.gateways;
      const [a, b, c, d] = [
        await one?.client(),
        await two?.client(),
        await one?.client(),
        await two?.client(),
      ];
      verbs.closeClient(a?.id ?? '', 'bye');
      verbs.closeClient(b?.id ?? '', { code: 4001, reason: 'kicked' });
      verbs.bindUid(c?.id ?? '', 'kim');
      verbs.bindUid(d?.id ?? '', 'kim');
      verbs.closeUid('kim', 'out');
      const all = [a, b, c, d].map((known) => known?.client);
      await eventually('all are closed', () => all.every((client) => client?.closedWith !== undefined));
      assert.deepEqual(
        all.map((client) => client?.closedWith),
        [1000, 4001, 1000, 1000],
      );
      assert.deepEqual(
        all.map((client) => client?.heard),
        [['bye'], [], ['out'], ['out']],
      );
      assert.equal(await verbs.isOnline(a?.id ?? ''), false);
    });

    it('destroyClient, and destoryClient as GatewayWorker spells it: at once', async () => {
      const [one] = nodes.gateways;
      const [a, b] = [await one?.client(), await one?.client()];
      verbs.destroyClient(a?.id ?? '');
      verbs.destoryClient(b?.id ?? '');
      await eventually('both are cut', () => [a, b].every((known) => known?.client.closedWith === 1006));
    });

    it('closeCurrentClient, destroyCurrentClient', async () => {
      const [one] = nodes.gateways;
      const [a, b] = [await one?.client(), await one?.client()];
      current = a?.id ?? '';
      verbs.closeCurrentClient('bye');
      current = b?.id ?? '';
      verbs.destroyCurrentClient();
      current = id(0);
      await eventually('both are gone', () =>
        [a, b].every((known) => known?.client.closedWith !== undefined),
      );
      assert.deepEqual([a?.client.closedWith, b?.client.closedWith], [1000, 1006]);
    });
  });
}
