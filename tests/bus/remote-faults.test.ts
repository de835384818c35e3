/** What happens between machines when the server, the network or somebody fails: over a medium in memory. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { newMemberId } from '../../src/bus/member.ts';
import { Sealer } from '../../src/bus/remote/envelope.ts';
import { RemoteCarrier } from '../../src/bus/remote/remote-carrier.ts';
import { Subjects } from '../../src/bus/remote/subjects.ts';
import { subscribe, type Telemetry } from '../../src/telemetry.ts';
import { now, Timer } from '../../src/timer.ts';
import { MemoryMedium, MemoryServer } from '../fixtures/memory-medium.ts';
import { heardFrom, PORT, Station } from './station.ts';

const secret = randomBytes(32);
const cluster = 'chat';

interface Options {
  readonly key?: Buffer;
  readonly silentSeconds?: number;
}

class RemoteStation extends Station {
  readonly medium: MemoryMedium;

  constructor(medium: MemoryMedium, { key = secret, silentSeconds = 10 }: Options = {}) {
    const remote = new RemoteCarrier(medium, { cluster, secret: key, skipOwnMachine: false, silentSeconds });
    super({ remote }, newMemberId('machine0'), () => medium.settled());
    this.medium = medium;
  }

  get gap(): number {
    return this.bus.counts.lost.gap;
  }
}

/** A server, and who is on it. */
class Net {
  readonly server = new MemoryServer();
  readonly #stations: RemoteStation[] = [];

  make(options?: Options): RemoteStation {
    const made = new RemoteStation(new MemoryMedium(this.server), options);
    this.#stations.push(made);
    return made;
  }

  async pair(options?: Options): Promise<[RemoteStation, RemoteStation]> {
    const [one, two] = [this.make(options), this.make(options)];
    await Promise.all([one.bus.open(), two.bus.open()]);
    // From here on each knows that it hears the other, on both ways.
    for (const [from, to] of [
      [one, two],
      [two, one],
    ] as const) {
      from.sayToAll('here');
      await heardFrom(from, [to]);
    }
    for (const { heard } of [one, two]) heard.length = 0;
    return [one, two];
  }

