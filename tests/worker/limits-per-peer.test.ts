import assert from 'node:assert/strict';
import { once } from 'node:events';
import { afterEach, describe, it } from 'node:test';
import { type CloseCause, Worker, type WorkerOptions } from 'usta';
import { WebSocket } from 'ws';

type Options = Pick<WorkerOptions, 'maxConnectionsPerIp' | 'maxMessagesPerSecond' | 'ssl'>;

const workers: Worker[] = [];
const causes: CloseCause[] = [];

async function serve(options: Options): Promise<Worker> {
  const worker = new Worker('websocket://127.0.0.1:0', { ...options, drainTimeout: 1, closeTimeout: 1 });
  worker.onMessage = (connection, message) => connection.send(message);
  worker.onClose = (_, cause) => causes.push(cause);
  await worker.listen();
  workers.push(worker);
  return worker;
}

async function join(worker: Worker, localAddress: string = '127.0.0.1'): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${worker.port}/`, { localAddress });
  await once(socket, 'open');
  return socket;
}

async function echo(socket: WebSocket, text: string): Promise<string> {
  socket.send(text);
  const [answer] = await once(socket, 'message');
  return String(answer);
}

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  causes.length = 0;
});

describe('maxConnectionsPerIp', () => {
  it('closes one too many from an address at once; other addresses are served, and places become free again', async () => {
    const worker = await serve({ maxConnectionsPerIp: 2 });
    const [first, second] = [await join(worker), await join(worker)];
    await assert.rejects(join(worker), { code: 'ECONNRESET' });
    assert.equal(await echo(await join(worker, '127.0.0.2'), 'another address'), 'another address');
    assert.equal(await echo(second, 'not concerned'), 'not concerned');

    first.close();
    await once(first, 'close');
    assert.equal(await echo(await join(worker), 'room again'), 'room again');
  });
});

describe('maxMessagesPerSecond', () => {
  it('closes with 1008 who sends more, and nobody else', async () => {
    const worker = await serve({ maxMessagesPerSecond: 100 });
    const [flooder, modest] = [await join(worker), await join(worker)];
    for (let count = 0; count < 300; count++) flooder.send('x');
    assert.deepEqual(await once(flooder, 'close'), [1008, Buffer.from('more than 100 messages in a second')]);
    assert.equal(await echo(modest, 'still here'), 'still here');
    assert.deepEqual([causes[0]?.by, causes[0]?.how], ['us', 'limit']);
  });
});
