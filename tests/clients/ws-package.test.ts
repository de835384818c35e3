/** Clients of the house at a server that is not ours: that of the package `ws`. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { describe, it } from 'node:test';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import { testCertificate } from '../fixtures/certificate.ts';
import { Ear, owned } from './stage.ts';

const LIMIT = { timeout: 5_000 };

async function foreign(options: ServerOptions = {}, use?: (socket: WebSocket) => void): Promise<string> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, ...options });
  server.on('connection', (socket) => {
    if (use) return use(socket);
    socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  await once(server, 'listening');
  owned(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as { port: number }).port}`;
}

describe('the server of ws', LIMIT, () => {
  it('text, binary, a megabyte, and a close handshake in order', async () => {
    const ear = Ear.connect(await foreign(), { maxPackageSize: 2_000_000 });
    ear.connection.send('grüß dich');
    ear.connection.send(Buffer.alloc(1_000_000, 7));
    await ear.until('1000000 bytes');
    assert.equal(ear.messages[0], 'grüß dich');
    ear.connection.close(4001, 'bye');
    await ear.until('close');
    assert.deepEqual([ear.causes[0]?.how, ear.causes[0]?.received?.code], ['frame', 4001]);
  });

  it('deflate with the limits that we offer, and declined', async () => {
    const text = 'the same again and again '.repeat(2_000);
    for (const perMessageDeflate of [{ threshold: 0 }, false]) {
      const ear = Ear.connect(await foreign({ perMessageDeflate }), { deflate: true });
      ear.connection.send(text);
      await ear.until(text);
      assert.equal(ear.connection.bytesRead < 5_000, perMessageDeflate !== false);
    }
  });

  it('a message that comes together with the 101 is delivered at once', async () => {
    const ear = Ear.connect(await foreign({}, (socket) => socket.send('welcome')));
    await ear.until('welcome');
    assert.deepEqual(ear.heard, ['connect', 'open', 'welcome']);
  });

  it('subprotocols, and pings in both directions', async () => {
    const pinged: string[] = [];
    const address = await foreign({ handleProtocols: (all) => [...all][1] ?? false }, (socket) => {
      socket.on('ping', (data) => pinged.push(`ping ${data}`));
      socket.on('pong', (data) => pinged.push(`pong ${data}`));
      socket.ping('from there');
    });
    const ear = new Ear(address, { protocols: ['a', 'b'] });
    const answered = new Promise((resolve) => {
      ear.connection.onWebSocketPong = (_, payload) => resolve(String(payload));
    });
    ear.connection.onWebSocketConnect = (connection) => connection.ping('from here');
    ear.connection.connect();
    assert.equal(await answered, 'from here');
    assert.deepEqual(pinged.sort(), ['ping from here', 'pong from there']);
    assert.equal(ear.connection.subprotocol, 'b');
  });

  it('its close codes, and a socket that it cuts off', async () => {
    const leaving = Ear.connect(await foreign({}, (socket) => socket.close(1013, 'later')));
    await leaving.until('close');
    assert.deepEqual([leaving.causes[0]?.code, leaving.causes[0]?.reason], [1013, 'later']);
    const cut = Ear.connect(await foreign({}, (socket) => socket.terminate()));
    await cut.until('close');
    assert.equal(cut.causes[0]?.code, 1006);
  });

  it('over TLS', async () => {
    const { cert, key } = await testCertificate();
    const server = createServer({ cert, key });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    owned(() => server.close());
    const wss = new WebSocketServer({ server });
    wss.on('connection', (socket) => socket.send('hidden'));
    owned(() => wss.close());
    const { port } = server.address() as { port: number };
    await Ear.connect(`wss://localhost:${port}`, { ssl: { cafile: cert } }).until('hidden');
  });
});
