/** A worker takes the upgrades of servers that are not ours; their requests stay theirs. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterEach, describe, it } from 'node:test';
import { type CloseCause, Worker } from 'usta';
import WebSocket from 'ws';
import { testCertificate } from '../fixtures/certificate.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

describe('worker.attach', { timeout: 20_000 }, () => {
  it('takes upgrades of node:http, and nothing else; a frame that came with the request is there', async () => {
    const { port, server } = await serving(createServer((_, response) => response.end('the app')));
    const sockets: Socket[] = [];
    server.on('connection', (socket: Socket) => sockets.push(socket));
    server.timeout = 60_000;
    const worker = attached(server);
    worker.onMessage = (connection, message) => connection.send(`${connection.remoteIp} ${message}`);
    assert.equal(await textOf(port, '/'), 'the app');

    const peer = await raw(port);
    peer.write(Buffer.concat([Buffer.from(handshake('/any')), Buffer.from('8181000000005a', 'hex')]));
    await peer.hears(/101 Switching[\s\S]*127\.0\.0\.1 Z$/);
    const [, socket] = sockets;
    assert.equal(socket?.timeout, 0);
    assert.ok((socket?.bytesWritten ?? 0) > 100, 'others of the server see that something was written');
  });

  it('gives each path to its worker, others to other listeners, and answers 404 where there are none', async () => {
    const { port, server } = await serving(createServer());
    const chat = attached(server, { path: '/chat', onMessage: (connection) => connection.send('chat') });
    attached(server, { path: ['/news', '/olds'], onMessage: (connection) => connection.send('news') });
    assert.equal(await firstAnswer(port, '/chat?room=1'), 'chat');
    assert.equal(await firstAnswer(port, '/olds'), 'news');
    await assert.rejects(firstAnswer(port, '/chat/1'), /404/);

    const foreign = ({ url }: IncomingMessage, socket: Duplex): unknown =>
      url === '/chat' || socket.end('HTTP/1.1 418 Foreign\r\n\r\n');
    server.on('upgrade', foreign);
    await assert.rejects(firstAnswer(port, '/chat/1'), /418/);
    assert.equal(await firstAnswer(port, '/chat'), 'chat');
    server.off('upgrade', foreign);

    chat.detach(server);
    await assert.rejects(firstAnswer(port, '/chat'), /404/);
  });

  it('keeps the rules of a worker: origins, the decision, reject', async () => {
    const { port, server } = await serving(createServer());
    attached(server, {
      origins: ['https://example.com'],
      onWebSocketConnect: (connection, request) =>
        request.get('token') === '1' || connection.reject(401, 'who are you?'),
      onMessage: (connection) => connection.send('in'),
    });
    await assert.rejects(firstAnswer(port, '/', { origin: 'https://foreign.test' }), /403/);
    await assert.rejects(firstAnswer(port, '/', { origin: 'https://example.com' }), /401/);
    assert.equal(await firstAnswer(port, '/?token=1', { origin: 'https://example.com' }), 'in');
  });

  it('speaks over the TLS of an https server', async () => {
    const { cert, key } = await testCertificate();
    const { port, server } = await serving(createSecureServer({ cert, key }, (_, r) => r.end('the app')));
    attached(server, {
      onMessage: (connection, message) => connection.send(`${connection.secure} ${message.length}`),
    });
    const peer = new WebSocket(`wss://localhost:${port}/`, { ca: cert });
    await once(peer, 'open');
    peer.send('x'.repeat(300_000));
    assert.equal(String((await once(peer, 'message'))[0]), 'true 300000');
    peer.close();
    await once(peer, 'close');
  });

  it('waits for the answers that go before it', async () => {
    const { port, server } = await serving(createServer((_, response) => response.end(LONG)));
    attached(server);
    const peer = await raw(port);
    peer.write(`GET /long HTTP/1.1\r\nHost: a\r\n\r\n${handshake('/')}`);
    await peer.hears(/x\r?\n?HTTP\/1\.1 101 /);
    assert.ok(peer.heard.length > LONG.length);
  });

  it('lets the server answer requests that ask for another protocol', async () => {
    const { port, server } = await serving(
      createServer(async (request, response) => {
        let body = '';
        for await (const chunk of request) body += chunk;
        response.end(`${request.url} ${request.headers.upgrade} ${body}`);
      }),
    );
    attached(server);
    const peer = await raw(port);
    peer.write(
      'POST /plain HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\nabc',
    );
    peer.write('def');
    await peer.hears(/200 OK[\s\S]*\/plain undefined abcdef$/);
  });

  it('does not open a WebSocket on a request with a body', async () => {
    const { port, server } = await serving(createServer());
    attached(server);
    const peer = await raw(port);
    peer.write(`${handshake('/').trimEnd()}\r\nContent-Length: 3\r\n\r\nabc`);
    await peer.hears(/^HTTP\/1\.1 400 /);
  });

  it('stop closes with 1001 and takes no more; it can be attached again', async () => {
    const { port, server } = await serving(createServer());
    const worker = attached(server, { onMessage: (connection) => connection.send('here') });
    const peer = await opened(port);
    const stopped = worker.stop();
    assert.equal((await once(peer, 'close'))[0], 1001);
    await stopped;
    assert.equal(server.listenerCount('upgrade'), 0);
    worker.attach(server);
    assert.equal(await firstAnswer(port, '/'), 'here');
  });

  it('answers 503 while there is no room', async () => {
    const { port, server } = await serving(createServer());
    const worker = attached(server, { onMessage: (connection) => connection.send('room') });
    worker.pauseAccept();
    await assert.rejects(firstAnswer(port, '/'), /503/);
    worker.resumeAccept();
    assert.equal(await firstAnswer(port, '/'), 'room');
  });

  it('tells how a peer has left', async () => {
    const { port, server } = await serving(createServer());
    const worker = attached(server);
    const ended = new Promise<CloseCause>((resolve) => {
      worker.onClose = (_, cause) => resolve(cause);
    });
    (await opened(port)).close(4000, 'bye');
    assert.deepEqual((await ended).received, { code: 4000, reason: 'bye' });
    assert.equal(worker.connections.size, 0);
  });

  it('refuses what cannot be meant', async () => {
    const { server } = await serving(createServer());
    const worker = attached(server, { path: '/a' });
    assert.throws(() => worker.attach(server), { code: 'E_ATTACHED' });
    assert.throws(() => attached(server, { path: ['/b', '/a'] }), { code: 'E_ATTACHED' });
    const alone = new Worker('websocket://127.0.0.1:0');
    assert.throws(() => alone.attach(server), {
      code: 'E_ATTACH',
      message: /new Worker\('websocket:\/\/'\)/,
    });
    await assert.rejects(new Worker('websocket://').listen(), { code: 'E_NO_ADDRESS' });
  });
});

const LONG = 'x'.repeat(4_000_000);

function attached(server: Server, options: ConstructorParameters<typeof Worker<'websocket://'>>[1] = {}) {
  const worker = new Worker('websocket://', options as object);
  closing.unshift(() => worker.stop());
  return worker.attach(server);
}

async function serving<S extends Server>(server: S): Promise<{ server: S; port: number }> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(
    () => server.closeAllConnections(),
    () => server.close(),
  );
  return { server, port: (server.address() as AddressInfo).port };
}

async function opened(port: number, path = '/', options: WebSocket.ClientOptions = {}): Promise<WebSocket> {
  const peer = new WebSocket(`ws://127.0.0.1:${port}${path}`, options);
  await once(peer, 'open');
  return peer;
}

async function firstAnswer(
  port: number,
  path: string,
  options: WebSocket.ClientOptions = {},
): Promise<string> {
  const peer = await opened(port, path, options);
  peer.send('hello');
  const [answer] = await once(peer, 'message');
  peer.close();
  await once(peer, 'close');
  return String(answer);
}

function textOf(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ port, path, agent: false }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve(text);
    }).on('error', reject);
  });
}

function handshake(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`;
}

interface RawPeer {
  heard: string;
  write(bytes: string | Buffer): void;
  hears(pattern: RegExp): Promise<void>;
}

async function raw(port: number): Promise<RawPeer> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  closing.unshift(() => socket.destroy());
  await once(socket, 'connect');
  const peer: RawPeer = {
    heard: '',
    write: (bytes) => socket.write(bytes),
    async hears(pattern) {
      while (!pattern.test(peer.heard.slice(-1_000))) await once(socket, 'data');
    },
  };
  socket.on('data', (text: string) => {
    peer.heard += text;
  });
  return peer;
}
