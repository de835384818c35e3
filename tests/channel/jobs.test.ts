import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { Station } from '../../src/channel/station.ts';
import { subscribe } from '../../src/telemetry.ts';
import { Cluster, type Seat, settled } from './cluster.ts';

interface Watching {
  readonly seat: Seat;
  /** Data and attempt of each job, as it was begun. */
  readonly begun: string[];
  /** Ends the oldest job that was begun. */
  end(): void;
}

/** A watcher whose jobs end at once, or when they are told to. */
async function watcher(
  cluster: Cluster,
  { atOnce = true, concurrency = 1 }: { readonly atOnce?: boolean; readonly concurrency?: number } = {},
): Promise<Watching> {
  const seat = await cluster.join();
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  seat.station.consumer.watch(
    'q',
    (data: unknown, { attempt }) => {
      begun.push(`${data} ${attempt}`);
      return atOnce ? undefined : new Promise<void>((resolve) => ends.push(resolve));
    },
    concurrency,
  );
  return { seat, begun, end: () => ends.shift()?.() };
}

function enqueue({ station }: { readonly station: Station }, from: number, to: number): void {
  for (let number = from; number < to; number++) assert.ok(station.producer.enqueue('q', String(number)));
}

const numbers = (all: readonly string[]): number[] => all.map((text) => Number(text.split(' ')[0]));
const ascending = (all: readonly number[]): number[] => [...all].sort((a, b) => a - b);
const upTo = (count: number): number[] => Array.from({ length: count }, (_, number) => number);

