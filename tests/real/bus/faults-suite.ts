import assert from 'node:assert/strict';
import process from 'node:process';
import { after, describe, it } from 'node:test';
import { joinCluster } from '../../../src/bus/join.ts';
import { newMemberId } from '../../../src/bus/member.ts';
import type { Medium } from '../../../src/bus/remote/medium.ts';
import { RemoteCarrier } from '../../../src/bus/remote/remote-carrier.ts';
import { type RemoteBus, secretOf } from '../../../src/bus/settings.ts';
import { now, Timer } from '../../../src/timer.ts';
import { Child } from '../../bus/children.ts';
import { heardFrom, Machine, PORT, Station } from '../../bus/station.ts';
import { freePort } from '../../fixtures/free-port.ts';
import type { Server } from './servers.ts';

export const secretKey = 'the secret of these tests';
const MIB = 1024 * 1024;

/** A kind of server: what is examined when it fails. */
export interface Kind {
  readonly name: string;
  readonly scheme: string;
  /** Drops subscribers for whom more than 2 MiB wait. */
  server(): Promise<Server>;
  /** Lets in only `ali` with `hidden:word@`. */
  guarded(): Promise<Server>;
  medium(bus: RemoteBus): Medium;
}

/** The examination that every medium sits, with its server. */
export function examineFaults(kind: Kind): void {
  describe(`${kind.name} that fails`, { timeout: 40_000, concurrency: true }, () => sit(kind));
}

