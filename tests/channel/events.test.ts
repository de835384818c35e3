import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { publishedFrame, readPublished, textOf } from '../../src/channel/frames.ts';
import { Station } from '../../src/channel/station.ts';
import { subscribe } from '../../src/telemetry.ts';
import { Cluster, settled } from './cluster.ts';

async function three() {
  const cluster = new Cluster();
  const seats = [await cluster.join(), await cluster.join(), await cluster.join()] as const;
  return { cluster, seats, stations: seats.map(({ station }) => station) as [Station, Station, Station] };
}

function noting(station: Station, events: readonly string[]): string[] {
  const heard: string[] = [];
  for (const event of events)
    station.subscriptions.add(event, (data: unknown, name: string) =>
      heard.push(`${name} ${JSON.stringify(data)}`),
    );
  return heard;
}

describe('publish', () => {
  it('reaches all who hear of the event, the publisher among them, in order; and nobody else', async () => {
    const { stations } = await three();
    const [one, two, three_] = stations;
    const heard = [one, two].map((station) => noting(station, ['news']));
    const other = noting(three_, ['weather']);
    for (let number = 0; number < 100; number++) one.publish(['news'], String(number));
    await settled();
    const expected = Array.from({ length: 100 }, (_, number) => `news ${number}`);
    assert.deepEqual(heard, [expected, expected]);
    assert.deepEqual(other, []);
  });

  it('is heard by the publisher when it has finished what it is doing, in the order of all others', async () => {
    const { stations } = await three();
    const [one, two] = stations;
    const orders = [one, two].map((station) => noting(station, ['question', 'answer']));
    one.subscriptions.add('question', () => one.publish(['answer'], '2'));
    const late = noting(one, ['question', 'answer']);
    one.publish(['question'], '1');
    assert.deepEqual(orders, [[], []]);
    await settled();
    const expected = ['question 1', 'answer 2'];
    assert.deepEqual([...orders, late], [expected, expected, expected]);
  });

  it('of several events reaches a process once, for each that it hears of', async () => {
    const { seats, stations } = await three();
    const heard = noting(stations[1], ['a', 'c']);
    stations[0].publish(['a', 'b', 'c'], '{"x":1}');
    await settled();
    assert.deepEqual(heard, ['a {"x":1}', 'c {"x":1}']);
    assert.equal(seats[1].bus.counts.received, 1);
  });

  it('does not bring what nobody in a process hears of any more', async () => {
    const { seats, stations } = await three();
    const [one, two] = stations;
    const heard: unknown[] = [];
    const stop = two.subscriptions.add('news', (data: unknown) => heard.push(data));
    const stopOther = two.subscriptions.add('news', (data: unknown) => heard.push(data));
    stop();
    stop();
    one.publish(['news'], '1');
    await settled();
    stopOther();
    one.publish(['news'], '2');
    await settled();
    const later = noting(two, ['news']);
    stopOther();
    one.publish(['news'], '3');
    await settled();
    two.subscriptions.remove('news');
    one.publish(['news'], '4');
    await settled();
    assert.deepEqual([heard, later], [[1], ['news 3']]);
    assert.equal(seats[1].bus.counts.received, 2, 'the bus did not bring the others');
  });

  it('before the bus is joined is kept, in order, with what is heard', async () => {
    const { seats, stations } = await three();
    const early = new Station();
    const heard = noting(early, ['news']);
    const elsewhere = noting(stations[1], ['news']);
    early.publish(['news'], '1');
    early.publish(['news'], '2');
    await settled();
    assert.deepEqual(heard, []);
    early.open(seats[0].bus);
    early.publish(['news'], '3');
    await settled();
    const expected = ['news 1', 'news 2', 'news 3'];
    assert.deepEqual([heard, elsewhere], [expected, expected]);
  });

  it('before the bus is joined is bounded and counted', () => {
    const early = new Station();
    let lost = 0;
    const stop = subscribe('usta:bus:lost', ({ count }) => {
      lost += count;
    });
    for (let number = 0; number < 10_003; number++) early.publish(['news'], '1');
    assert.equal(lost, 3);
    early.dropKept();
    stop();
    assert.equal(lost, 10_003);
  });
});

describe('a callback that fails', () => {
  it('concerns nobody else, whether it throws or rejects', async () => {
    const { stations } = await three();
    const failures: string[] = [];
    const stop = subscribe('usta:handler:failed', ({ callback, error }) =>
      failures.push(`${callback}: ${(error as Error).message}`),
    );
    stations[1].subscriptions.add('news', () => {
      throw new Error('thrown');
    });
    stations[1].subscriptions.add('news', () => Promise.reject(new Error('rejected')));
    const heard = noting(stations[1], ['news']);
    stations[0].publish(['news'], '1');
    await settled();
    stop();
    assert.deepEqual(heard, ['news 1']);
    assert.deepEqual(failures, ['Channel.on news: thrown', 'Channel.on news: rejected']);
  });
});

describe('what travels', () => {
  it('is JSON, as JSON.stringify has it', () => {
    for (const [data, expected] of [
      [undefined, null],
      [() => 1, null],
      ['a"\u2028ş', 'a"\u2028ş'],
      [{ at: new Date(0), none: undefined }, { at: '1970-01-01T00:00:00.000Z' }],
    ] as const)
      assert.deepEqual(readPublished(publishedFrame(['x'], textOf(data)))?.data, expected);
    assert.throws(() => textOf(1n), TypeError);
  });

  it('of another version is not heard', () => {
    for (const text of ['', 'null', '1', '{}', '{"on":"x"}', '{'])
      assert.equal(readPublished(Buffer.from(text)), undefined);
  });
});
