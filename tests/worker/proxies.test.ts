import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { subscribe, type Telemetry, UsageError, Worker, type WorkerOptions } from 'usta';
import { WebSocket } from 'ws';
import { testCertificate } from '../fixtures/certificate.ts';

const { cert, key } = await testCertificate();

const FORGED = {
  'X-Forwarded-For': '6.6.6.6',
  Forwarded: 'for=6.6.6.6;proto=https;host=evil.example',
  'X-Real-IP': '6.6.6.6',
  Via: '1.1 evil',
};

type Options = Pick<
  WorkerOptions,
  'trustProxy' | 'proxyProtocol' | 'ssl' | 'maxConnectionsPerIp' | 'handshakeTimeout'
>;

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0)) await one();
});

/** Answers each request and each WebSocket with where it comes from. */
async function serve(options: Options, address = 'websocket://127.0.0.1:0'): Promise<Worker> {
  const worker = new Worker(address, { ...options, drainTimeout: 0.2, closeTimeout: 0.2 });
  worker.onRequest = (connection, { host }) => {
    const { remoteIp, remotePort, secure } = connection;
    connection.send(JSON.stringify({ remoteIp, remotePort, secure, host }));
  };
  worker.onWebSocketConnected = (connection) => connection.send(connection.remoteIp);
  await worker.listen();
  undo.push(() => worker.stop());
  return worker;
}

interface Seen {
  readonly remoteIp: string;
  readonly remotePort: number;
  readonly secure: boolean;
  readonly host: string;
}

async function ask(worker: Worker, headers: Record<string, string>, agent?: Agent): Promise<Seen> {
  const sent = request({ port: worker.port, host: '127.0.0.1', headers, ...(agent ? { agent } : {}) });
  sent.end();
  const [answer] = await once(sent, 'response');
  let body = '';
  for await (const chunk of answer) body += chunk;
  return JSON.parse(body);
}

async function heard(socket: Socket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  await once(socket, 'close');
  return text;
}

function listen<Name extends keyof Telemetry>(name: Name): Telemetry[Name][] {
  const events: Telemetry[Name][] = [];
  undo.push(subscribe(name, (event) => events.push(event)));
  return events;
}

const REQUEST = 'GET / HTTP/1.1\r\nHost: chat.example\r\nConnection: close\r\n\r\n';
const PROXY = 'PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\n';

