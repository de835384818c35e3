/** Gateway and business workers in one process, without a master. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, describe, it } from 'node:test';
import {
  BusinessWorker,
  type ClientRequest,
  client,
  Gateway,
  subscribe,
  type TcpConnection,
  Timer,
  Worker,
} from 'usta';
import { WebSocket } from 'ws';
import { planBus } from '../../src/bus/settings.ts';
import { WebSocketCodec } from '../../src/protocol/websocket/websocket-codec.ts';
import { TestClient } from './clients.ts';
import { eventually } from './service.ts';

const runtime = mkdtempSync(join(tmpdir(), 'usta-gw-'));
process.env.USTA_RUNTIME_DIR = runtime;
after(() => rmSync(runtime, { recursive: true, force: true }));

describe('what cannot be', () => {
  it('is told in one line', () => {
    assert.throws(() => new Gateway('http://127.0.0.1:0'), {
      code: 'E_GATEWAY',
      message: /use websocket:\/\//,
    });
    assert.throws(() => new Gateway('websocket://'), {
      code: 'E_GATEWAY',
      message: /needs a host and a port/,
    });
    assert.throws(() => planBus({ bus: 'http://x' }), { code: 'E_BUS', message: /write 'local', nats/ });
    assert.throws(() => planBus({ bus: 'nats://x' }), { code: 'E_BUS', message: /needs a name/ });
    const noSecret = { bus: 'nats://x', cluster: 'c' };
    assert.throws(() => planBus(noSecret), { code: 'E_BUS', message: /needs a secretKey of 16/ });
    Gateway.cluster = 'workers';
    Gateway.cluster = 'workers';
    const other = { cluster: 'others' };
    assert.throws(() => new BusinessWorker(other), { code: 'E_BUS', message: /a process has one bus/ });
    assert.throws(() => Gateway.sendToCurrentClient('a'), { code: 'E_NO_CLIENT' });
  });

  it('a business worker without onMessage does not begin', async () => {
    await assert.rejects(new BusinessWorker({ name: 'empty' }).listen(), {
      code: 'E_EVENT_HANDLER',
      message: /business worker empty needs an eventHandler/,
    });
  });

  it('a gateway with a schema and without an onMessage of its own does not begin', async () => {
    const message = {
      '~standard': { version: 1, vendor: 'test', validate: (value: unknown) => ({ value: String(value) }) },
    } as const;
    await assert.rejects(new Gateway('websocket://127.0.0.1:0', { message }).listen(), {
      code: 'E_GATEWAY',
      message: /business processes get what was sent/,
    });
  });

  it('what GatewayWorker needed and we do not is taken, with one line', () => {
    const lines: string[] = [];
    const stop = subscribe('usta:notice', ({ text }) => lines.push(text));
    new BusinessWorker({ registerAddress: '127.0.0.1:1236' });
    new Gateway('websocket://127.0.0.1:0', { startPort: 2900, lanIp: '127.0.0.1' });
    Gateway.registerAddress = '127.0.0.1:1236';
    stop();
    assert.deepEqual(
      lines.map((line) => line.split(' is not needed')[0]),
      ['registerAddress', 'startPort', 'lanIp', 'registerAddress'],
    );
  });
});

describe('a gateway and a business worker', () => {
  it('hand on every event, with what belongs to its client', async () => {
    const events: unknown[] = [];
    let request: ClientRequest | undefined;
    const business = new BusinessWorker({
      name: 'shop',
      eventHandler: {
        onWorkerStart: () => events.push('start'),
        onConnect: (id) => events.push(['connect', id, client.remoteIp, client.gateway]),
        onWebSocketConnect(id, given) {
          request = given;
          Gateway.bindUid(id, 'ann');
        },
        async onMessage(id, message) {
          client.session.messages = Number(client.session.messages ?? 0) + 1;
          await Timer.sleep(0.001);
          assert.equal(client.id, id);
          events.push([String(message), Buffer.isBuffer(message), client.uid, client.session.messages]);
          Gateway.sendToCurrentClient('ok');
        },
        onClose: (_, cause) => events.push(['close', cause.how, cause.code, client.session.messages]),
        onWorkerStop: () => events.push('stop'),
      },
    });
    const gateway = new Gateway('websocket://127.0.0.1:0', {
      name: 'door',
      closeTimeout: 1,
      drainTimeout: 1,
    });
    await gateway.listen();
    await business.listen();
    const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/in?room=a%20b`, {
      headers: { cookie: 'k=v; l=w' },
    });
    const heard: string[] = [];
    socket.on('message', (message) => heard.push(String(message)));
    socket.on('open', () => {
      socket.send('one');
      socket.send(Buffer.from('two'));
    });
    await eventually('both are answered', () => heard.length === 2);
    socket.close(4000, 'enough');
    await eventually('the close is told', () => events.length === 5);
    const [, connected] = events as [string, [string, string, string, string]];
    assert.match(connected[1], /^[\w-]{32}$/);
    assert.deepEqual(events, [
      'start',
      ['connect', connected[1], '127.0.0.1', 'door'],
      ['one', false, 'ann', 1],
      ['two', true, 'ann', 2],
      ['close', 'frame', 4000, 2],
    ]);
    const { path, query, cookies, headers } = request as unknown as ClientRequest;
    assert.deepEqual([path, query, cookies], ['/in', { room: 'a b' }, { k: 'v', l: 'w' }]);
    assert.equal(headers.upgrade, 'websocket');
    await business.stop();
    assert.equal(events.at(-1), 'stop');
    await gateway.stop();
  });

  it('a session does not go back in time, however fast events come', async () => {
    const business = new BusinessWorker({
      eventHandler: {
        async onMessage() {
          const number = Number(client.session.number ?? 0) + 1;
          client.session.number = number;
          await Timer.sleep(0.001);
          Gateway.sendToCurrentClient(`${number}`);
        },
      },
    });
    const gateway = new Gateway('websocket://127.0.0.1:0', { closeTimeout: 1, drainTimeout: 1 });
    await gateway.listen();
    await business.listen();
    const one = await TestClient.open(`ws://127.0.0.1:${gateway.port}`);
    const expected = Array.from({ length: 60 }, (_, index) => `${index + 1}`);
    for (const _ of expected) {
      one.say('next');
      await new Promise((resolve) => setTimeout(resolve, 0.5));
    }
    await one.until(() => one.heard.length === expected.length);
    assert.deepEqual(one.heard, expected);
    one.leave();
    await business.stop();
    await gateway.stop();
  });

  it('a gateway with an onMessage of its own needs no business worker', async () => {
    const gateway = new Gateway('websocket://127.0.0.1:0', { name: 'small', closeTimeout: 1 });
    gateway.onMessage = (connection, message) => {
      Gateway.joinGroup(connection, 'room');
      assert.equal(Gateway.idOf(connection), client.id);
      Gateway.sendToCurrentClient('mine');
      Gateway.sendToGroup('room', `all: ${message}`);
    };
    await gateway.listen();
    const one = await TestClient.open(`ws://127.0.0.1:${gateway.port}`);
    one.say('hello');
    await one.until(() => one.heard.length === 2);
    assert.deepEqual(one.heard, ['mine', 'all: hello']);
    assert.equal(await Gateway.getAllClientCount(), 1);
    one.leave();
    await gateway.stop();
  });

  it('a message to a group is encoded once for all who speak alike', async () => {
    const gateway = new Gateway('websocket://127.0.0.1:0', { closeTimeout: 1, deflate: true });
    gateway.onMessage = (connection) => Gateway.joinGroup(connection, 'many');
    await gateway.listen();
    const sockets = [true, true, true, false, false].map(
      (perMessageDeflate) => new WebSocket(`ws://127.0.0.1:${gateway.port}`, { perMessageDeflate }),
    );
    const heard: string[] = [];
    for (const socket of sockets) {
      socket.on('message', (message) => heard.push(String(message)));
      socket.on('open', () => socket.send('in'));
    }
    await eventually('all are in', async () => (await Gateway.getClientCountByGroup('many')) === 5);
    const { encode } = WebSocketCodec.prototype;
    let times = 0;
    WebSocketCodec.prototype.encode = function (...words) {
      times++;
      return encode.apply(this, words);
    };
    Gateway.sendToGroup('many', 'once');
    WebSocketCodec.prototype.encode = encode;
    await eventually('all hear it', () => heard.length === 5);
    assert.equal(times, 2);
    for (const socket of sockets) socket.terminate();
    await gateway.stop();
  });

  it('a plain worker’s connection becomes a client when it is given a group or a uid', async () => {
    const worker = new Worker('websocket://127.0.0.1:0', { closeTimeout: 1 });
    worker.onMessage = (connection) => {
      Gateway.bindUid(connection, 'kim');
      Gateway.joinGroup(connection, 'plain');
      Gateway.sendToGroup('plain', 'welcome');
    };
    await worker.listen();
    const [one, two] = await TestClient.openMany(`ws://127.0.0.1:${worker.port}`, 2);
    one?.say('me');
    await one?.until(() => one.heard.length === 1);
    assert.deepEqual([one?.heard, two?.heard], [['welcome'], []]);
    assert.deepEqual(await Gateway.getAllUidList(), ['kim']);
    one?.leave();
    two?.leave();
    await eventually('it is forgotten', async () => (await Gateway.getAllClientCount()) === 0);
    const [stranger] = [...worker.connections.values()];
    assert.throws(() => Gateway.idOf((stranger ?? {}) as TcpConnection), { code: 'E_CLIENT' });
    await worker.stop();
  });

  it('a client over plain TCP is pinged with pingData, and cut after pingNotResponseLimit silent intervals', async () => {
    const gateway = new Gateway('tcp://127.0.0.1:0', {
      ...{ name: 'raw', pingInterval: 0.1, pingNotResponseLimit: 3, pingData: 'ping\n', closeTimeout: 1 },
    });
    gateway.onMessage = () => {};
    await gateway.listen();
    const socket = connect(gateway.port, '127.0.0.1');
    let heard = '';
    socket.setEncoding('utf8').on('data', (text) => {
      heard += text;
    });
    const opened = performance.now();
    await new Promise((resolve) => socket.once('close', resolve));
    assert.match(heard, /^(ping\n){2,}$/);
    assert.ok(performance.now() - opened >= 290);
    await gateway.stop();
  });
});
