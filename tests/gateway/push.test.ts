import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import process from 'node:process';
import { after, describe, it } from 'node:test';
import { ownBus, setBus } from '../../src/bus/join.ts';
import { Station } from '../../src/channel/station.ts';
import { proveCluster } from '../../src/gateway/push/prove-cluster.ts';
import { Verbs } from '../../src/gateway/verbs.ts';
import { connect, type Push } from '../../src/push.ts';
import { publish } from '../../src/telemetry.ts';
import { Outside } from './outside.ts';

const all: Outside[] = [];
const pushes: Push[] = [];
after(async () => {
  await Promise.all(pushes.map((push) => push.close(0)));
  await Promise.all(all.map((outside) => outside.end()));
});

/** A machine of its own: for this process, too, from now on. */
function machine(): Outside {
  const outside = new Outside();
  all.push(outside);
  process.env.USTA_RUNTIME_DIR = outside.directory;
  return outside;
}

async function joined(cluster: string): Promise<Push> {
  const push = await connect({ cluster });
  pushes.push(push);
  return push;
}

describe('connect', () => {
  it('gives a program outside every verb but those of a current client', async () => {
    const outside = machine();
    const { url } = await outside.serve({ CLUSTER: 'verbs' });
    const push = await joined('verbs');
    const here = new Set(Object.keys(push));
    const verbs = Object.getOwnPropertyNames(Verbs.prototype).filter((name) => name !== 'constructor');
    const missing = verbs.filter((name) => !here.has(name));
    assert.deepEqual(missing.sort(), [
      'closeCurrentClient',
      'destoryCurrentClient',
      'destroyCurrentClient',
      'sendToCurrentClient',
    ]);

    const seven = await outside.client(url, 'uid 7', 'join room');
    const eight = await outside.client(url, 'uid 8', 'join room');
    const { sendToUid } = push;
    sendToUid('7', 'one');
    push.sendToGroup('room', 'two', [seven.id]);
    push.sendToAll('three');
    push.sendToClient(eight.id, 'four');
    await seven.client.until(() => seven.client.heard.includes('three'));
    await eight.client.until(() => eight.client.heard.includes('four'));
    assert.deepEqual(seven.client.heard, ['one', 'three']);
    assert.deepEqual(eight.client.heard, ['two', 'three', 'four']);
    assert.deepEqual(await push.isUidsOnline(['7', '9']), { 7: true, 9: false });
    push.bindUid(eight.id, '9');
    push.joinGroup(eight.id, 'hall');
    assert.deepEqual(await push.getClientIdByUid('9'), [eight.id]);
    push.closeUid('9', { code: 4001, reason: 'signed out' });
    await assert.rejects(
      eight.client.until(() => false),
      /closed with 4001/,
    );
    assert.equal(push.gateways, 2);

    // A program of its own ends by itself when it has closed it, and what it has sent has arrived.
    const program = outside.run('push-program.js', { CLUSTER: 'verbs' });
    assert.deepEqual(await program.exited, { code: 0, signal: null });
    assert.match(program.output, /closed 0\nended\n$/);
    await seven.client.until(() => seven.client.heard.includes('from outside'));
  });

  it('publishes and enqueues, and waits for its jobs to be done', async () => {
    machine();
    setBus({ cluster: 'channel' });
    const station = new Station();
    const heard: unknown[] = [];
    station.subscriptions.add('news', (data: unknown) => heard.push(data));
    station.consumer.watch('mail', (data: unknown) => heard.push(data), 1);
    const { bus } = await ownBus();
    station.open(bus);
    const push = await connect({ cluster: 'channel', wait: 0 });
    assert.equal(push.gateways, 0);
    push.publish('news', { first: true });
    assert.equal(push.enqueue('mail', 'a job'), true);
    assert.equal(await push.close(), 0);
    await bus.close();
    assert.deepEqual(heard, [{ first: true }, 'a job']);
  });

  it('says at close how many jobs are not done, and takes none afterwards', async () => {
    const push = await connect({ cluster: 'nobody', wait: 0 });
    push.enqueue('mail', 'a job');
    assert.equal(await push.close(0.01), 1);
    for (const act of [() => push.sendToAll('late'), () => push.publish('news'), () => push.enqueue('mail')])
      assert.throws(act, { code: 'E_PUSH_CLOSED' });
    await assert.rejects(push.isUidOnline('7'), { code: 'E_PUSH_CLOSED' });
    assert.equal(await push.close(), 1);
  });

  it('waits for a server that is being started', async () => {
    const outside = machine();
    const connecting = joined('late');
    const { url } = await outside.serve({ CLUSTER: 'late', GATEWAYS: '1' });
    const push = await connecting;
    const { client, id } = await outside.client(url);
    push.sendToClient(id, 'hello');
    await client.until(() => client.heard.includes('hello'));
  });
});