describe('jobs', () => {
  it('are done once each, by one watcher in order, and counted', async () => {
    const cluster = new Cluster();
    const one = await watcher(cluster);
    const producer = await cluster.join();
    enqueue(producer, 0, 100);
    await producer.station.producer.whenIdle();
    assert.deepEqual(numbers(one.begun), upTo(100));
    assert.deepEqual(producer.station.producer.counts, {
      waiting: 0,
      given: 0,
      done: 100,
      refused: 0,
      lost: 0,
    });
  });

  it('of one producer are spread evenly over watchers', async () => {
    const cluster = new Cluster();
    const watchers = [await watcher(cluster), await watcher(cluster), await watcher(cluster)];
    const producer = await cluster.join();
    enqueue(producer, 0, 300);
    await producer.station.producer.whenIdle();
    assert.deepEqual(ascending(watchers.flatMap(({ begun }) => numbers(begun))), upTo(300));
    for (const { begun } of watchers) assert.ok(Math.abs(begun.length - 100) <= 10, `${begun.length}`);
  });

  it('are done by the process that has enqueued them, too', async () => {
    const cluster = new Cluster();
    const [own, other] = [await watcher(cluster), await watcher(cluster)];
    own.seat.station.noteSelf();
    enqueue(own.seat, 0, 100);
    await own.seat.station.producer.whenIdle();
    assert.deepEqual(ascending([own, other].flatMap(({ begun }) => numbers(begun))), upTo(100));
    for (const { begun } of [own, other]) assert.ok(begun.length >= 25, `${begun.length}`);
  });

  it('of many producers at once find every watcher that has nothing to do', async () => {
    const cluster = new Cluster();
    const watchers: Watching[] = [];
    for (let count = 0; count < 4; count++) watchers.push(await watcher(cluster, { atOnce: false }));
    const producers = await Promise.all(Array.from({ length: 4 }, () => cluster.join()));
    await settled();
    for (const [index, producer] of producers.entries()) enqueue(producer, index, index + 1);
    await settled();
    const busy = watchers.filter(({ begun }) => begun.length === 1);
    assert.ok(busy.length >= 3, `${busy.length} of 4`);
    for (const { end } of [...watchers, ...watchers]) {
      end();
      await settled();
    }
    for (const { station } of producers) assert.equal(station.producer.counts.done, 1);
  });

  it('are begun as many at a time as the watcher says; the end of its promise is the acknowledgement', async () => {
    const cluster = new Cluster();
    const one = await watcher(cluster, { atOnce: false, concurrency: 3 });
    const producer = await cluster.join();
    enqueue(producer, 0, 5);
    await settled();
    assert.deepEqual(numbers(one.begun), [0, 1, 2]);
    assert.deepEqual(producer.station.producer.counts, {
      waiting: 2,
      given: 3,
      done: 0,
      refused: 0,
      lost: 0,
    });
    one.end();
    await settled();
    assert.deepEqual(numbers(one.begun), [0, 1, 2, 3]);
    assert.equal(producer.station.producer.counts.done, 1);
  });

  it('wait for a watcher, before the bus is joined too', async () => {
    const cluster = new Cluster();
    const early = new Station();
    early.producer.enqueue('q', '0');
    const seat = await cluster.join();
    early.open(seat.bus);
    early.producer.enqueue('q', '1');
    await settled();
    assert.equal(early.producer.counts.waiting, 2);
    const one = await watcher(cluster);
    await early.producer.whenIdle();
    assert.deepEqual(numbers(one.begun), [0, 1]);
  });

  it('are refused when too many are kept, by number or size', async () => {
    const { station } = await new Cluster().join();
    const { producer } = station;
    producer.limits.jobs = 2;
    assert.deepEqual(
      [1, 2, 3].map(() => producer.enqueue('q', '1')),
      [true, true, false],
    );
    producer.limits.jobs = 10;
    producer.limits.bytes = 4;
    assert.deepEqual(
      ['22', '1'].map((text) => producer.enqueue('q', text)),
      [true, false],
    );
    assert.deepEqual(producer.counts, { waiting: 3, given: 0, done: 0, refused: 2, lost: 0 });
  });

  it('that fail are done, and told of', async () => {
    const cluster = new Cluster();
    const one = await cluster.join();
    one.station.consumer.watch('q', (data) => Promise.reject(new Error(`no ${data}`)), 1);
    const failures: string[] = [];
    const stop = subscribe('usta:handler:failed', ({ callback, error }) =>
      failures.push(`${callback}: ${(error as Error).message}`),
    );
    const producer = await cluster.join();
    enqueue(producer, 0, 2);
    await producer.station.producer.whenIdle();
    stop();
    assert.deepEqual(failures, ['Channel.watch q: no 0', 'Channel.watch q: no 1']);
  });

  it('of other queues are none of theirs', async () => {
    const cluster = new Cluster();
    const one = await watcher(cluster);
    const producer = await cluster.join();
    producer.station.producer.enqueue('other', '1');
    enqueue(producer, 0, 1);
    await settled();
    assert.deepEqual([numbers(one.begun), producer.station.producer.counts.waiting], [[0], 1]);
  });
});

