/** Clients through proxies: HTTP CONNECT and SOCKS 5, with and without credentials, for every kind of server. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { AsyncTcpConnection } from 'usta';
import { testCertificate } from '../fixtures/certificate.ts';
import { freePort } from '../fixtures/free-port.ts';
import { bare, Ear, echo, owned } from './stage.ts';

const LIMIT = { timeout: 8_000 };
const { cert, key } = await testCertificate();

interface Put {
  readonly port: number;
  /** `host:port` that were asked for. */
  readonly asked: string[];
}

function join(one: Socket, other: Socket): void {
  for (const socket of [one, other]) socket.on('error', () => socket.destroy());
  one.pipe(other).pipe(one);
  owned(() => one.destroy());
  owned(() => other.destroy());
}

/** Speaks CONNECT; says something of its own before, in two pieces. */
async function httpProxy(secret?: string): Promise<Put> {
  const asked: string[] = [];
  const server = createServer();
  server.on('connect', (request, socket: Socket, head) => {
    asked.push(request.url ?? '');
    const basic = `Basic ${Buffer.from(secret ?? '').toString('base64')}`;
    if (secret && request.headers['proxy-authorization'] !== basic)
      return socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
    const [host = '', port = ''] = (request.url ?? '').split(':');
    const target = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection ');
      setTimeout(() => socket.write('established\r\nVia: me\r\n\r\n', () => join(socket, target)), 5);
      target.write(head);
    });
    target.on('error', () => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  owned(() => server.close());
  return { port: (server.address() as { port: number }).port, asked };
}

/** Speaks SOCKS 5 in a few lines, each message expected whole. */
async function socksProxy(secret?: string): Promise<Put> {
  const asked: string[] = [];
  const read = async (socket: Socket): Promise<Buffer> => ((await once(socket, 'data')) as [Buffer])[0];
  const serve = async (socket: Socket): Promise<void> => {
    const methods = (await read(socket)).subarray(2);
    const method = secret ? 2 : 0;
    socket.write(Buffer.of(5, methods.includes(method) ? method : 255));
    if (!methods.includes(method)) return void socket.end();
    if (secret) {
      const [, length = 0, ...rest] = await read(socket);
      const given = `${Buffer.from(rest.slice(0, length))}:${Buffer.from(rest.slice(length + 1))}`;
      socket.write(Buffer.of(1, given === secret ? 0 : 1));
      if (given !== secret) return void socket.end();
    }
    const request = await read(socket);
    assert.deepEqual([...request.subarray(0, 4)], [5, 1, 0, 3]);
    const host = String(request.subarray(5, -2));
    asked.push(`${host}:${request.readUInt16BE(request.length - 2)}`);
    const target = connect(request.readUInt16BE(request.length - 2), host, () => {
      socket.write(Buffer.of(5, 0, 0));
      setTimeout(() => socket.write(Buffer.of(1, 127, 0, 0, 1, 9, 9), () => join(socket, target)), 5);
    });
    target.on('error', () => socket.end(Buffer.of(5, 5, 0, 1, 0, 0, 0, 0, 0, 0)));
  };
  const { port } = await bare((socket) => void serve(socket).catch(() => socket.destroy()));
  return { port, asked };
}

for (const [scheme, start] of [
  ['http', httpProxy],
  ['socks5', socksProxy],
] as const) {
  describe(`a proxy: ${scheme}`, LIMIT, () => {
    it('to every kind of server; the name is looked up there', async () => {
      const { port, asked } = await start();
      const proxy = `${scheme}://127.0.0.1:${port}`;
      const ssl = { cafile: cert };
      const servers = {
        ws: await echo(),
        wss: await echo({ ssl: { cert, key } }, 'wss'),
        tcp: await echo({}, 'tcp'),
        ssl: await echo({ ssl: { cert, key } }, 'ssl'),
      };
      for (const [kind, server] of Object.entries(servers)) {
        const ear = Ear.connect(`${kind}://localhost:${server.port}`, { proxy, ssl });
        ear.connection.send('there and back');
        await ear.until(kind.startsWith('w') ? 'there and back' : '14 bytes');
        assert.equal(ear.connection.secure, kind === 'wss' || kind === 'ssl');
        assert.equal(asked.at(-1), `localhost:${server.port}`);
        ear.connection.close();
        await ear.until('close');
      }
    });

    it('a large message both ways, and reconnect', async () => {
      const { port } = await start();
      const server = await echo({ maxPackageSize: 4e6 });
      const proxy = `${scheme}://127.0.0.1:${port}`;
      const ear = Ear.connect(`ws://localhost:${server.port}`, { proxy, maxPackageSize: 4e6 });
      ear.connection.send(Buffer.alloc(3_000_000, 1));
      await ear.until('3000000 bytes');
      ear.connection.reconnect();
      ear.connection.send('again');
      await ear.until('again');
    });

    it('with credentials; and without, with wrong ones', async () => {
      const { port } = await start('me:p@ss word');
      const server = await echo();
      const address = `ws://127.0.0.1:${server.port}`;
      await Ear.connect(address, { proxy: `${scheme}://me:p%40ss%20word@127.0.0.1:${port}` }).until('open');
      for (const who of ['', 'me:secret@']) {
        const ear = Ear.connect(address, { proxy: `${scheme}://${who}127.0.0.1:${port}` });
        await ear.until('close');
        assert.match(ear.errors[0] ?? '', /by the proxy (http|socks5):\/\/127.*: the proxy .*password/);
        assert.doesNotMatch(ear.errors[0] ?? '', /secret/);
        assert.deepEqual(ear.heard, ['error 1', 'close']);
      }
    });

    it('a proxy that cannot connect, that is not there, that is none, that is silent', async () => {
      const { port } = await start();
      const closed = await freePort();
      const none = await bare((socket) => socket.write('SSH-2.0-x\r\n\r\n'));
      const silent = await bare(() => {});
      const cases: [number, RegExp][] = [
        [port, /the proxy (answered 502|says: nobody listens)/],
        [closed, /nobody listens on that port/],
        [none.port, /no HTTP or WebSocket server|does not speak SOCKS 5/],
        [silent.port, /within 0\.4 s/],
      ];
      for (const [at, said] of cases) {
        const proxy = `${scheme}://127.0.0.1:${at}`;
        const ear = Ear.connect(`ws://127.0.0.1:${closed}`, { proxy, connectTimeout: 0.4 });
        await ear.until('close');
        assert.match(ear.errors[0] ?? '', said);
      }
    });

    it('behind it, the server is verified as ever', async () => {
      const { port } = await start();
      const server = await echo({ ssl: { cert, key } }, 'wss');
      const proxy = `${scheme}://127.0.0.1:${port}`;
      const ear = Ear.connect(`wss://localhost:${server.port}`, { proxy });
      await ear.until('close');
      assert.match(ear.errors[0] ?? '', /signs itself/);
      const plain = Ear.connect(`wss://localhost:${(await echo()).port}`, { proxy });
      await plain.until('close');
      assert.match(plain.errors[0] ?? '', /does not speak TLS/);
    });
  });
}

it('a proxy that cannot be read throws, and its password is not repeated', () => {
  for (const proxy of ['https://x', 'socks4://x', 'x', 'http://a:secret%zz@x:1', 'http://a:secret@:1']) {
    const make = (): unknown => new AsyncTcpConnection('ws://x', { proxy });
    assert.throws(
      make,
      (error: Error) => /a proxy is written/.test(error.message) && !/secret/.test(error.message),
    );
  }
});
