/** Clients of the house at servers of the house: every scheme, and the order of what is heard. */
import assert from 'node:assert/strict';
import dns from 'node:dns';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { describe, it, mock } from 'node:test';
import { AsyncTcpConnection, TcpConnection, Worker } from 'usta';
import { connectionReports } from '../../src/worker/reporter.ts';
import { testCertificate } from '../fixtures/certificate.ts';
import { Ear, echo, owned, serving } from './stage.ts';

const LIMIT = { timeout: 5_000 };
const { cert, key } = await testCertificate();
const secure = { ssl: { cert, key } };

describe('every scheme', LIMIT, () => {
  it('ws: text, binary, and the order of what is heard', async () => {
    const ear = Ear.connect(`ws://127.0.0.1:${(await echo()).port}`);
    ear.connection.send('early');
    await ear.until('early');
    ear.connection.send(Buffer.from([1, 2, 3]));
    await ear.until('3 bytes');
    ear.connection.close(4000, 'enough');
    await ear.until('close');
    assert.deepEqual(ear.heard, ['connect', 'open', 'early', '3 bytes', 'bye 4000', 'close']);
    assert.deepEqual(ear.messages[1], Buffer.from([1, 2, 3]));
    assert.equal(ear.causes[0]?.by, 'us');
    assert.equal(ear.causes[0]?.how, 'frame');
    assert.equal(ear.causes[0]?.sent?.code, 4000);
    assert.ok(ear.connection instanceof TcpConnection);
  });

  it('wss, and ws with transport ssl as in Workerman', async () => {
    const { port } = await echo(secure, 'wss');
    const known = { ssl: { cafile: cert } };
    const ear = Ear.connect(`wss://localhost:${port}`, known);
    const old = new Ear(`ws://localhost:${port}`, known);
    old.connection.transport = 'ssl';
    old.connection.connect();
    for (const one of [ear, old]) {
      one.connection.send('in secret');
      await one.until('in secret');
      assert.equal(one.connection.secure, true);
    }
  });

  for (const scheme of ['tcp', 'ssl'] as const) {
    it(scheme, async () => {
      const server = await echo(secure, scheme);
      const ear = Ear.connect(`${scheme}://localhost:${server.port}`, { ssl: { cafile: cert } });
      ear.connection.send('bytes');
      await ear.until('5 bytes');
      assert.equal(String(ear.messages[0]), 'bytes');
      ear.connection.close();
      await ear.until('close');
      assert.deepEqual(ear.heard, ['connect', '5 bytes', 'close']);
    });
  }

  it('unix', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'usta-clients-'));
    owned(() => rmSync(folder, { recursive: true }));
    const server = await serving(new Worker(`unix://${folder}/socket`));
    server.onMessage = (connection, message) => connection.send(message as Buffer);
    const ear = Ear.connect(`unix://${folder}/socket`);
    ear.connection.send('near');
    await ear.until('4 bytes');
    assert.equal(ear.connection.getRemoteHost(), `${folder}/socket`);
  });

  it('tries all addresses of a name, whichever comes first', async () => {
    const both = [
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ];
    const [plain, tls] = [await echo(), await echo(secure, 'wss')];
    mock.method(dns, 'lookup', (_host: string, _options: object, told: (...all: unknown[]) => void) =>
      told(null, both),
    );
    owned(() => mock.restoreAll());
    await Ear.connect(`ws://localhost:${plain.port}`).until('open');
    await Ear.connect(`wss://localhost:${tls.port}`, { ssl: { cafile: cert } }).until('open');
  });
});