describe('a watcher', () => {
  it('that dies in the middle loses nothing: the next one is given its jobs first', async () => {
    const cluster = new Cluster();
    const dying = await watcher(cluster, { atOnce: false, concurrency: 2 });
    const producer = await cluster.join();
    enqueue(producer, 0, 5);
    await settled();
    assert.equal(dying.begun.length, 2);
    await dying.seat.die();
    await settled();
    const next = await watcher(cluster);
    await producer.station.producer.whenIdle();
    assert.deepEqual(next.begun, ['0 2', '1 2', '2 1', '3 1', '4 1']);
  });

  it('that was thought to be dead may still acknowledge', async () => {
    const cluster = new Cluster();
    const slow = await watcher(cluster, { atOnce: false });
    const producer = await cluster.join();
    enqueue(producer, 0, 1);
    await settled();
    producer.station.producer.left({ ...slow.seat.bus.self });
    assert.equal(producer.station.producer.counts.waiting, 1);
    slow.end();
    await settled();
    assert.deepEqual(producer.station.producer.counts, {
      waiting: 0,
      given: 0,
      done: 1,
      refused: 0,
      lost: 0,
    });
  });

  it('is not killed for ever by the same job: after five it is given up', async () => {
    const cluster = new Cluster();
    const producer = await cluster.join();
    const failures: unknown[] = [];
    const stop = subscribe('usta:handler:failed', ({ error }) => failures.push(error));
    enqueue(producer, 0, 1);
    for (let round = 1; round <= 5; round++) {
      const victim = await watcher(cluster, { atOnce: false });
      await settled();
      assert.deepEqual(victim.begun, [`0 ${round}`]);
      await victim.seat.die();
      await settled();
    }
    stop();
    assert.deepEqual(producer.station.producer.counts, {
      waiting: 0,
      given: 0,
      done: 0,
      refused: 0,
      lost: 1,
    });
    assert.match(String(failures[0]), /a job was with 5 processes that died, and is given up: 0/);
  });

  it('that leaves ends what it has begun and gives back the rest', async () => {
    const cluster = new Cluster();
    const leaving = await watcher(cluster, { atOnce: false });
    const [one, two] = [await cluster.join(), await cluster.join()];
    enqueue(one, 0, 1);
    await settled();
    enqueue(two, 1, 2);
    await settled();
    assert.deepEqual(numbers(leaving.begun), [0], 'the other waits behind it');
    const next = await watcher(cluster);
    const left = leaving.seat.station.drain(5);
    await settled();
    assert.deepEqual(numbers(next.begun), [1]);
    leaving.end();
    assert.equal(await left, 0);
    assert.equal(one.station.producer.counts.done, 1);
    enqueue(one, 2, 3);
    await one.station.producer.whenIdle();
    assert.deepEqual(numbers(next.begun), [1, 2]);
  });

  it('may stop and begin again', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    const cluster = new Cluster();
    const { seat, begun } = await watcher(cluster);
    const producer = await cluster.join();
    seat.station.consumer.unwatch('q');
    enqueue(producer, 0, 1);
    await settled();
    assert.deepEqual([begun, producer.station.producer.counts.waiting], [[], 1]);
    seat.station.consumer.watch('q', (data) => begun.push(`${data}`), 1);
    await settled();
    const { now } = performance;
    performance.now = () => now.call(performance) + 5_001;
    mock.timers.tick(5_001);
    await settled();
    performance.now = now;
    mock.timers.reset();
    assert.deepEqual(begun, ['0']);
  });

  it('watches a queue once, with a concurrency that is one', async () => {
    const { station } = await new Cluster().join();
    station.consumer.watch('q', () => {}, 1);
    assert.throws(() => station.consumer.watch('q', () => {}, 1), { code: 'E_CHANNEL' });
    for (const wrong of [0, 1.5, Number.NaN])
      assert.throws(() => station.consumer.watch('other', () => {}, wrong), { code: 'E_CHANNEL' });
  });
});

describe('a frame that is lost', () => {
  for (const [what, pattern] of [
    ['an offer', /^.{6}\{"take"/s],
    ['an acknowledgement', /^.{6}\{"do":"settle"/s],
  ] as const)
    it(`(${what}) is said again, and the job is done once`, async () => {
      mock.timers.enable({ apis: ['setTimeout'] });
      const cluster = new Cluster();
      const one = await watcher(cluster);
      const producer = await cluster.join();
      let lost = 0;
      cluster.loses = (_, __, frame) => pattern.test(frame.toString('latin1')) && ++lost === 1;
      enqueue(producer, 0, 1);
      await settled();
      assert.deepEqual([lost, producer.station.producer.counts.given], [1, 1]);
      mock.timers.tick(1_001);
      await settled();
      mock.timers.reset();
      assert.equal(producer.station.producer.counts.done, 1);
      assert.deepEqual(one.begun, ['0 1']);
    });

  it('(an answer) is asked for again, and the job is done once', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    const cluster = new Cluster();
    const one = await watcher(cluster, { atOnce: false });
    const producer = await cluster.join();
    let lost = 0;
    cluster.loses = (from, _, frame) => from === one.seat.id && frame[0] === 2 && ++lost === 1;
    enqueue(producer, 0, 1);
    await settled();
    assert.equal(lost, 1);
    mock.timers.tick(5_001);
    await settled();
    mock.timers.tick(1_001);
    await settled();
    mock.timers.reset();
    one.end();
    await settled();
    assert.deepEqual(one.begun, ['0 1']);
    assert.equal(producer.station.producer.counts.done, 1);
  });
});
