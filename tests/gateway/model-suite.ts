/** Answers are compared with a model while clients come and go: they are exact, and take one round trip. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import fc from 'fast-check';
import type { Exchange } from '../../src/gateway/exchange.ts';
import type { Session } from '../../src/gateway/session.ts';
import type { Verbs } from '../../src/gateway/verbs.ts';
import type { GatewayNode, KnownClient, Nodes } from './nodes.ts';

/** @param open makes the cluster. @param runs of the property. */
export function examineAnswers(open: () => Nodes | Promise<Nodes>, runs: number): void {
  let nodes: Nodes;
  let verbs: Verbs & { readonly exchange: Exchange };
  before(async () => {
    nodes = await open();
    await nodes.gateway();
    await nodes.gateway();
    verbs = await nodes.verbs();
  });
  after(() => nodes.close());

  interface Modelled {
    readonly node: GatewayNode;
    readonly known: KnownClient;
    uid: string | undefined;
    readonly groups: Set<string>;
    session: Session;
  }

  const NAMES = ['a', 'b', '*'];
  const action = fc.oneof(
    { weight: 3, arbitrary: fc.record({ do: fc.constant('come' as const), at: fc.nat(1) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('go' as const), who: fc.nat() }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constantFrom(
          'bind' as const,
          'unbind' as const,
          'join' as const,
          'leave' as const,
          'note' as const,
        ),
        who: fc.nat(),
        name: fc.constantFrom(...NAMES),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('ungroup' as const), name: fc.constantFrom(...NAMES) }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('look' as const), name: fc.constantFrom(...NAMES) }),
    },
  );

  type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

  async function carryOut(act: Action, model: Modelled[]): Promise<void> {
    switch (act.do) {
      case 'come': {
        const node = nodes.gateways[act.at] as GatewayNode;
        model.push({ node, known: await node.client(), uid: undefined, groups: new Set(), session: {} });
        return;
      }
      case 'ungroup':
        verbs.ungroup(act.name);
        for (const { groups } of model) groups.delete(act.name);
        return;
      case 'look':
        return compare(act.name, model);
    }
    const one = model[act.who % model.length];
    if (!one) return;
    const { id } = one.known;
    switch (act.do) {
      case 'go':
        await one.node.part(one.known);
        model.splice(model.indexOf(one), 1);
        return;
      case 'bind':
        verbs.bindUid(id, act.name);
        one.uid = act.name;
        return;
      case 'unbind':
        verbs.unbindUid(id);
        one.uid = undefined;
        return;
      case 'join':
        verbs.joinGroup(id, act.name);
        one.groups.add(act.name);
        return;
      case 'leave':
        verbs.leaveGroup(id, act.name);
        one.groups.delete(act.name);
        return;
      case 'note':
        verbs.updateSession(id, { [act.name]: model.length });
        one.session = { ...one.session, [act.name]: model.length };
    }
  }

  async function compare(name: string, model: readonly Modelled[]): Promise<void> {
    const ids = (some: readonly Modelled[]): string[] => some.map(({ known }) => known.id).sort();
    const ofUid = model.filter(({ uid }) => uid === name);
    const ofGroup = model.filter(({ groups }) => groups.has(name));
    const uids = [...new Set(model.flatMap(({ uid }) => uid ?? []))].sort();
    const answers = await Promise.all([
      verbs.isUidOnline(name),
      verbs.getClientIdByUid(name),
      verbs.getClientIdListByGroup(name),
      verbs.getClientIdCountByGroup(name),
      verbs.getAllClientIdList(),
      verbs.getAllUidList(),
      verbs.getClientSessionsByGroup(name),
    ]);
    const sorted = answers.map((answer) => (Array.isArray(answer) ? answer.toSorted() : answer));
    assert.deepEqual(sorted, [
      ofUid.length > 0,
      ids(ofUid),
      ids(ofGroup),
      ofGroup.length,
      ids(model),
      uids,
      Object.fromEntries(ofGroup.map(({ known, session }) => [known.id, session])),
    ]);
  }

  describe('answers', () => {
    it('are those of the model, whatever has happened before', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(action, { minLength: 10, maxLength: 60 }), async (actions) => {
          const model: Modelled[] = [];
          for (const act of actions) await carryOut(act, model);
          for (const name of NAMES) await compare(name, model);
          for (const { node, known } of model) await node.part(known);
        }),
        { numRuns: runs },
      );
    });

    it('take one round trip: one message to each other process, one back', async () => {
      const [one, two] = nodes.gateways as [GatewayNode, GatewayNode];
      const client = await one.client();
      verbs.joinGroup(client.id, 'trip');
      await verbs.isOnline(client.id);
      const counts = (): number[] =>
        [verbs.exchange, one.exchange, two.exchange].map(({ bus }) => bus.counts.sent);
      const since = (before: number[]): number[] =>
        counts().map((count, index) => count - (before[index] ?? 0));
      let before = counts();
      assert.equal(await verbs.getClientIdCountByGroup('trip'), 1);
      assert.deepEqual(since(before), [2, 1, 1]);
      before = counts();
      assert.deepEqual(await verbs.getSession(client.id), {});
      assert.deepEqual(since(before), [1, 1, 0]);
      await one.part(client);
    });

    it('sendToUid and sendToGroup reach only the processes that hold a member', async () => {
      const [one, two] = nodes.gateways as [GatewayNode, GatewayNode];
      const client = await one.client();
      verbs.joinGroup(client.id, 'few');
      verbs.bindUid(client.id, 'one');
      verbs.sendToGroup('few', 'first');
      await client.client.until(() => client.client.heard.length === 1);
      await verbs.getAllClientCount();
      const received = (): number[] => [one, two].map(({ exchange }) => exchange.bus.counts.received);
      const before = received();
      for (let count = 0; count < 10; count++) {
        verbs.sendToGroup('few', 'g');
        verbs.sendToUid('one', 'u');
        verbs.sendToUid('nobody', 'u');
      }
      await client.client.until(() => client.client.heard.length === 21);
      assert.deepEqual(
        received().map((count, index) => count - (before[index] ?? 0)),
        [20, 0],
      );
      await one.part(client);
    });
  });
}