describe('trustProxy', () => {
  it('nobody is believed by default; one notice says what to write', async () => {
    const notices = listen('usta:notice');
    const worker = await serve({});
    for (let times = 0; times < 3; times++) assert.equal((await ask(worker, FORGED)).remoteIp, '127.0.0.1');
    assert.equal(notices.length, 1);
    assert.match(notices[0]?.text ?? '', /trustProxy: \{ from: \['127\.0\.0\.1'\], header: 'x-real-ip' \}/);
  });

  it('exactly one header is read, the others not even as a fallback', async () => {
    const told = {
      'x-forwarded-for': { 'X-Forwarded-For': '192.0.2.1' },
      forwarded: { Forwarded: 'for=192.0.2.1' },
      'x-real-ip': { 'X-Real-IP': '192.0.2.1' },
    } as const;
    for (const header of Object.keys(told) as (keyof typeof told)[]) {
      const worker = await serve({ trustProxy: { from: ['127.0.0.1'], header } });
      assert.equal((await ask(worker, { ...FORGED, ...told[header] })).remoteIp, '192.0.2.1', header);
      const { [headerName(header)]: _, ...others } = FORGED;
      assert.equal((await ask(worker, others)).remoteIp, '127.0.0.1', header);
    }
  });

  it('x-forwarded-for is read from the right, past proxies of ours and no farther', async () => {
    const worker = await serve({ trustProxy: { from: ['127.0.0.1', '10.0.0.0/8'] } });
    const client = async (value: string): Promise<string> =>
      (await ask(worker, { 'X-Forwarded-For': value })).remoteIp;
    assert.equal(await client('6.6.6.6, 192.0.2.1, 10.0.0.7, 10.0.0.8'), '192.0.2.1');
    assert.equal(await client('6.6.6.6, 10.0.0.7, 192.0.2.1'), '192.0.2.1');
    assert.equal(await client('10.0.0.9, 10.0.0.7'), '10.0.0.9');
    assert.equal(await client('::ffff:192.0.2.1'), '192.0.2.1');
  });

  it('what cannot be read is nobody, never the proxy itself', async () => {
    const from = ['127.0.0.1'];
    const worker = await serve({ trustProxy: { from } });
    for (const value of ['unknown', '', '192.0.2.1, _hidden', '1.2.3', '192.0.2.1,']) {
      assert.equal((await ask(worker, { 'X-Forwarded-For': value })).remoteIp, '', value);
    }
    const forwarded = await serve({ trustProxy: { from, header: 'forwarded' } });
    for (const value of ['for="192.0.2.9, for=192.0.2.1', 'for=unknown', 'proto=https']) {
      assert.equal((await ask(forwarded, { Forwarded: value })).remoteIp, '', value);
    }
    const realIp = await serve({ trustProxy: { from, header: 'x-real-ip' } });
    assert.equal((await ask(realIp, { 'X-Real-IP': '6.6.6.6, 192.0.2.1' })).remoteIp, '');
  });

  it('forwarded tells scheme, port and Host too', async () => {
    const worker = await serve({ trustProxy: { from: ['loopback'], header: 'forwarded' } });
    const value = 'for=6.6.6.6;proto=http, for="192.0.2.1:4711";proto=https;host="chat.example:8443"';
    assert.deepEqual(await ask(worker, { Forwarded: value }), {
      remoteIp: '192.0.2.1',
      remotePort: 4711,
      secure: true,
      host: 'chat.example',
    });
    assert.equal((await ask(worker, { Forwarded: 'for=192.0.2.1' })).secure, false);
  });

  it('who is no trusted proxy speaks for itself', async () => {
    const worker = await serve({ trustProxy: { from: ['10.0.0.0/8'] } });
    assert.equal((await ask(worker, FORGED)).remoteIp, '127.0.0.1');
  });

  it('a connection that a proxy uses again belongs to whoever asks now', async () => {
    const worker = await serve({ trustProxy: { from: ['127.0.0.1'] } });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    undo.push(() => agent.destroy());
    const clients: string[] = [];
    for (const ip of ['192.0.2.1', '192.0.2.2'])
      clients.push((await ask(worker, { 'X-Forwarded-For': ip }, agent)).remoteIp);
    clients.push((await ask(worker, {}, agent)).remoteIp);
    assert.deepEqual(clients, ['192.0.2.1', '192.0.2.2', '127.0.0.1']);
    assert.equal(worker.connections.size, 1);
  });

  it('a WebSocket keeps the address of its upgrade', async () => {
    const worker = await serve({ trustProxy: { from: ['127.0.0.1'] } });
    const headers = { 'X-Forwarded-For': '192.0.2.1' };
    const socket = new WebSocket(`ws://127.0.0.1:${worker.port}/`, { headers });
    assert.equal(String((await once(socket, 'message'))[0]), '192.0.2.1');
    assert.deepEqual(
      [...worker.connections.values()].map(({ remoteAddress }) => remoteAddress),
      ['192.0.2.1:0'],
    );
  });

  it('maxConnectionsPerIp counts clients, not the proxy that brings them', async () => {
    const worker = await serve({ trustProxy: { from: ['127.0.0.1'] }, maxConnectionsPerIp: 1 });
    const join = async (ip: string): Promise<WebSocket> => {
      const socket = new WebSocket(`ws://127.0.0.1:${worker.port}/`, { headers: { 'X-Forwarded-For': ip } });
      await once(socket, 'open');
      return socket;
    };
    const first = await join('192.0.2.1');
    await join('192.0.2.2');
    await assert.rejects(join('192.0.2.1'), /429/);
    first.close();
    await once(first, 'close');
    await join('192.0.2.1');
  });

  it('an origin is compared with the Host that the proxy tells', async () => {
    const worker = await serve({ trustProxy: { from: ['127.0.0.1'], header: 'forwarded' } });
    const headers = {
      Cookie: 'session=1',
      Origin: 'https://chat.example',
      Forwarded: 'for=192.0.2.1;host=chat.example',
    };
    const socket = new WebSocket(`ws://127.0.0.1:${worker.port}/`, { headers });
    await once(socket, 'open');
    const foreign = new WebSocket(`ws://127.0.0.1:${worker.port}/`, {
      headers: { ...headers, Origin: 'https://evil.example' },
    });
    assert.match(String(await once(foreign, 'open').catch(String)), /403/);
  });

  it('an address without host means this machine only; a written one is obeyed, with a warning', async () => {
    const notices = listen('usta:notice');
    const quiet = await serve({ trustProxy: { from: ['127.0.0.1'] } }, 'websocket://:0');
    assert.deepEqual(quiet.address?.place, { kind: 'ip', host: '127.0.0.1', port: 0 });
    assert.equal(notices.length, 0);
    await serve({ trustProxy: { from: ['0.0.0.0/0'] } }, 'websocket://0.0.0.0:0');
    assert.match(notices[0]?.text ?? '', /forge/);
    assert.match(notices[1]?.text ?? '', /^0\.0\.0\.0:0 can be reached around the proxy/);
  });

  it('what cannot be meant is refused when the worker is made', () => {
    const make = (trustProxy: object): Worker =>
      new Worker('websocket://127.0.0.1:0', { trustProxy: trustProxy as never });
    assert.throws(() => make({ from: ['10.0.0.0/33'] }), UsageError);
    assert.throws(() => make({ from: ['nginx'] }), /trustProxy\.from: "nginx" is no address or network/);
    assert.throws(
      () => make({ from: [], header: 'x-client-ip' }),
      /none of x-forwarded-for, forwarded, x-real-ip/,
    );
    assert.throws(() => new Worker('tcp://127.0.0.1:0', { proxyProtocol: ['x'] }), /proxyProtocol: "x"/);
  });
});

