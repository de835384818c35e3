/** What clients speak besides WebSocket and bytes: the protocols of a worker, over its transports. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { AsyncTcpConnection, defineProtocol, type Protocol, registerProtocol, Worker } from 'usta';
import { connectionReports } from '../../src/worker/reporter.ts';
import { make } from '../fixtures/pki.ts';
import { bare, Ear, echo, owned, serving } from './stage.ts';

const LIMIT = { timeout: 8_000 };
const directory = mkdtempSync(join(tmpdir(), 'usta-clients-'));
after(() => rmSync(directory, { recursive: true }));

const moves: Protocol<{ x: number }, { x: number }> = defineProtocol({
  input: (buffer) => buffer.indexOf('\n') + 1,
  decode: (line): { x: number } => JSON.parse(String(line)),
  encode(move: { x: number }): string {
    if (Number.isNaN(move.x)) throw new RangeError('x is no number');
    return `${JSON.stringify(move)}\n`;
  },
});

declare module 'usta' {
  interface Protocols {
    'client-moves': typeof moves;
  }
}

/** A worker that answers each move with the next. */
async function game<W extends Worker<typeof moves>>(worker: W): Promise<W> {
  worker.onMessage = (connection, { x }) => connection.send({ x: x + 1 });
  return serving(worker);
}

describe('clients speak', LIMIT, () => {
  it('text, over TCP, TLS and a Unix socket', async () => {
    const { cert, key } = make({ name: 'localhost' });
    const path = join(directory, 'text.sock');
    const plain = await echo({}, 'text');
    const secure = await echo({ ssl: { cert, key }, transport: 'ssl' }, 'text');
    const local = new Worker(`unix://${path}`, { protocol: 'text', drainTimeout: 0.2 });
    local.onMessage = (connection, line) => connection.send(line);
    await serving(local);
    const sealedPath = join(directory, 'sealed.sock');
    const sealed = new Worker(`unix://${sealedPath}`, {
      protocol: 'text',
      ssl: { cert, key },
      transport: 'ssl',
    });
    sealed.onMessage = (connection, line) => connection.send(line);
    await serving(sealed);
    const ssl = { cafile: cert };
    for (const [address, options] of [
      [`text://127.0.0.1:${plain.port}`, {}],
      [`text://localhost:${secure.port}`, { ssl, transport: 'ssl' }],
      [`ssl://localhost:${secure.port}`, { ssl, protocol: 'text' }],
      [`unix://${path}`, { protocol: 'text' }],
      [`unix://${sealedPath}`, { ssl, protocol: 'text', transport: 'ssl' }],
    ] as const) {
      const ear = Ear.connect(address, options as object);
      ear.connection.send('héllo');
      ear.connection.send('second');
      await ear.until('second');
      assert.deepEqual(ear.messages, ['héllo', 'second'], address);
    }
    const protocols = connectionReports().map(({ protocol }) => protocol);
    assert.deepEqual([...new Set(protocols)], ['text']);
  });

  it('frames', async () => {
    const server = await echo({}, 'frame');
    const connection = new AsyncTcpConnection(`frame://127.0.0.1:${server.port}`);
    owned(() => connection.destroy());
    const heard = await new Promise<Buffer>((resolve) => {
      connection.onMessage = (_, bytes) => resolve(bytes);
      connection.onConnect = () => connection.send('four');
      connection.connect();
    });
    assert.equal(String(heard), 'four');
  });

  it('what defineProtocol() gives, and a scheme that was registered', async () => {
    registerProtocol('client-moves', moves);
    const { port } = await game(new Worker('tcp://127.0.0.1:0', { protocol: moves }));
    for (const connection of [
      new AsyncTcpConnection(`client-moves://127.0.0.1:${port}`),
      new AsyncTcpConnection(`tcp://127.0.0.1:${port}`, { protocol: moves }),
    ]) {
      owned(() => connection.destroy());
      const heard: number[] = [];
      await new Promise<void>((resolve) => {
        connection.onMessage = (self, { x }) => (heard.push(x) < 2 ? self.send({ x }) : resolve());
        connection.send({ x: 1 });
        connection.connect();
      });
      assert.deepEqual(heard, [2, 3]);
    }
  });

  it('WebSocket over a Unix socket', async () => {
    const path = join(directory, 'websocket.sock');
    const worker = new Worker(`unix://${path}`, { protocol: 'websocket', drainTimeout: 0.2 });
    worker.onMessage = (connection, message) => connection.send(message);
    await serving(worker);
    const ear = Ear.connect(`unix://${path}`, { protocol: 'websocket' });
    ear.connection.send('over a file');
    await ear.until('over a file');
  });
});

describe('what goes wrong with a package', LIMIT, () => {
  it('encode throws: from send, or where the message has waited to onError, and the others are sent', async () => {
    const { port } = await game(new Worker('tcp://127.0.0.1:0', { protocol: moves }));
    const connection = new AsyncTcpConnection(`tcp://127.0.0.1:${port}`, { protocol: moves });
    owned(() => connection.destroy());
    const errors: string[] = [];
    connection.onError = (_, code, message) => errors.push(`${code} ${message}`);
    for (const x of [Number.NaN, 7]) connection.send({ x });
    await new Promise<void>((resolve) => {
      connection.onMessage = (_, { x }) => x === 8 && resolve();
      connection.connect();
    });
    assert.deepEqual(errors, ['2 a message could not be sent: x is no number']);
    assert.throws(() => connection.send({ x: Number.NaN }), RangeError);
  });

  it('a server that sends more than maxPackageSize, or what is no package, is left', async () => {
    const flood = await bare((socket) => socket.write('x'.repeat(200)));
    const long = Ear.connect(`text://127.0.0.1:${flood.port}`, { maxPackageSize: 100 });
    await long.until('close');
    assert.deepEqual([long.causes[0]?.by, long.causes[0]?.how], ['us', 'limit']);
    const broken = Ear.connect(
      `frame://127.0.0.1:${(await bare((socket) => socket.write('\0\0\0\x01'))).port}`,
    );
    await broken.until('close');
    assert.deepEqual([broken.causes[0]?.by, broken.causes[0]?.how], ['peer', 'protocol']);
  });

  it('an address and a protocol that do not go together', () => {
    const say = (address: string, options: object = {}): unknown => new AsyncTcpConnection(address, options);
    for (const [address, options, message] of [
      ['txt://a:1', {}, /did you mean text/],
      ['udp://a:1', {}, /AsyncUdpConnection/],
      ['text://a', {}, /text:\/\/host:port/],
      ['ws://a', { protocol: moves }, /says what is spoken/],
      ['tcp://a:1', { protocol: 'txet' }, /did you mean text\?/],
      ['tcp://a:1', { protocol: 'http' }, /fetch/],
    ] as const)
      assert.throws(() => say(address, options), { name: 'UsageError', message }, address);
  });
});
