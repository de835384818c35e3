/** The client against a real server, with the WebSocket of `ws`, and with Node’s own where it has one. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Worker } from 'usta';
import { WebSocket } from 'ws';
import {
  type Client,
  type ClientEvents,
  connect,
  json,
  type SocketConstructor,
} from '../../src/client/index.ts';

const own = (globalThis as { WebSocket?: SocketConstructor }).WebSocket;
const sockets: [string, SocketConstructor][] = own
  ? [
      ['ws', WebSocket],
      ['Node', own],
    ]
  : [['ws', WebSocket]];
const workers: { stop(): Promise<void> }[] = [];
after(() => Promise.all(workers.map((worker) => worker.stop())));

async function serve(port: number = 0) {
  const worker = new Worker(`websocket://127.0.0.1:${port}`, { drainTimeout: 1, closeTimeout: 1 });
  const heard: (string | Buffer)[] = [];
  const urls: string[] = [];
  worker.onWebSocketConnect = (_, request) => void urls.push(request.target);
  worker.onMessage = (connection, message) => {
    heard.push(message);
    connection.send(message);
  };
  await worker.listen();
  workers.push(worker);
  return { worker, heard, urls, port: worker.port, url: `ws://127.0.0.1:${worker.port}/` };
}

function next<In, Name extends keyof ClientEvents<In>>(
  client: Pick<Client<In, never>, 'on'>,
  name: Name,
): Promise<ClientEvents<In>[Name]> {
  return new Promise((resolve) => {
    const stop = client.on(name, (value) => {
      stop();
      resolve(value);
    });
  });
}

async function closed(client: Pick<Client, 'on' | 'close'>): Promise<void> {
  client.close();
  assert.equal((await next<unknown, 'close'>(client, 'close')).how, 'closed');
}

for (const [name, WebSocket] of sockets) {
  describe(`with a real server and the WebSocket of ${name}`, { timeout: 5_000 }, () => {
    const quick = { WebSocket, minDelay: 0.02, spread: 0.05 };
    it('exchanges text and bytes', async () => {
      const { url, heard } = await serve();
      const client = connect(url, quick);
      client.send('text');
      assert.equal(await next(client, 'message'), 'text');
      client.send(Uint8Array.of(1, 2));
      const bytes = await next(client, 'message');
      assert.ok(bytes instanceof ArrayBuffer);
      assert.deepEqual([...new Uint8Array(bytes)], [1, 2]);
      assert.deepEqual(heard, ['text', Buffer.of(1, 2)]);
      await closed(client);
    });

    it('comes back to a server that was restarted; what was sent meanwhile arrives in order, once', async () => {
      const first = await serve();
      const client = connect(first.url, { ...quick, ...json<number, number>() });
      assert.equal(await next(client, 'open'), false);
      const lost = next(client, 'close');
      await first.worker.stop(1012);
      const cause = await lost;
      assert.deepEqual([cause.how, cause.code, cause.wasOpen], ['frame', 1012, true]);
      assert.ok((cause.retryIn ?? 1) <= 0.05);
      for (let n = 0; n < 100; n++) assert.ok(client.send(n));
      while ((await next(client, 'close')).failures < 2);

      const again = next(client, 'open');
      const answers: number[] = [];
      const all = new Promise<void>((resolve) => {
        client.on('message', (n) => {
          if (answers.push(n) === 101) resolve();
        });
      });
      const second = await serve(first.port);
      assert.equal(await again, true);
      client.send(100);
      await all;
      const expected = Array.from({ length: 101 }, (_, n) => n);
      assert.deepEqual(second.heard.map(Number), expected);
      assert.deepEqual(answers, expected);
      await closed(client);
    });

    it('stays away when the server says a last word', async () => {
      const { url, worker, urls } = await serve();
      worker.onWebSocketConnected = (connection) => connection.close(4001, 'signed out');
      const client = connect(url, quick);
      const { how, code, reason, retryIn } = await next(client, 'close');
      assert.deepEqual([how, code, reason, retryIn], ['frame', 4001, 'signed out', undefined]);
      assert.deepEqual([client.status, urls.length], ['closed', 1]);
    });

    it('is told of a refusal, and asks for a new URL', async () => {
      const { url, worker } = await serve();
      worker.onWebSocketConnect = (connection, request) => {
        if (request.get('token') !== '2') connection.reject(401, 'who are you?');
      };
      let token = 0;
      const client = connect(() => `${url}?token=${++token}`, quick);
      const refused = await next(client, 'close');
      assert.deepEqual([refused.how, refused.wasOpen], ['broken', false]);
      if (name === 'ws') assert.match(String(refused.error), /401/);
      else assert.ok(refused.error !== undefined);
      assert.equal(await next(client, 'open'), false);
      await closed(client);
    });

    it('leaves a server that does not answer the handshake', async () => {
      const silent = createServer();
      silent.listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const { port } = silent.address() as AddressInfo;
      const accepted = once(silent, 'connection');
      const client = connect(`ws://127.0.0.1:${port}/`, { ...quick, connectTimeout: 0.2, minDelay: 60 });
      const [socket] = await accepted;
      socket.on('error', () => {}).resume();
      const gone = once(socket, 'close');
      assert.equal((await next(client, 'close')).how, 'timeout');
      await gone;
      client.close();
      silent.close();
    });

    it('runs as docs/how-to/client.md begins; and a process that has closed it ends', async () => {
      const { url } = await serve();
      const page = join(import.meta.dirname ?? '.', '..', '..', '..', 'docs', 'how-to', 'client.md');
      const [, shown = ''] = /^```ts\n([\s\S]*?)^```$/m.exec(readFileSync(page, 'utf8')) ?? [];
      const built = new URL('../../src/client/index.js', import.meta.url).href;
      const code = `
      import { WebSocket } from ${JSON.stringify(import.meta.resolve('ws'))};
      globalThis.WebSocket ??= WebSocket;
      ${shown.replace("'usta/client'", JSON.stringify(built)).replace('wss://domain.com/wss', url)}
      client.on('message', () => client.close());`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const output = child.stdout.toArray();
      assert.deepEqual(await once(child, 'exit'), [0, null]);
      assert.equal(Buffer.concat(await output).toString(), 'hello\n');
    });
  });
}