function headerName(header: 'x-forwarded-for' | 'forwarded' | 'x-real-ip'): keyof typeof FORGED {
  return header === 'forwarded' ? 'Forwarded' : header === 'x-real-ip' ? 'X-Real-IP' : 'X-Forwarded-For';
}

describe('proxyProtocol', () => {
  it('stands in front of plain HTTP: remoteIp is the client', async () => {
    const worker = await serve({ proxyProtocol: ['127.0.0.1'] });
    const socket = connect(worker.port, '127.0.0.1');
    socket.write(PROXY + REQUEST);
    assert.match(await heard(socket), /"remoteIp":"192\.0\.2\.1","remotePort":4711/);
  });

  it('stands in front of TLS, also when it comes byte by byte', async () => {
    const worker = await serve({ proxyProtocol: ['loopback'], ssl: { cert, key } }, 'wss://127.0.0.1:0');
    const socket = connect(worker.port, '127.0.0.1').setNoDelay(true);
    for (const byte of PROXY) {
      socket.write(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const secure = connectTls({ socket, ca: cert, servername: 'localhost' });
    secure.write(REQUEST);
    assert.match(await heard(secure), /"remoteIp":"192\.0\.2\.1","remotePort":4711,"secure":true/);
  });

  it('stands in front of any protocol, and its ends are those of the connection', async () => {
    const worker = new Worker('tcp://127.0.0.1:0', { proxyProtocol: ['127.0.0.1'], drainTimeout: 0.2 });
    worker.onMessage = (connection, message) => {
      connection.end(`${message}|${connection.remoteAddress}|${connection.localAddress}`);
    };
    await worker.listen();
    undo.push(() => worker.stop());
    const socket = connect(worker.port, '127.0.0.1');
    socket.end(`${PROXY}hello`);
    assert.equal(await heard(socket), 'hello|192.0.2.1:4711|198.51.100.2:443');
  });

  it('LOCAL is a health check: the connection is its own', async () => {
    const worker = await serve({ proxyProtocol: ['127.0.0.1'] });
    const socket = connect(worker.port, '127.0.0.1');
    socket.write(Buffer.from('\r\n\r\n\0\r\nQUIT\n\x20\0\0\0', 'latin1'));
    socket.write(REQUEST);
    assert.match(await heard(socket), /"remoteIp":"127\.0\.0\.1"/);
  });

  it('without a header a listed peer is cut off, and the log says why', async () => {
    const failures = listen('usta:connection:failed');
    const worker = await serve({ proxyProtocol: ['127.0.0.1'] });
    const socket = connect(worker.port, '127.0.0.1');
    socket.write(REQUEST);
    assert.equal(await heard(socket), '');
    assert.match(failures[0]?.reason ?? '', /no PROXY header/);
    assert.equal(worker.connections.size, 0);
  });

  it('with a header anybody else is cut off, on TLS too; without one they are served', async () => {
    const failures = listen('usta:connection:failed');
    const plain = await serve({ proxyProtocol: ['10.0.0.1'] });
    const secure = await serve({ proxyProtocol: ['10.0.0.1'], ssl: { cert, key } }, 'wss://127.0.0.1:0');
    for (const { port } of [plain, secure]) {
      const socket = connect(port, '127.0.0.1');
      socket.write(PROXY + REQUEST);
      assert.equal(await heard(socket), '');
    }
    assert.equal(failures.length, 2);
    assert.equal((await ask(plain, {})).remoteIp, '127.0.0.1');
    const socket = connectTls({ port: secure.port, host: '127.0.0.1', ca: cert, servername: 'localhost' });
    socket.write(REQUEST);
    assert.match(await heard(socket), /"secure":true/);
  });

  it('who does not finish it is cut off in time', async () => {
    const worker = await serve({ proxyProtocol: ['127.0.0.1'], handshakeTimeout: 0.3 });
    const silent = connect(worker.port, '127.0.0.1');
    const halfway = connect(worker.port, '127.0.0.1');
    halfway.write('PROXY TCP4 ');
    const begun = performance.now();
    assert.deepEqual(await Promise.all([heard(silent), heard(halfway)]), ['', '']);
    assert.ok(performance.now() - begun < 2_000);
  });

  it('maxConnectionsPerIp counts the clients', async () => {
    const worker = await serve({ proxyProtocol: ['127.0.0.1'], maxConnectionsPerIp: 1 });
    const enter = async (ip: string): Promise<Socket> => {
      const socket = connect(worker.port, '127.0.0.1');
      socket.write(`PROXY TCP4 ${ip} 198.51.100.2 4711 443\r\n${REQUEST.replace('close', 'keep-alive')}`);
      await once(socket, 'data');
      return socket;
    };
    const first = await enter('192.0.2.1');
    undo.push(() => first.destroy());
    const second = await enter('192.0.2.2');
    undo.push(() => second.destroy());
    const surplus = connect(worker.port, '127.0.0.1');
    surplus.on('error', () => {});
    surplus.write('PROXY TCP4 192.0.2.1 198.51.100.2 4712 443\r\n');
    assert.equal(await heard(surplus), '');
  });
});