describe('a program outside', () => {
  it('has loaded no server', () => {
    const src = resolve(import.meta.dirname ?? '.', '..', '..', '..', 'src');
    const loaded = new Set<string>();
    const load = (file: string): void => {
      if (loaded.has(file)) return;
      loaded.add(file);
      const imports = readFileSync(file, 'utf8').matchAll(
        /^(?:import|export) (?!type )[^;]*from '(\.[^']+)';/gms,
      );
      for (const [, target = ''] of imports) load(join(dirname(file), target));
    };
    load(join(src, 'push.ts'));
    const rooms = new Set([...loaded].map((file) => relative(src, file).split('/')[0]));
    for (const room of ['master', 'certificates', 'cli', 'front', 'doctor', 'commands'])
      assert.ok(!rooms.has(room), `${room} is loaded`);
    assert.ok(![...loaded].some((file) => file.endsWith('worker/worker.ts')));
    assert.ok(loaded.size < 90, `${loaded.size} files`);
  });
});

describe('what is wrong is said in one line', () => {
  it('nobody is there', async () => {
    await assert.rejects(connect({ cluster: 'empty', wait: 0.05 }), {
      code: 'E_PUSH_NOBODY',
      message:
        'nobody holds clients in cluster empty (waited 0.05 s): is the server running, with the same cluster, as the same user?',
    });
  });

  it('another secretKey on the same machine: ids of clients would lead nowhere', async () => {
    await machine().serve({ CLUSTER: 'signed', SECRET: 'a secret of the server', GATEWAYS: '1' });
    await assert.rejects(connect({ cluster: 'signed' }), {
      code: 'E_PUSH_SECRET',
      message: 'the processes in cluster signed have another secretKey: give the one of the server',
    });
    const push = await connect({ cluster: 'signed', secretKey: 'a secret of the server' });
    assert.equal(push.gateways, 1);
    await push.close();
  });

  it('another secretKey on another machine: what it says is forged', async () => {
    const connecting = connect({ cluster: 'forged', wait: 0.1 });
    const forge = setInterval(() => publish('usta:bus:forged', { subject: 'usta.x.members' }), 5);
    await assert.rejects(connecting, { code: 'E_PUSH_SECRET' });
    clearInterval(forge);
  });

  it('no cluster, where the directory of the script cannot be meant', () => {
    const message = "which cluster? connect({ cluster: 'chat' }), and Gateway.cluster = 'chat' in the server";
    const tool = join(
      import.meta.dirname ?? '.',
      '..',
      '..',
      '..',
      'node_modules',
      'typescript',
      'bin',
      'tsc',
    );
    for (const script of [undefined, '', '-', '/nowhere/at/all.js', tool])
      assert.throws(() => proveCluster(undefined, script), { code: 'E_PUSH_CLUSTER', message });
    proveCluster(undefined, process.argv[1]);
    proveCluster('chat', undefined);
  });

  it('settings that do not go together', async () => {
    await assert.rejects(connect({ cluster: 'chat', bus: 'http://x' }), { code: 'E_BUS' });
  });
});
