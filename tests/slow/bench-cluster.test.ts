import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { contestantsNamed } from '../../bench/cluster/contestants.ts';
import { familyOf } from '../../bench/cluster/family.ts';
import { type GroupLoad, LOADS } from '../../bench/cluster/loads.ts';
import { figureTable, keepsPromises, ratioTable, remarks } from '../../bench/cluster/summary.ts';
import { type LoadResult, takeTurns } from '../../bench/cluster/turns.ts';
import { DEFAULTS } from '../../bench/load/options.ts';
import type { Report } from '../../bench/load/report.ts';
import { run } from '../../bench/load/run.ts';
import { cleanUpOnExit } from '../../bench/run/belongings.ts';
import type { Outcome } from '../../bench/run/results.ts';
import { asText } from '../../bench/run/table.ts';
import { fakeServer } from '../bench/fake-server.ts';

cleanUpOnExit();

const [ALONE, , BURSTS] = LOADS as [GroupLoad, GroupLoad, GroupLoad];

function cost(serverMicroseconds: number, perSecond = 60_000): Report {
  const rest = { mode: 'group-rate', seconds: 1, messages: perSecond, generatorShare: 0.5 } as const;
  const latency = { p50: 5, p99: 10, worst: 20 };
  return { ...rest, perSecond, serverMicroseconds, serverShare: 0.25, latency };
}

function result(load: GroupLoad, usta: readonly Outcome[], socketio: readonly Outcome[]): LoadResult {
  return { load, outcomes: new Map([['usta', usta] as const, ['cluster-adapter', socketio] as const]) };
}

const CONTESTANTS = [
  { name: 'usta', title: 'usta', start: () => assert.fail() },
  { name: 'cluster-adapter', title: 'Socket.IO', start: () => assert.fail() },
] as const;

describe('bench of clusters', () => {
  it('measures two gateways and a publishing process of ours', { timeout: 20_000 }, async () => {
    const load = { ...BURSTS, load: { ...BURSTS.load, connections: 20, rate: 100 } };
    const said: string[] = [];
    const [measured] = await takeTurns({
      contestants: contestantsNamed(['usta']),
      loads: [load],
      rounds: 1,
      seconds: 0.2,
      say: (line) => said.push(line),
    });
    const [outcome] = measured?.outcomes.get('usta') ?? [];
    assert.ok(outcome && !('failure' in outcome), said.join('\n'));
    assert.ok(outcome.messages > 0);
    assert.ok((outcome.latency?.p99 ?? 0) > 0);
  });

  it('says so when a delivery is missing', async (context) => {
    const server = await fakeServer();
    context.after(() => server.close());
    const options = { ...DEFAULTS, connections: 2, seconds: 0.1, warmUp: 0, port: server.port };
    const control = await deafPublisher(context);
    await assert.rejects(run({ ...options, mode: 'group', control }), /2 deliveries are missing/);
  });

  it('knows the processes that others have started', () => {
    assert.ok(familyOf([process.ppid]).includes(process.ppid));
    if (process.platform === 'linux') assert.ok(familyOf([process.ppid]).includes(process.pid));
  });

  it('compares each round with its neighbour, and judges the load that was promised', () => {
    const results = [
      result(ALONE, [cost(10), cost(20)], [cost(15), cost(30)]),
      result(BURSTS, [cost(2), cost(4)], [cost(8), cost(12)]),
    ];
    assert.equal(
      asText(ratioTable(results, CONTESTANTS)),
      [
        'deliveries per CPU second    one at a time  60/s, 5 at once  floor',
        '───────────────────────────  ─────────────  ───────────────  ─────  ─',
        'local bus : cluster adapter          1.50×            3.50×   ≥ 3×  ✓',
      ].join('\n'),
    );
    assert.equal(keepsPromises(results, CONTESTANTS), true);
  });

  it('has no figure where a round has failed, and marks who did not keep up', () => {
    const results = [result(BURSTS, [cost(2), { failure: 'gone' }], [cost(8, 50_000), cost(8, 50_000)])];
    const [usta, socketio] = figureTable(results, CONTESTANTS).rows;
    assert.deepEqual(usta, ['usta', '–', '–']);
    assert.deepEqual(socketio, ['Socket.IO', '125,000 (0.25)!', '5.00, 10.0']);
    assert.deepEqual(remarks(results, CONTESTANTS), [
      'usta: gone (60/s, 5 at once, round 2).',
      '!: it did not keep up with the rate.',
    ]);
    assert.equal(keepsPromises(results, CONTESTANTS), false);
  });
});

/** Publishes nothing. @returns its port. */
async function deafPublisher(context: TestContext): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket.resume()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}