function sit(kind: Kind): void {
  const machine = new Machine();
  const servers: Server[] = [];
  const stations: Station[] = [];
  const children: Child[] = [];

  after(async () => {
    await Promise.all(stations.map(({ bus }) => bus.close()));
    await Promise.all(children.map(({ script }) => script.end()));
    await Promise.all(servers.map((server) => server.remove()));
    machine.remove();
  });

  async function started(make = kind.server): Promise<Server> {
    const server = await make();
    servers.push(server);
    return server.start();
  }

  async function station(bus: RemoteBus): Promise<Station> {
    const medium = kind.medium(bus);
    const options = { cluster: 'faults', secret: secretOf(secretKey), skipOwnMachine: false };
    const made = new Station({ remote: new RemoteCarrier(medium, options) }, newMemberId('machine0'), () =>
      medium.settled(),
    );
    stations.push(made);
    await made.bus.open();
    return made;
  }

  async function child(bus: RemoteBus): Promise<Child> {
    const made = new Child({ bus, cluster: 'faults', secretKey }, machine.directory);
    children.push(made);
    return made.joined();
  }

  const urlOf = ({ port }: Server): RemoteBus => ({ url: `${kind.scheme}://127.0.0.1:${port}` });

  it('goes away and comes back: what was sent is heard once and in order, or counted', async () => {
    const server = await started();
    const [one, two] = await Promise.all([station(urlOf(server)), station(urlOf(server))]);
    await two.subscribe(one, 'topic');
    let sent = 0;
    let isOver = false;
    const talk = (async () => {
      for (; !isOver; await Timer.sleep(0.002)) {
        one.say(two, `${++sent}`);
        one.sayAbout(['topic'], `${++sent}`);
      }
    })();
    await Timer.sleep(0.3);
    await server.kill();
    await eventually(() => one.bus.counts.lost.cut > 50, 'that it is cut');
    await assert.rejects(one.ask([two], 'meanwhile'), { code: 'E_BUS_SILENT' });
    sent++;
    await server.start();
    const before = two.heard.length;
    await two.until(() => two.heard.length > before + 100, 'to hear it again');
    isOver = true;
    await talk;
    await heardFrom(one, [two]);
    // The last mark of those that say when something is in force or over.
    const numbers = two.heard.map(Number).filter((number) => number > 0);
    assert.ok(
      numbers.every((number, index) => number > (numbers[index - 1] ?? 0)),
      'in order, and none twice',
    );
    await eventually(() => two.bus.counts.lost.gap + numbers.length >= sent, 'that all is accounted for');
    assert.equal(two.bus.counts.lost.gap + numbers.length, sent);
    assert.deepEqual([one.left, two.left], [[], []]);
    assert.deepEqual(await one.ask([two], 'there'), { [two.id]: 'there!' });
  });

  it('a process that is killed has left within two seconds', async () => {
    const server = await started();
    const [one, other] = await Promise.all([station(urlOf(server)), child(urlOf(server))]);
    await one.until(() => one.bus.members.has(other.id), 'to know it');
    assert.equal(await other.ask(one.bus, 'hello'), 'hello');
    other.signal('SIGSTOP');
    const asked = one.bus.ask(PORT, [other.id], Buffer.from('hello'));
    const begun = now();
    other.signal('SIGKILL');
    assert.equal((await asked).size, 0);
    assert.ok(now() - begun < 2000, `${now() - begun} ms`);
    assert.deepEqual(one.left, [other.id]);
  });

  it('a process that does not read is dropped by the server, comes back by itself, and counts', async () => {
    const server = await started();
    const [one, other] = await Promise.all([station(urlOf(server)), child(urlOf(server))]);
    await one.until(() => one.bus.members.has(other.id), 'to know it');
    await other.ask(one.bus, 'subscribe topic');
    const part = Buffer.alloc(MIB / 4);
    one.bus.unicast(PORT, other.id, part);
    assert.equal(await other.ask(one.bus, 'size'), part.length);
    other.signal('SIGSTOP');
    const rounds = 160;
    for (let round = 0; round < rounds; round++) {
      one.bus.unicast(PORT, other.id, part);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await Timer.sleep(1.5);
    other.signal('SIGCONT');
    const counts = async (): Promise<{ heard: number; gap: number }> => {
      const [size, { lost }] = (await Promise.all([
        other.ask(one.bus, 'size'),
        other.ask(one.bus, 'counts'),
      ])) as [number, Station['bus']['counts']];
      return { heard: size / part.length - 1, gap: lost.gap };
    };
    let last = { heard: 0, gap: 0 };
    for (const begun = now(); last.gap === 0 && now() - begun < 8000; await Timer.sleep(0.1))
      last = await counts().catch(() => last);
    assert.ok(last.gap > 0, 'the gap is counted');
    assert.ok(last.heard + last.gap >= rounds, `${last.heard} heard, ${last.gap} missing`);
    one.sayAbout(['topic'], 'still subscribed');
    assert.ok(((await other.ask(one.bus, 'heard')) as string[]).includes('still subscribed'));
  });

  it('a server that does not answer is given up; what waits for it is bounded', async () => {
    const server = await started();
    const [one, two] = await Promise.all([station(urlOf(server)), station(urlOf(server))]);
    await one.until(() => one.bus.members.has(two.id), 'to know it');
    server.signal('SIGSTOP');
    const part = Buffer.alloc(MIB / 2);
    const rounds = 100;
    for (let round = 0; round < rounds; round++) {
      one.bus.unicast(PORT, two.id, part);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.ok(one.bus.counts.lost.slow > 20, `${one.bus.counts.lost.slow} not sent`);
    await eventually(
      () => {
        one.say(two, 'anybody?');
        return one.bus.counts.lost.cut > 0;
      },
      'that it is given up',
      12_000,
    );
    server.signal('SIGCONT');
    await eventually(
      () => one.bus.members.has(two.id) && two.bus.members.has(one.id) && one.say(two, 'x'),
      'peace',
    );
    for (;;) {
      const answers = await one.ask([two], 'there').catch(() => undefined);
      if (answers) break;
      await Timer.sleep(0.05);
    }
    assert.deepEqual([one.left, two.left], [[], []]);
  });

  it('closing does not wait for a server that is stopped, or gone, and the process can end', async () => {
    const server = await started();
    for (const signal of ['SIGSTOP', 'SIGKILL'] as const) {
      const other = await child(urlOf(server));
      // Asked over the socket of its own machine.
      process.env.USTA_RUNTIME_DIR = machine.directory;
      const { bus } = await joinCluster({ cluster: 'faults' });
      if (signal === 'SIGKILL') await server.kill();
      else server.signal(signal);
      await other.ask(bus, 'close');
      const begun = now();
      assert.deepEqual(await other.script.exited, { code: 0, signal: null });
      assert.ok(now() - begun < 4000, `${now() - begun} ms`);
      await bus.close();
      if (signal === 'SIGSTOP') server.signal('SIGCONT');
    }
  });

  it('when there is no server it says so within seconds, without credentials', async () => {
    const port = await freePort();
    const begun = now();
    await assert.rejects(
      station({ url: `${kind.scheme}://ali:hidden%3Aword%40@127.0.0.1:${port}` }),
      ({ code, message }) =>
        code === 'E_BUS_UNREACHABLE' &&
        message.includes(`${kind.scheme}://127.0.0.1:${port}`) &&
        /is (NATS|Redis) running there/.test(message) &&
        !/ali|hidden|word/.test(message),
    );
    assert.ok(now() - begun > 3000 && now() - begun < 9000, `${now() - begun} ms`);
  });

  it('lets in who has the password, by setting or in the address, and nobody else', async () => {
    const server = await started(kind.guarded);
    const { url } = urlOf(server);
    const wrong = { url, user: 'ali', password: 'hidden guess' };
    const begun = now();
    for (const bus of [wrong, { url }])
      await assert.rejects(
        station(bus),
        ({ code, message }) =>
          code === 'E_BUS_REFUSED' && message.includes(`:${server.port}`) && !/ali|hidden/.test(message),
      );
    assert.ok(now() - begun < 2000, 'at once');
    const one = await station({ url, user: 'ali', password: 'hidden:word@' });
    const two = await station({ url: `${kind.scheme}://ali:hidden%3Aword%40@127.0.0.1:${server.port}` });
    assert.deepEqual(await two.ask([one], 'in'), { [one.id]: 'in!' });
  });

  it('ten thousand subscriptions of one turn take no round trip each', async () => {
    const server = await started();
    const [one, two] = await Promise.all([station(urlOf(server)), station(urlOf(server))]);
    await one.until(() => one.bus.members.has(two.id), 'to know it');
    const topics = Array.from({ length: 10_000 }, (_, index) => `topic ${index}`);
    const begun = now();
    await two.subscribe(one, ...topics);
    const taken = now() - begun;
    one.sayAbout(['topic 0', 'topic 9999'], 'ten thousand');
    const [heard] = await heardFrom(one, [two]);
    assert.deepEqual(heard, ['ten thousand']);
    assert.ok(taken < 2000, `${taken} ms`);
  });
}

export async function eventually(isSo: () => boolean, what: string, limit = 5000): Promise<void> {
  for (const begun = now(); !isSo(); await Timer.sleep(0.02))
    assert.ok(now() - begun < limit, `in vain: ${what}`);
}