  async close(): Promise<void> {
    await Promise.all(this.#stations.map(({ bus }) => bus.close()));
  }
}

function examination(name: string, examine: (net: Net) => Promise<void>): void {
  it(name, async () => {
    const net = new Net();
    try {
      await examine(net);
    } finally {
      await net.close();
    }
  });
}

/** Resolves when it is so; none of these takes longer than a few heartbeats. */
async function eventually(isSo: () => boolean, what: string): Promise<void> {
  for (const begun = now(); !isSo(); await Timer.sleep(0.02))
    assert.ok(now() - begun < 4000, `in vain: ${what}`);
}

/** Resolves with the next event of this name. */
function next<Name extends 'usta:bus:connection' | 'usta:bus:forged' | 'usta:notice'>(
  name: Name,
): Promise<Telemetry[Name]> {
  return new Promise((resolve) => {
    const stop = subscribe(name, (event) => {
      stop();
      resolve(event);
    });
  });
}

describe('a bus between machines', { timeout: 20_000, concurrency: true }, () => {
  examination('counts what has not come when the next one comes, by subject', async (net) => {
    const [one, two] = await net.pair();
    await two.subscribe(one, 'topic');
    one.sayAbout(['topic'], 'first');
    await heardFrom(one, [two]);
    net.server.loses = () => true;
    for (let number = 0; number < 3; number++) one.say(two, 'lost');
    one.sayAbout(['topic'], 'lost');
    one.sayAbout(['other'], 'not for us');
    one.sayToAll('not counted yet');
    net.server.loses = () => false;
    one.say(two, 'next');
    one.sayAbout(['topic'], 'next');
    await heardFrom(one, [two]);
    assert.equal(two.gap, 4);
  });

  examination('heartbeats show what was lost at the end, and no more than that', async (net) => {
    const [one, two] = await net.pair();
    net.server.loses = (_, bytes) => bytes.includes('lost');
    one.say(two, 'lost');
    one.say(two, 'lost');
    one.sayToAll('heard');
    await eventually(() => two.gap > 0, 'a gap');
    assert.equal(two.gap, 2);
    one.say(two, 'heard too');
    await heardFrom(one, [two]);
    await beats(two, 3);
    assert.equal(two.gap, 2);
    assert.deepEqual(
      two.heard.filter((text) => text.startsWith('heard')),
      ['heard', 'heard too'],
    );
  });

  examination('what came before somebody subscribed is not missing, what comes later is', async (net) => {
    const [one, two] = await net.pair();
    for (let number = 0; number < 50; number++) one.sayAbout(['topic'], 'too early');
    await two.subscribe(one, 'topic');
    for (let number = 0; number < 5; number++) one.sayAbout(['topic'], `${number}`);
    await beats(two, 3);
    assert.equal(two.gap, 0);
    net.server.loses = (_, bytes) => bytes.includes('lost');
    one.sayAbout(['topic'], 'lost');
    await eventually(() => two.gap === 1, 'a gap');
    // Silent for as long as the other knows it: a subject on which nothing has ever come.
    await two.subscribe(one, 'quiet');
    await beats(two, 2);
    one.sayAbout(['quiet'], 'lost');
    one.sayAbout(['quiet'], 'lost');
    one.sayAbout(['quiet'], 'found');
    await eventually(() => two.gap === 3, 'a gap at the beginning');
  });

  examination(
    'the server goes away for a while: nobody leaves, nothing comes late, and what was lost is counted',
    async (net) => {
      const [one, two] = await net.pair();
      await two.subscribe(one, 'topic');
      one.sayAbout(['topic'], 'before');
      await heardFrom(one, [two]);
      const cut = next('usta:bus:connection');
      net.server.stop();
      assert.equal((await cut).reason, 'cut');
      one.sayAbout(['topic'], 'meanwhile');
      assert.equal(one.say(two, 'meanwhile'), true);
      one.sayToAll('meanwhile');
      await assert.rejects(one.ask([two], 'meanwhile'), { code: 'E_BUS_SILENT' });
      assert.equal(one.bus.counts.lost.cut, 4);
      two.bus.subscribe('new');
      await new Promise((resolve) => setImmediate(resolve));
      net.server.start();
      await eventually(() => two.gap > 0, 'a gap');
      one.sayAbout(['topic'], 'after');
      one.sayAbout(['new'], 'after too');
      await heardFrom(one, [two]);
      await beats(two, 2);
      assert.equal(two.gap, 4);
      assert.deepEqual(two.heard.slice(-3, -1), ['after', 'after too']);
      assert.ok(!two.heard.includes('meanwhile'));
      assert.deepEqual([one.left, two.left], [[], []]);
      assert.deepEqual(await one.ask([two], 'there'), { [two.id]: 'there!' });
    },
  );

  examination('one is cut off: it counts what it could not say, and what it could not hear', async (net) => {
    const [one, two] = await net.pair();
    two.medium.cut();
    one.say(two, 'unheard');
    one.sayToAll('unheard');
    two.say(one, 'unsaid');
    await new Promise((resolve) => setImmediate(resolve));
    two.medium.mend();
    await eventually(() => one.gap > 0 && two.gap > 0, 'both to count');
    await beats(one, 2);
    assert.deepEqual([one.gap, two.gap, two.bus.counts.lost.cut], [1, 2, 1]);
  });

  examination('one who is killed has left within two seconds, and holds up no question', async (net) => {
    const [one, two] = await net.pair();
    two.medium.vanish();
    const begun = now();
    assert.deepEqual(await one.ask([two], 'hello'), {});
    assert.ok(now() - begun < 2000, `${now() - begun} ms`);
    assert.deepEqual(one.left, [two.id]);
  });

  examination('one who dies while there is no server has left soon after it is there again', async (net) => {
    const [one, two] = await net.pair();
    net.server.stop();
    two.medium.vanish();
    net.server.start();
    await one.until(() => one.left.length > 0, 'that it has left');
    assert.deepEqual(one.left, [two.id]);
  });

  examination('one who is silent for long has left; when it speaks again it joins again', async (net) => {
    const [one, two] = await net.pair({ silentSeconds: 1.5 });
    await one.subscribe(two, 'topic');
    await beats(one, 2);
    for (let number = 0; number < 3; number++) two.sayAbout(['topic'], 'heard');
    await heardFrom(two, [one]);
    net.server.loses = (_, bytes) => bytes.toString('latin1', 16, 32) === two.id;
    const begun = now();
    await one.until(() => one.left.length > 0, 'that it has left');
    assert.ok(now() - begun > 900 && now() - begun < 2600, `${now() - begun} ms`);
    two.sayAbout(['topic'], 'unheard');
    net.server.loses = () => false;
    await one.until(() => one.joined.length === 2, 'that it has joined again');
    await two.until(() => two.bus.members.has(one.id), 'to know it again');
    assert.deepEqual(await one.ask([two], 'there'), { [two.id]: 'there!' });
    await beats(one, 2);
    assert.deepEqual([one.left, one.joined], [[two.id], [two.id, two.id]]);
    assert.ok(one.gap <= 1, `what was heard before is not missing: ${one.gap}`);
  });

  examination(
    'what is too large, or more than the server takes, is told and counted on both sides',
    async (net) => {
      const [one, two] = await net.pair();
      const told = next('usta:notice');
      one.bus.unicast(PORT, two.id, Buffer.alloc(1024 * 1024));
      one.bus.unicast(PORT, two.id, Buffer.alloc(1024 * 1024));
      assert.match(
        (await told).text,
        /^a message of 10486\d\d bytes cannot go to other machines: .* 1048576 /,
      );
      one.medium.isFull = true;
      one.sayToAll('not taken');
      await assert.rejects(one.ask([two], 'not taken'), { code: 'E_BUS_SILENT' });
      one.medium.isFull = false;
      assert.deepEqual(one.bus.counts.lost, { gap: 0, slow: 2, cut: 2 });
      await eventually(() => two.gap === 4, 'the other side to count');
      assert.deepEqual(await one.ask([two], 'goes on'), { [two.id]: 'goes on!' });
    },
  );

  examination('whoever has another secret is not heard, and that is told', async (net) => {
    const [one, two] = await net.pair();
    const forged = next('usta:bus:forged');
    const stranger = net.make({ key: randomBytes(32) });
    await stranger.bus.open();
    assert.match((await forged).subject, /^usta\..*members$/);
    assert.equal(stranger.bus.members.size, 0);
    stranger.sayToAll('hello');
    const sealer = new Sealer(randomBytes(32));
    const subjects = new Subjects(cluster);
    const subject = subjects.of(one.id);
    const frame = Buffer.from([0, PORT, 0, 0, 0, 0, 120]);
    net.server.publish(
      subject,
      sealer.seal(subject, { from: two.id, number: { series: 1, sequence: 1 }, copyOf: 0, frame }),
    );
    net.server.publish(subject, Buffer.alloc(3));
    net.server.publish(subject, Buffer.alloc(0));
    assert.deepEqual(await heardFrom(two, [one]), [[]]);
    assert.deepEqual([...one.bus.members.keys()], [two.id]);
    assert.equal(one.gap, 0);
  });

  examination('what cannot be understood concerns nobody, even with the right secret', async (net) => {
    const [one, two] = await net.pair();
    const { members, all } = new Subjects(cluster);
    const sealer = new Sealer(secret);
    const id = newMemberId('machine9');
    const member = { id, pid: 1, name: 'x', roles: [] };
    const beats_ = [
      '',
      'no JSON',
      'null',
      '[]',
      '{}',
      JSON.stringify({ member }),
      JSON.stringify({ member, numbers: { all: 'x' } }),
    ];
    for (const text of beats_) {
      const frame = Buffer.from(text);
      net.server.publish(
        members,
        sealer.seal(members, { from: id, number: { series: 0, sequence: 0 }, copyOf: 0, frame }),
      );
    }
    const other = JSON.stringify({ member: { ...member, id: two.id }, leaves: true, numbers: {} });
    const number = { series: 0, sequence: 0 };
    net.server.publish(
      members,
      sealer.seal(members, { from: id, number, copyOf: 0, frame: Buffer.from(other) }),
    );
    net.server.publish(
      all,
      sealer.seal(all, {
        from: two.id,
        number: { series: 99, sequence: 1 },
        copyOf: 0,
        frame: Buffer.alloc(2),
      }),
    );
    assert.deepEqual(await heardFrom(two, [one]), [[]]);
    assert.deepEqual([...one.bus.members.keys()], [two.id]);
    assert.deepEqual(one.left, []);
  });

  examination('sends a multicast once for each topic, and nothing when nobody is there', async (net) => {
    const alone = net.make();
    await alone.bus.open();
    const before = net.server.published;
    alone.sayAbout(['a', 'b'], 'x');
    alone.sayToAll('x');
    assert.equal(net.server.published, before);
  });
});

describe('a busy process on a bus', { timeout: 20_000 }, () => {
  examination('a process that was busy does not take the others for dead', async (net) => {
    const [one, two] = await net.pair({ silentSeconds: 0.6 });
    for (const until = now() + 1200; now() < until; );
    await beats(one, 2);
    assert.deepEqual([one.left, two.left], [[], []]);
  });
});

/** So many heartbeats of others have come. */
async function beats(station: RemoteStation, count: number): Promise<void> {
  const { members } = new Subjects(cluster);
  const { events } = station.medium;
  let come = 0;
  await new Promise<void>((resolve) => {
    station.medium.events = {
      connection: (...words) => events?.connection(...words),
      received: (subject, bytes) => {
        events?.received(subject, bytes);
        const isOwn = bytes.toString('latin1', 16, 32) === station.id;
        if (subject === members && !isOwn && ++come === count) resolve();
      },
    };
  });
  if (events) station.medium.events = events;
}
