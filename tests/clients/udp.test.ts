/** Datagrams to one address, and back. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  AsyncUdpConnection,
  type AsyncUdpOptions,
  type CloseCause,
  defineProtocol,
  subscribe,
  Worker,
} from 'usta';
import { freePort } from '../fixtures/free-port.ts';
import { Sender } from '../worker/datagrams.ts';
import { owned, serving } from './stage.ts';

const LIMIT = { timeout: 8_000 };

/** What a client has heard, in its order. */
class Ear {
  readonly heard: string[] = [];
  readonly causes: CloseCause[] = [];
  readonly connection: AsyncUdpConnection;
  #wake: () => void = () => {};

  constructor(address: string, options: AsyncUdpOptions = {}) {
    const connection = new AsyncUdpConnection(address, options);
    this.connection = connection;
    connection.onConnect = () => this.#hear('connect');
    connection.onMessage = (_, message) => this.#hear(String(message));
    connection.onError = (_, code, message) => this.#hear(`error ${code} ${message}`);
    connection.onClose = (_, cause) => {
      this.causes.push(cause);
      this.#hear('close');
    };
    owned(() => connection.close());
  }

  async until(word: RegExp | string): Promise<string> {
    const is = (one: string): boolean => (typeof word === 'string' ? one === word : word.test(one));
    while (!this.heard.some(is)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.heard.find(is) ?? '';
  }

  #hear(word: string): void {
    this.heard.push(word);
    this.#wake();
  }
}

async function echo(options: object = {}, port = 0): Promise<Worker> {
  const worker = new Worker(`udp://127.0.0.1:${port}` as string, options);
  worker.onMessage = (connection, message) => connection.send(message);
  return serving(worker);
}