describe('what is agreed', LIMIT, () => {
  it('subprotocol, header fields, Origin, path; and what the server has answered', async () => {
    const server = await echo({ protocols: ['chat.2'], origins: ['https://shop.example'] });
    const asked: unknown[] = [];
    server.onWebSocketConnect = (connection, request) => {
      connection.headers = { 'X-Answer': 'yes' };
      asked.push(request.target, request.header('x-who'), request.header('origin'), request.header('host'));
    };
    const { port } = server;
    const ear = new Ear(`ws://127.0.0.1:${port}/room/a%20b?key=1`, { headers: { 'X-Who': 'me' } });
    ear.connection.websocketClientProtocol = 'chat.1, chat.2';
    ear.connection.websocketOrigin = 'https://shop.example';
    let answer: string | undefined;
    ear.connection.onWebSocketConnected = (_, { headers }) => {
      answer = headers.get('x-answer');
    };
    ear.connection.connect();
    await ear.until('open');
    assert.deepEqual(asked, ['/room/a%20b?key=1', 'me', 'https://shop.example', `127.0.0.1:${port}`]);
    assert.equal(ear.connection.subprotocol, 'chat.2');
    assert.equal(answer, 'yes');
  });

  it('deflate, both ways', async () => {
    const server = await echo({ deflate: true });
    const long = 'a long text that can be made short '.repeat(500);
    const ear = Ear.connect(`ws://127.0.0.1:${server.port}`, { deflate: true });
    ear.connection.send(long);
    await ear.until(long);
    const { bytesRead, bytesWritten } = ear.connection;
    assert.ok(bytesRead < 1_000 && bytesWritten < 1_000, `${bytesRead} in, ${bytesWritten} out`);
  });

  it('accept: text refuses binary with 1003; websocketType binary sends strings so', async () => {
    const server = await echo();
    const ear = new Ear(`ws://127.0.0.1:${server.port}`, { accept: 'text' });
    ear.connection.websocketType = 'binary';
    ear.connection.connect();
    ear.connection.send('to and fro');
    await ear.until('close');
    assert.equal(ear.causes[0]?.sent?.code, 1003);
  });
});

describe('an open client', LIMIT, () => {
  it('hears the close codes of the server, and whose decision it was', async () => {
    const server = await echo();
    server.onMessage = (connection) => connection.close(4321, 'go away');
    const ear = Ear.connect(`ws://127.0.0.1:${server.port}`);
    ear.connection.send('hello');
    await ear.until('close');
    assert.deepEqual(ear.heard.slice(-2), ['bye 4321 go away', 'close']);
    const { by, how, code, reason } = ear.causes[0] ?? {};
    assert.deepEqual({ by, how, code, reason }, { by: 'peer', how: 'frame', code: 4321, reason: 'go away' });
    assert.equal(ear.connection.send('too late'), false);
  });

  it('is shown with the connections of its process', async () => {
    const server = await echo();
    const before = connectionReports().length;
    const ear = Ear.connect(`ws://127.0.0.1:${server.port}`);
    await ear.until('open');
    const remote = `127.0.0.1:${server.port}`;
    const row = connectionReports().find((one) => one.remote === remote);
    assert.equal(row?.protocol, 'websocket');
    assert.equal(row?.status, 'established');
    assert.equal(connectionReports().length, before + 2);
  });

  it('a handler that throws ends this connection with 1011', async () => {
    const server = await echo();
    const ear = new Ear(`ws://127.0.0.1:${server.port}`);
    ear.connection.onMessage = () => {
      throw new Error('oops');
    };
    ear.connection.connect();
    ear.connection.send('x');
    await ear.until('close');
    assert.deepEqual(ear.errors, ['onMessage: oops']);
    assert.equal(ear.causes[0]?.sent?.code, 1011);
  });

  it('the kernel asks for a server that is silent', { skip: process.platform !== 'linux' }, async () => {
    const server = await echo({}, 'tcp');
    const ear = Ear.connect(`tcp://127.0.0.1:${server.port}`);
    await ear.until('connect');
    const port = ear.connection.localPort.toString(16).toUpperCase().padStart(4, '0');
    const row = new RegExp(`^ *\\d+: [0-9A-F]{8}:${port} \\S+ 01 \\S+ (\\d\\d):([0-9A-F]+)`, 'm');
    const [, timer, ticks] = row.exec(readFileSync('/proc/net/tcp', 'utf8')) ?? [];
    const seconds = Number.parseInt(ticks ?? '', 16) / 100;
    assert.equal(timer, '02', 'its timer is that of keepalive');
    assert.ok(seconds > 50 && seconds <= 60.1, `${seconds} s`);
  });

  it('pipes to a connection of a worker and back: a proxy in a few lines', async () => {
    const inner = await echo({}, 'tcp');
    const outer = await serving(new Worker('tcp://127.0.0.1:0'));
    outer.onConnect = (connection) => {
      const client = new AsyncTcpConnection(`tcp://127.0.0.1:${inner.port}`);
      connection.pipe(client);
      client.pipe(connection);
      client.connect();
    };
    const ear = Ear.connect(`tcp://127.0.0.1:${outer.port}`);
    ear.connection.send('round');
    await ear.until('5 bytes');
    ear.connection.close();
    await ear.until('close');
  });
});
