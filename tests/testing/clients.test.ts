/** Clients in memory: what `connect` of usta/testing gives for each protocol, and whom errors are told. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { type CloseCause, defineProtocol, Response, Worker } from 'usta';
import { connect, stop } from 'usta/testing';

const workers: unknown[] = [];

/** Stopped behind the test. */
function owned<W>(worker: W): W {
  workers.push(worker);
  return worker;
}

describe('connect', { timeout: 10_000 }, () => {
  afterEach(async () => {
    for (const worker of workers.splice(0)) await stop(worker);
  });

  it('WebSocket: messages, pings, the subprotocol, the close of either side', async () => {
    const causes: CloseCause[] = [];
    const calls: string[] = [];
    const worker = owned(
      new Worker('websocket://0.0.0.0:8282', {
        path: '/chat',
        protocols: ['v2', 'v1'],
        onWebSocketConnect: (_, request) => calls.push(`${request.path}?${request.queryString}`),
        onConnect: (connection) => calls.push(connection.remoteIp),
        onMessage: (connection, message) =>
          message === 'bye' ? connection.close(4001, 'you asked') : connection.send(message),
        onClose: (_, cause) => causes.push(cause),
      }),
    );
    worker.onWorkerStart = () => calls.push('onWorkerStart');

    const client = await connect(worker, {
      path: '/chat?room=1',
      protocols: ['v1'],
      remoteIp: '203.0.113.9',
    });
    assert.deepEqual(calls, ['onWorkerStart', '203.0.113.9', '/chat?room=1']);
    assert.equal(client.subprotocol, 'v1');

    client.send('one');
    client.send(Buffer.from('two'));
    assert.equal(await client.next(), 'one');
    assert.deepEqual(await client.next(), Buffer.from('two'));
    assert.equal(client.messages.length, 2);

    client.send('bye');
    assert.deepEqual(await client.closed, { code: 4001, reason: 'you asked' });
    await assert.rejects(client.next(), /the connection is closed \(4001 you asked\)/);
    assert.throws(() => client.send('late'), /the connection is closed/);

    const second = await connect(worker, { path: '/chat' });
    assert.deepEqual(await second.close(1000, 'done'), { code: 1000, reason: '' });
    assert.deepEqual(
      causes.map(({ by, code }) => [by, code]),
      [
        ['us', 4001],
        ['peer', 1000],
      ],
    );
    assert.equal(worker.connections.size, 0);
  });

  it('WebSocket: an upgrade that is refused, and a cut', async () => {
    const causes: CloseCause[] = [];
    const worker = owned(
      new Worker('websocket://0.0.0.0:8282', {
        onWebSocketConnect: (connection, { query }) => {
          if (query.get('token') !== 'x') connection.reject(401, 'who are you?');
        },
        onClose: (_, cause) => causes.push(cause),
      }),
    );
    await assert.rejects(connect(worker), { status: 401, message: /who are you\?$/ });
    const client = await connect(worker, { path: '/?token=x' });
    client.cutOff();
    await client.closed;
    assert.equal(causes.length, 2);
    await assert.rejects(connect(worker, { path: 'no path' }), /path cannot be sent/);
  });

  it('HTTP: requests over one connection, as fetch would answer them', async () => {
    const ids = new Set<number>();
    const worker = owned(
      new Worker('http://0.0.0.0:80', {
        onMessage(connection, request) {
          ids.add(connection.id);
          const { method, path, body } = request;
          if (path === '/empty') connection.send(new Response(204));
          else if (path === '/last') connection.close('bye');
          else
            connection.send(new Response(200, { 'X-Ip': connection.remoteIp }, `${method} ${path} ${body}`));
        },
      }),
    );
    const client = await connect(worker, { remoteIp: '203.0.113.9', headers: { 'User-Agent': 'tester' } });
    const answer = await client.request('POST', '/a?b=c', { body: 'x'.repeat(200_000) });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('x-ip'), '203.0.113.9');
    assert.equal(await answer.text(), `POST /a ${'x'.repeat(200_000)}`);
    assert.equal((await client.request('GET', '/empty')).status, 204);
    assert.equal(ids.size, 1);
    assert.equal(await (await client.request('GET', '/last')).text(), 'bye');
    assert.equal(await (await client.request('GET', '/again')).text(), 'GET /again ');
    assert.equal(ids.size, 2);
    const unread = await client.request('POST', '/long', { body: 'x'.repeat(500_000) });
    assert.equal(await (await client.request('GET', '/beside')).text(), 'GET /beside ');
    assert.equal((await unread.text()).length, 500_011);
    await client.close();
  });

  it('both on one worker, as the client asks', async () => {
    const worker = owned(
      new Worker('http://0.0.0.0:80', { onMessage: (connection) => connection.send('page') }),
    );
    worker.onWebSocketMessage = (connection, message) => connection.send(`socket ${message}`);
    const page = await connect(worker);
    const socket = await connect(worker, { protocol: 'websocket' });
    socket.send('hi');
    assert.equal(await socket.next(), 'socket hi');
    assert.equal(await (await page.request('GET', '/')).text(), 'page');
  });

  it('text, frame, tcp, and a protocol of one’s own', async () => {
    const moves = defineProtocol({
      input: (buffer) => buffer.indexOf('\n') + 1,
      decode: (line): { x: number } => JSON.parse(String(line)),
      encode: (move: { x: number }) => `${JSON.stringify(move)}\n`,
    });
    const game = owned(new Worker('tcp://0.0.0.0:7000', { protocol: moves }));
    game.onMessage = (connection, { x }) => connection.send({ x: x + 1 });
    const player = await connect(game);
    player.sendRaw('{"x"');
    player.sendRaw(':1}\n{"x":2}\n');
    assert.deepEqual([await player.next(), await player.next()], [{ x: 2 }, { x: 3 }]);

    const text = owned(
      new Worker('text://0.0.0.0:7001', { onMessage: (connection, line) => connection.send(line) }),
    );
    const typist = await connect(text);
    typist.send('héllo');
    assert.equal(await typist.next(), 'héllo');

    const frame = owned(
      new Worker('frame://0.0.0.0:7002', { onMessage: (connection, one) => connection.end(one) }),
    );
    const framer = await connect(frame);
    framer.send('last');
    assert.deepEqual(await framer.next(), Buffer.from('last'));
    assert.deepEqual(await framer.closed, { code: 1006, reason: '' });

    const tcp = owned(
      new Worker('unix:///run/app.sock', { onMessage: (connection, one) => connection.send(one) }),
    );
    const raw = await connect(tcp);
    raw.send('bytes');
    assert.deepEqual(await raw.next(), Buffer.from('bytes'));
  });

  it('TLS is believed, and no certificate is read', async () => {
    const seen: boolean[] = [];
    const worker = owned(
      new Worker('wss://0.0.0.0:443', {
        ssl: { local_cert: '/not/here.pem' },
        onConnect: ({ secure }) => seen.push(secure),
      }),
    );
    await connect(worker);
    assert.deepEqual(seen, [true]);
    await assert.rejects(connect(worker, { secure: false }), {
      status: 400,
      message: /this port speaks TLS/,
    });
  });

  it('what a callback throws is given to the client that it concerns, and to no other', async () => {
    const worker = owned(
      new Worker('websocket://0.0.0.0:8282', {
        onMessage: async (connection, message) => {
          connection.send('heard');
          await Promise.resolve();
          if (message === 'boom') throw new TypeError('a bug');
        },
      }),
    );
    const [victim, bystander] = [await connect(worker), await connect(worker)];
    victim.send('boom');
    bystander.send('fine');
    await assert.rejects(async () => {
      await victim.next();
      await victim.next();
    }, new TypeError('a bug'));
    assert.deepEqual(await victim.closed, { code: 1011, reason: 'internal error' });
    assert.equal(await bystander.next(), 'heard');
    await bystander.close();
  });

  it('also of an http handler, of onConnect, onClose, onWorkerStart, and when nobody asks', async () => {
    const fail = (): never => {
      throw new Error('a bug');
    };
    const http = new Worker('http://0.0.0.0:80', { onMessage: fail });
    await assert.rejects((await connect(http)).request('GET', '/'), /a bug/);
    await stop(http);
    await assert.rejects(connect(owned(new Worker('text://0.0.0.0:1', { onConnect: fail }))), /a bug/);
    const closing = await connect(owned(new Worker('websocket://0.0.0.0:1', { onClose: fail })));
    await assert.rejects(closing.close(), /a bug/);
    const starting = new Worker('text://0.0.0.0:1');
    starting.onWorkerStart = fail;
    await assert.rejects(connect(starting), /a bug/);
    const quiet = new Worker('text://0.0.0.0:1', { onMessage: fail });
    (await connect(quiet)).send('unseen');
    await new Promise((resolve) => setTimeout(resolve, 20));
    await assert.rejects(stop(quiet), /a bug/);
  });

  it('says what cannot be connected to, and what did not come', async () => {
    await assert.rejects(connect(new Worker()), /this worker has no address/);
    await assert.rejects(connect(new Worker('udp://0.0.0.0:1') as never), /udp:\/\/ has no connections/);
    const mute = await connect(owned(new Worker('text://0.0.0.0:1')));
    await assert.rejects(mute.next(0.01), /no message came within 0.01 s/);
  });

  it('stop calls onWorkerStop and tells the clients', async () => {
    const calls: string[] = [];
    const worker = new Worker('websocket://0.0.0.0:8282');
    worker.onWorkerStop = () => calls.push('onWorkerStop');
    const client = await connect(worker);
    await Promise.all([stop(worker), client.closed.then(({ code }) => calls.push(`${code}`))]);
    assert.deepEqual(calls, ['onWorkerStop', '1001']);
  });
});

/** Its types: each client speaks the protocol of its worker. */
export async function typed(): Promise<void> {
  const http = await connect(new Worker('http://0.0.0.0:1'));
  http satisfies { request(method: string, path: string): Promise<globalThis.Response> };
  const text = await connect(new Worker('text://0.0.0.0:1'));
  (await text.next()) satisfies string;
  // @ts-expect-error text takes strings
  text.send(1);
  const socket = await connect(new Worker('http://0.0.0.0:1'), { protocol: 'websocket' });
  (await socket.next()) satisfies string | Buffer;
}
