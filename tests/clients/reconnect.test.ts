/** What waits before a connection is open, and how a client comes back. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AsyncTcpConnection, Timer, Worker } from 'usta';
import { Backoff } from '../../src/worker/client/backoff.ts';
import { freePort } from '../fixtures/free-port.ts';
import { bare, Ear, echo, owned } from './stage.ts';

const LIMIT = { timeout: 8_000 };

async function served(port: number): Promise<Worker> {
  const worker = new Worker(`websocket://127.0.0.1:${port}` as string, { drainTimeout: 0.1 });
  worker.onMessage = (connection, message) => connection.send(message);
  await worker.listen();
  return worker;
}

describe('before it is open', LIMIT, () => {
  it('messages wait in order, behind what onWebSocketConnect sends', async () => {
    const ear = new Ear(`ws://127.0.0.1:${(await echo()).port}`);
    assert.equal(ear.connection.send('one'), true);
    ear.connection.onWebSocketConnect = (connection) => connection.send('sign in');
    ear.connection.connect();
    assert.equal(ear.connection.send('two'), true);
    assert.equal(ear.connection.bufferedBytes, 6);
    await ear.until('two');
    assert.deepEqual(ear.messages, ['sign in', 'one', 'two']);
  });

  it('not more than maxSendBufferSize waits', () => {
    const ear = new Ear('ws://127.0.0.1:1', { maxSendBufferSize: 10 });
    assert.equal(ear.connection.send('0123456789'), true);
    assert.equal(ear.connection.send('!'), false);
    assert.deepEqual(ear.errors, ['send queue is full']);
  });

  it('close() gives it up: no error, onClose once it had begun', async () => {
    const ear = Ear.connect(`ws://127.0.0.1:${(await echo()).port}`, { reconnect: true });
    ear.connection.send('never');
    ear.connection.close();
    await ear.until('close');
    assert.deepEqual(ear.heard, ['close']);
    assert.equal(ear.connection.getStatus(), 16);
    assert.equal(ear.connection.send('no'), false);
  });
});

describe('it comes back', LIMIT, () => {
  it('by itself, when the server has gone and come; what was sent meanwhile arrives', async () => {
    const port = await freePort();
    let server = await served(port);
    const ear = Ear.connect(`ws://127.0.0.1:${port}`, { reconnect: { delay: 0.05, maxDelay: 0.1 } });
    await ear.until('open');
    await server.stop();
    await ear.until('close');
    await ear.until('error 1', 2);
    assert.ok(ear.connection.failures >= 2);
    ear.connection.send('meanwhile');
    server = await served(port);
    owned(() => server.stop());
    await ear.until('meanwhile');
    assert.equal(ear.messages.length, 1);
    assert.equal(ear.connection.failures, 0);
    ear.connection.close();
    await ear.until('bye 1000');
    const { length } = ear.heard;
    await Timer.sleep(0.3);
    assert.deepEqual(ear.heard.slice(length - 1).slice(-1), ['close']);
    assert.equal(ear.connection.getStatus(), 16);
  });

  it('gives up after its limit', async () => {
    const reconnect = { delay: 0.02, maxDelay: 0.02, limit: 2 };
    const ear = Ear.connect(`tcp://127.0.0.1:${await freePort()}`, { reconnect });
    await ear.until('close', 3);
    await Timer.sleep(0.1);
    assert.equal(ear.causes.length, 3);
  });

  it('as in Workerman: reconnect() in onClose, and in onError without an onClose', async () => {
    const port = await freePort();
    const heard: string[] = [];
    const connection = new AsyncTcpConnection(`ws://127.0.0.1:${port}` as string);
    owned(() => connection.destroy());
    const opened = new Promise<void>((resolve) => {
      connection.onError = async (self, code) => {
        heard.push(`error ${code}`);
        self.reConnect(0.1);
        const server = await served(port);
        owned(() => server.stop());
        server.onWebSocketConnected = (peer) => heard.length < 3 && peer.close();
      };
      connection.onWebSocketConnect = () => heard.push('open') === 4 && resolve();
      connection.onClose = (self) => {
        heard.push('close');
        self.reconnect();
      };
    });
    connection.connect();
    await opened;
    assert.deepEqual(heard, ['error 1', 'open', 'close', 'open']);
  });

  it('reconnect() of an open connection closes it first; what is sent then waits', async () => {
    const server = await echo();
    const ear = Ear.connect(`ws://127.0.0.1:${server.port}`);
    await ear.until('open');
    ear.connection.reconnect();
    ear.connection.send('on the next');
    await ear.until('on the next');
    assert.deepEqual(ear.heard, ['connect', 'open', 'close', 'connect', 'open', 'on the next']);
    ear.connection.destroy();
    await ear.until('close', 2);
    ear.connection.connect();
    await ear.until('open', 3);
  });

  it('cancelReconnect() takes it back', async () => {
    const ear = Ear.connect(`tcp://127.0.0.1:${await freePort()}`);
    ear.connection.onClose = (self) => self.reconnect(0.05);
    await ear.until('error 1');
    await Timer.sleep(0.01);
    ear.connection.cancelReconnect();
    await Timer.sleep(0.15);
    assert.deepEqual(ear.heard, ['error 1']);
  });

  it('waits longer each time, up to a limit, and partly by chance', () => {
    const backoff = new Backoff({ delay: 1, maxDelay: 5, jitter: 0.5, limit: 4 });
    assert.deepEqual(
      [0, 1, 2, 3, 4].map((failures) => backoff.delay(failures, 0)),
      [1, 2, 4, 5, undefined],
    );
    assert.equal(backoff.delay(0, 0.99999)?.toFixed(2), '0.50');
    assert.equal(new Backoff(false).delay(0), undefined);
  });
});

describe('the send queue', LIMIT, () => {
  it('onBufferFull and onBufferDrain, as on a server', async () => {
    let resume = (): void => {};
    const server = await bare((socket) => {
      socket.pause();
      resume = () => socket.resume();
    });
    const ear = new Ear(`tcp://127.0.0.1:${server.port}`, { maxSendBufferSize: 100_000 });
    const told: string[] = [];
    const drained = new Promise<void>((resolve) => {
      ear.connection.onBufferFull = () => {
        told.push('full');
        resume();
      };
      ear.connection.onBufferDrain = () => {
        told.push('drain');
        resolve();
      };
    });
    ear.connection.connect();
    await ear.until('connect');
    await Timer.sleep(0.02);
    ear.connection.send(Buffer.alloc(6_000_000));
    await drained;
    assert.deepEqual(told, ['full', 'drain']);
  });
});

it('works in a worker without an address', LIMIT, async () => {
  const server = await echo();
  const worker = new Worker();
  const heard = await new Promise((resolve) => {
    worker.onWorkerStart = () => {
      const connection = new AsyncTcpConnection(`ws://127.0.0.1:${server.port}` as string);
      connection.onMessage = (_, message) => resolve(message);
      connection.onWebSocketConnect = () => connection.send('from inside');
      connection.connect();
      owned(() => connection.destroy());
    };
    worker.onWorkerStart(worker);
  });
  assert.equal(heard, 'from inside');
});