describe('AsyncUdpConnection', LIMIT, () => {
  it('sends and hears; what was sent before it is open waits; close() lets go and is told', async () => {
    const { port } = await echo();
    const ear = new Ear(`udp://localhost:${port}`, { socket: { bindto: '127.0.0.1:0' } });
    const { connection } = ear;
    assert.equal(connection.send('early'), true);
    assert.equal(connection.bufferedBytes, 5);
    connection.connect();
    connection.connect();
    await ear.until('early');
    assert.deepEqual(ear.heard, ['connect', 'early']);
    assert.equal(connection.remoteAddress, `127.0.0.1:${port}`);
    assert.equal(connection.localIp, '127.0.0.1');
    assert.ok(connection.localPort > 0);
    assert.equal(connection.getStatus(), 2);
    connection.send(Buffer.alloc(0));
    await ear.until('');
    connection.close('bye');
    await ear.until('close');
    const [cause] = ear.causes;
    assert.deepEqual([cause?.by, cause?.how, cause?.bytesWritten, cause?.bytesRead], ['us', 'fin', 8, 5]);
    assert.equal(connection.send('late'), false);
    connection.connect();
    connection.send('again');
    await ear.until('again');
  });

  it('lines, and numbers of a protocol of your own; what is no package is told and concerns nothing else', async () => {
    const answers = ['no line', 'a line\n', '{', '7'];
    const worker = await serving(new Worker('udp://127.0.0.1:0'));
    worker.onMessage = (connection) => connection.send(answers.shift() ?? '');
    const broken: string[] = [];
    owned(subscribe('usta:connection:failed', ({ reason }) => broken.push(reason)));
    const lines = new AsyncUdpConnection(`udp://127.0.0.1:${worker.port}`, { protocol: 'text' });
    const protocol = defineProtocol({
      input: (buffer) => buffer.length,
      decode: (text): number => JSON.parse(String(text)),
      encode: (one: number) => String(one),
    });
    const numbers = new AsyncUdpConnection(`udp://127.0.0.1:${worker.port}`, { protocol });
    const line = await new Promise<string>((resolve) => {
      lines.onMessage = (_, text) => resolve(text);
      lines.onConnect = () => ['one', 'two'].map((text) => lines.send(text));
      lines.connect();
    });
    assert.equal(line, 'a line');
    const number = await new Promise<number>((resolve) => {
      numbers.onMessage = (_, one) => resolve(one + 1);
      numbers.onConnect = () => [1, 2].map((one) => numbers.send(one));
      numbers.connect();
    });
    assert.equal(number, 8);
    assert.equal(broken[0], 'a datagram is no whole package');
    for (const one of [lines, numbers]) one.close();
  });

  it('refuses what is larger than a datagram, and more than may wait', () => {
    const { connection, heard } = new Ear('udp://127.0.0.1:9', { maxSendBufferSize: 100 });
    assert.equal(connection.send('x'.repeat(65_508)), false);
    assert.equal(connection.send('x'.repeat(100)), true);
    assert.equal(connection.send('y'), false);
    assert.deepEqual(heard, [
      'error 2 a datagram carries at most 65507 bytes, not 65508',
      'error 2 send queue is full',
    ]);
    connection.onError = () => heard.push(`again ${connection.send('z')}`);
    connection.send('z');
    assert.equal(heard.at(-1), 'again false', 'what fails within onError is not told to it');
    const silent = new AsyncUdpConnection('udp://127.0.0.1:9', { maxSendBufferSize: 64_000 });
    let sent = 0;
    while (silent.send('')) sent++;
    assert.equal(sent, 1_000, 'empty ones are limited too');
  });

  it('hears from the network that nobody is there, and goes on when somebody is', async () => {
    const port = await freePort();
    const ear = new Ear(`udp://127.0.0.1:${port}`);
    ear.connection.connect();
    ear.connection.send('anybody?');
    assert.match(
      await ear.until(/^error/),
      /^error 2 what was sent to udp:\/\/127\.0\.0\.1:\d+ did not arrive: nobody listens/,
    );
    await echo({}, port);
    ear.connection.send('now?');
    await ear.until('now?');
    assert.deepEqual(ear.causes, []);
  });

  it('hears nobody but the address it is connected to', async () => {
    const { port } = await echo();
    const ear = new Ear(`udp://127.0.0.1:${port}`);
    ear.connection.connect();
    await ear.until('connect');
    const stranger = await Sender.to(ear.connection.localPort);
    owned(() => stranger.close());
    stranger.send('trust me');
    ear.connection.send('mine');
    await ear.until('mine');
    assert.deepEqual(ear.heard, ['connect', 'mine']);
  });

  it('says why it cannot connect, and closes; without onError the line is reported', async () => {
    const ear = new Ear('udp://name.invalid:53');
    ear.connection.connect();
    await ear.until('close');
    assert.match(ear.heard[0] ?? '', /^error 1 cannot connect to udp:\/\/name\.invalid:53: (the name|DNS)/);
    assert.equal(ear.causes[0]?.by, 'network');
    const elsewhere = new Ear('udp://127.0.0.1:9', { socket: { bindto: '192.0.2.1:0' } });
    elsewhere.connection.onError = undefined;
    const reports: string[] = [];
    owned(subscribe('usta:connection:failed', ({ reason }) => reports.push(reason)));
    elsewhere.connection.connect();
    await elsewhere.until('close');
    assert.match(reports[0] ?? '', /look at socket\.bindto/);
  });

  it('close() while it connects is no error', async () => {
    const ear = new Ear('udp://localhost:9');
    ear.connection.connect();
    ear.connection.close();
    await ear.until('close');
    assert.deepEqual(ear.heard, ['close']);
  });

  it('what a callback throws is told to onError and goes no further', async () => {
    const { port } = await echo();
    const ear = new Ear(`udp://127.0.0.1:${port}`);
    ear.connection.onMessage = () => {
      throw new Error('oops');
    };
    ear.connection.connect();
    ear.connection.send('x');
    await ear.until('error 3 onMessage: oops');
    assert.equal(ear.connection.getStatus(), 2);
  });

  it('an address or an option that cannot be used throws at once', () => {
    const say = (address: string, options: object = {}): unknown => new AsyncUdpConnection(address, options);
    for (const [address, options, message] of [
      ['text://a:1', {}, /udp:\/\/host:port; .* the option protocol/],
      ['udp://a', {}, /needs a port/],
      ['udp://a:0', {}, /udp:\/\/host:port/],
      ['udp://a:1', { protocol: 'http' }, /cannot speak "http"/],
      ['udp://a:1', { socket: { bindto: 'x' } }, /ip:port/],
    ] as const)
      assert.throws(() => say(address, options), { name: 'UsageError', message }, address);
  });
});
