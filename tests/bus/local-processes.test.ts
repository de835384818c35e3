/** What happens to processes of one machine: real ones, that are stopped and killed, and a directory that goes. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import process from 'node:process';
import { after, afterEach, describe, it } from 'node:test';
import { LocalCarrier } from '../../src/bus/local/local-carrier.ts';
import { MeetingPlace } from '../../src/bus/local/meeting-place.ts';
import { newMemberId } from '../../src/bus/member.ts';
import { now, Timer } from '../../src/timer.ts';
import { Child } from './children.ts';
import { Machine, PORT, Station } from './station.ts';

const MIB = 1024 * 1024;
const machine = new Machine();
process.env.USTA_RUNTIME_DIR = machine.directory;
const cluster = 'chat';

let children: Child[] = [];
let stations: Station[] = [];

afterEach(async () => {
  await Promise.all(stations.map(({ bus }) => bus.close()));
  await Promise.all(children.map(({ script }) => script.end()));
  children = [];
  stations = [];
});
after(() => machine.remove());

async function station(): Promise<Station> {
  const made = new Station({ local: new LocalCarrier(new MeetingPlace(cluster)) }, machine.newId());
  stations.push(made);
  await made.bus.open();
  return made;
}

function spawn(): Child {
  const child = new Child({ cluster }, machine.directory);
  children.push(child);
  return child;
}

describe('processes of one machine', { timeout: 30_000 }, () => {
  it('a process that is killed has left at once, and holds up no question', async () => {
    const one = await station();
    const [first, second] = await Promise.all([spawn().joined(), spawn().joined()]);
    first.signal('SIGSTOP');
    const asked = one.bus.ask(PORT, [first.id, second.id], Buffer.from('hello'));
    const killed = now();
    first.signal('SIGKILL');
    const answers = await asked;
    assert.deepEqual([...answers.keys()], [second.id]);
    await one.until(() => one.left.length > 0, 'to miss it');
    assert.deepEqual(one.left, [first.id]);
    assert.ok(now() - killed < 1000, `${now() - killed} ms`);
    assert.deepEqual(await second.ask(one.bus, 'left'), [first.id]);
  });

  it('a process that does not read is bounded and counted, and is in the picture again afterwards', async () => {
    const one = await station();
    const child = await spawn().joined();
    // From now on it tells what it is subscribed to, and wants to know what we are.
    one.sayAbout(['topic'], 'nobody');
    await child.ask(one.bus, 'about mine');
    await child.ask(one.bus, 'subscribe topic');
    one.sayAbout(['topic'], 'known');
    child.signal('SIGSTOP');
    const rounds = 200;
    const payload = Buffer.alloc(MIB, 'x');
    for (let round = 0; round < rounds; round++) {
      one.bus.unicast(PORT, child.id, payload);
      if (round % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const { slow } = one.bus.counts.lost;
    assert.ok(slow < rounds && rounds - slow < 48, `${rounds - slow} MiB wait`);
    // It cannot be told of these now.
    one.bus.subscribe('mine');
    one.bus.take('gateway', 'chat');
    child.signal('SIGCONT');
    await assert.rejects(child.ask(one.bus, 'size'), /cannot be asked now: it does not read/);
    while ((await child.ask(one.bus, 'size').catch(() => 'full')) === 'full') await Timer.sleep(0.01);
    assert.equal(await child.ask(one.bus, 'size'), (rounds - slow) * MIB + 5);
    assert.deepEqual(await child.ask(one.bus, 'heard'), ['known']);
    await child.ask(one.bus, 'about mine');
    await one.hears('about mine');
    assert.deepEqual(one.left, []);
  });

  it('a stopped process does not hold up a newcomer for long, and is met when it goes on', async () => {
    const child = await spawn().joined();
    child.signal('SIGSTOP');
    const begun = now();
    const one = await station();
    assert.ok(now() - begun < 1500);
    assert.equal(one.bus.members.size, 0);
    child.signal('SIGCONT');
    await one.until(() => one.bus.members.has(child.id), 'to meet it');
    assert.deepEqual(one.joined, [child.id]);
  });

  it('the socket of a dead process is removed, that of a live one never', async () => {
    const dead = await spawn().joined();
    dead.signal('SIGKILL');
    await dead.script.exited;
    const place = new MeetingPlace(cluster);
    assert.deepEqual(place.ids(), [dead.id], 'it was left');
    const busy = await spawn().joined();
    busy.signal('SIGSTOP');
    const crowd = await fillBacklog(place.pathOf(busy.id));
    const one = await station();
    assert.deepEqual(place.ids().sort(), [one.id, busy.id].sort());
    for (const socket of crowd) socket.destroy();
    busy.signal('SIGCONT');
    await one.until(() => one.bus.members.has(busy.id), 'to meet it');
    assert.equal(await busy.ask(one.bus, 'hello'), 'hello');
  });

  it('processes that start and go at the same time all know each other', async () => {
    for (let round = 0; round < 3; round++) {
      const eight = Array.from({ length: 8 }, spawn);
      await Promise.all(eight.map((child) => child.joined()));
      const one = await station();
      const all = [one.id, ...eight.map(({ id }) => id)].sort();
      for (const child of eight) {
        const members = (await child.ask(one.bus, 'members')) as string[];
        assert.deepEqual([child.id, ...members].sort(), all);
      }
      for (const child of eight) child.signal('SIGKILL');
      await one.until(() => one.left.length === 8, 'that all have left');
      await one.bus.close();
    }
  });

  it('many that come, change and go within one process all know each other', async () => {
    for (let round = 0; round < 10; round++) {
      const leaving = await Promise.all(Array.from({ length: 4 }, station));
      const coming = Array.from({ length: 8 }, station);
      await Promise.all(leaving.map(({ bus }) => bus.close()));
      const here = await Promise.all(coming);
      const ids = here.map(({ id }) => id);
      for (const one of here) {
        const isSo = (): boolean =>
          [...one.bus.members.keys(), one.id].sort().join() === [...ids].sort().join();
        await one.until(isSo, 'to know those who are there, and no others');
        assert.equal(new Set(one.left).size, one.left.length);
        assert.ok(
          one.left.every((id) => one.joined.includes(id)),
          'only who has joined can leave',
        );
      }
      await Promise.all(here.map(({ bus }) => bus.close()));
    }
    assert.deepEqual(new MeetingPlace(cluster).ids(), []);
  });

  it('when the runtime directory is removed they go on, and newcomers find them', async () => {
    const [one, two] = [await station(), await station()];
    const { secret } = new MeetingPlace(cluster);
    rmSync(machine.directory, { recursive: true });
    one.say(two, 'goes on');
    await two.hears('goes on');
    const place = await appeared([one.id, two.id]);
    assert.ok(place.secret.equals(secret));
    const three = await station();
    assert.equal(three.bus.members.size, 2);
    three.say(one, 'found');
    await one.hears('found');
    assert.deepEqual([one.left, two.left], [[], []]);
  });

  it('what is no bus on the other end of a link concerns nobody', async () => {
    const [one, two] = [await station(), await station()];
    const place = new MeetingPlace(cluster);
    const member = JSON.stringify({ id: newMemberId(place.machine), pid: 1, name: 'x', roles: [] });
    const hello = frame(1, member);
    const nonsense = [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.from([0, 0, 0, 0, 0]),
      frame(1, 'no JSON'),
      frame(1, 'null'),
      frame(1, JSON.stringify({ id: one.id, pid: 1, name: 'oneself', roles: [] })),
      frame(2, 'nobody has said hello'),
      Buffer.concat([hello, frame(4, '{"no":"list"}')]),
      Buffer.concat([hello, frame(7, '\0\0')]),
      Buffer.concat([hello, frame(7, '\xff\xff\xff\xff')]),
      Buffer.concat([hello, frame(2, '\x01'), frame(2, '\x09'.repeat(10)), frame(99, 'of a later version')]),
      Buffer.concat([hello, frame(1, member.replace('"x"', '"renamed"')), frame(5, 'no JSON'), frame(3, '')]),
    ];
    for (const bytes of nonsense) {
      const socket = connect(place.pathOf(one.id));
      socket.on('error', () => {});
      socket.end(bytes);
      await new Promise((resolve) => socket.once('close', resolve));
    }
    two.say(one, 'goes on');
    await one.hears('goes on');
    assert.deepEqual([...one.bus.members.keys()], [two.id]);
    assert.deepEqual(await one.ask([two], 'x'), { [two.id]: 'x!' });
  });

  it('hears a process that cannot be reached at first, and leaves it in peace when it goes', async () => {
    const one = await station();
    const place = new MeetingPlace(cluster);
    const id = newMemberId(place.machine);
    // It speaks before it listens: its socket comes late.
    const speaker = connect(place.pathOf(one.id));
    speaker.write(frame(1, JSON.stringify({ id, pid: 1, name: 'late', roles: [] })));
    await Timer.sleep(0.05);
    const links: Socket[] = [];
    const server = createServer((socket) => links.push(socket)).listen(place.pathOf(id));
    await one.until(() => one.bus.members.has(id), 'to reach it');
    speaker.destroy();
    await one.until(() => one.left.includes(id), 'to hear that it left');
    assert.equal(one.bus.members.size, 0);
    for (const link of links) link.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it('a process that has left can end: nothing holds it', async () => {
    const one = await station();
    const child = await spawn().joined();
    await child.ask(one.bus, 'close');
    const begun = now();
    assert.deepEqual(await child.script.exited, { code: 0, signal: null });
    assert.ok(now() - begun < 1500);
    assert.deepEqual(
      readdirSync(new MeetingPlace(cluster).directory).sort(),
      [`${one.id}.sock`, 'secret'].sort(),
    );
  });
});

function frame(kind: number, payload: string): Buffer {
  const bytes = Buffer.from(payload, 'latin1');
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length + 1);
  head[4] = kind;
  return Buffer.concat([head, bytes]);
}

/** So that the next one who dials is told to try again. */
async function fillBacklog(path: string): Promise<Socket[]> {
  const crowd: Socket[] = [];
  for (let isFull = false; !isFull; ) {
    assert.ok(crowd.length < 2000);
    const socket = connect(path);
    crowd.push(socket);
    isFull = await new Promise((resolve) => {
      socket.once('connect', () => resolve(false));
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EAGAIN'));
    });
  }
  return crowd;
}

/** The place as it is when all of them can be found again. */
async function appeared(ids: readonly string[]): Promise<MeetingPlace> {
  for (const begun = now(); now() - begun < 4000; await Timer.sleep(0.05)) {
    if (!existsSync(machine.directory)) continue;
    const place = new MeetingPlace(cluster);
    if (ids.every((id) => place.has(id))) return place;
  }
  throw new Error('they did not come back');
}
