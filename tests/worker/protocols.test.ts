/** Protocols of packages over real sockets: what is said, and what happens to who breaks them. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, describe, it } from 'node:test';
import {
  type ByteWriter,
  type CloseCause,
  type Codec,
  type CodecEvent,
  defineProtocol,
  type Protocol,
  ProtocolError,
  registerProtocol,
  type Source,
  subscribe,
  Worker,
} from 'usta';
import { connectionReports } from '../../src/worker/reporter.ts';
import { testCertificate } from '../fixtures/certificate.ts';
import { Typist } from './lines.ts';

const directory = mkdtempSync(join(tmpdir(), 'usta-protocols-'));
after(() => rmSync(directory, { recursive: true }));

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve<P extends { listen(): Promise<void>; stop(): Promise<void>; port: number }>(
  worker: P,
): Promise<P> {
  await worker.listen();
  closing.push(() => worker.stop());
  return worker;
}

async function typist({ port }: { readonly port: number }): Promise<Typist> {
  const one = await Typist.connect({ port, host: '127.0.0.1' });
  closing.push(() => one.cutOff());
  return one;
}

/** How the next connection of a worker ends. */
function nextEnd(worker: { onClose?: unknown }): Promise<CloseCause> {
  return new Promise((resolve) => {
    worker.onClose = (_: unknown, cause: CloseCause) => resolve(cause);
  });
}

const moves: Protocol<{ x: number }, { x: number }> = defineProtocol({
  input: (buffer) => buffer.indexOf('\n') + 1,
  decode(line): { x: number } {
    const move: unknown = JSON.parse(String(line));
    if (move === 'bug') throw new TypeError('a bug in decode');
    if (typeof move !== 'object') throw new ProtocolError('not a move');
    return move as { x: number };
  },
  encode: (move: { x: number }) => `${JSON.stringify(move)}\n`,
});

declare module 'usta' {
  interface Protocols {
    'test-moves': typeof moves;
  }
}

describe('text://', () => {
  it('hears lines and sends lines, to one and to all', async () => {
    const worker = await serve(new Worker('text://127.0.0.1:0'));
    worker.onMessage = (connection, line) => {
      connection.send(`you: ${line}`);
      worker.broadcast(`all: ${line}`);
    };
    const [one, two] = [await typist(worker), await typist(worker)];
    one.type('hé');
    one.type('llo\r\nsecond\n');
    await one.hears(Buffer.from('you: héllo\nall: héllo\nyou: second\nall: second\n').toString('latin1'));
    await two.hears(Buffer.from('all: héllo\nall: second\n').toString('latin1'));
    assert.deepEqual(
      connectionReports().map(({ protocol }) => protocol),
      ['text', 'text'],
    );
  });

  it('closes on a line over maxPackageSize, with that as the cause, and on no other connection', async () => {
    const worker = await serve(new Worker('text://127.0.0.1:0', { maxPackageSize: 100 }));
    worker.onMessage = (connection, line) => connection.send(line);
    const reports: unknown[] = [];
    closing.push(subscribe('usta:connection:failed', ({ code, reason }) => reports.push([code, reason])));
    const other = await typist(worker);
    other.type('half ');
    const end = nextEnd(worker);
    const flood = await typist(worker);
    flood.type('x'.repeat(100));
    await flood.ends();
    const { by, how, reason } = await end;
    assert.deepEqual([by, how, reason], ['us', 'limit', 'a package does not end within 100 bytes']);
    assert.deepEqual(reports, [[1009, 'a package does not end within 100 bytes']]);
    other.type('a line\n');
    await other.hears('half a line\n');
  });

  it('closes on what is not UTF-8', async () => {
    const worker = await serve(new Worker('text://127.0.0.1:0'));
    const end = nextEnd(worker);
    const peer = await typist(worker);
    peer.type(Buffer.from([0xff, 0xf4, 0x0a]));
    const { by, how, reason } = await end;
    assert.deepEqual([by, how, reason], ['peer', 'protocol', 'a line is not UTF-8']);
  });

  it('speaks TLS underneath, and over a Unix socket', async () => {
    const { cert, key } = await testCertificate();
    const secure = new Worker('text://127.0.0.1:0', { ssl: { cert, key }, transport: 'ssl' });
    secure.onMessage = (connection, line) => connection.send(`${connection.secure} ${line}`);
    await serve(secure);
    const over = await Typist.connectTls({ port: secure.port, host: '127.0.0.1', ca: cert });
    closing.push(() => over.cutOff());
    over.type('hello\n');
    await over.hears('true hello\n');

    const path = join(directory, 'text.sock');
    const local = await serve(new Worker(`unix://${path}`, { protocol: 'text' }));
    local.onMessage = (connection, line) => connection.send(line.toUpperCase());
    const neighbour = await Typist.connect({ path });
    closing.push(() => neighbour.cutOff());
    neighbour.type('hello\n');
    await neighbour.hears('HELLO\n');
  });
});

describe('frame://', () => {
  it('hears frames and sends frames', async () => {
    const worker = await serve(new Worker('frame://127.0.0.1:0'));
    worker.onMessage = (connection, bytes) => connection.send(`${bytes}!`);
    const peer = await typist(worker);
    peer.type('\0\0\0\x06hi\0\0\0');
    peer.type('\x05.');
    await peer.hears('\0\0\0\x07hi!\0\0\0\x06.!');
  });

  for (const [what, head, by, how] of [
    ['length below its own four bytes', '\0\0\0\0', 'peer', 'protocol'],
    ['length over the limit', '\x7f\xff\xff\xff', 'us', 'limit'],
  ] as const) {
    it(`closes on a ${what}`, async () => {
      const worker = await serve(new Worker('frame://127.0.0.1:0'));
      const end = nextEnd(worker);
      (await typist(worker)).type(Buffer.from(head, 'latin1'));
      const cause = await end;
      assert.deepEqual([cause.by, cause.how], [by, how]);
    });
  }
});

describe('a protocol of your own', () => {
  it('is spoken over tcp://, and by its scheme once it is registered', async () => {
    registerProtocol('test-moves', moves);
    const game = await serve(new Worker('tcp://127.0.0.1:0', { protocol: moves }));
    const named = await serve(new Worker('test-moves://127.0.0.1:0'));
    for (const worker of [game, named]) {
      worker.onMessage = (connection, { x }) => connection.send({ x: x + 1 });
      const peer = await typist(worker);
      peer.type('{"x":1}\n{"x"');
      peer.type(':5}\n');
      await peer.hears('{"x":2}\n{"x":6}\n');
    }
    assert.deepEqual(
      connectionReports().map(({ protocol }) => protocol),
      ['own', 'test-moves'],
    );
  });

  it('ends one connection with what it throws: the peer is to blame for what cannot be parsed, you for a bug', async () => {
    const worker = await serve(new Worker('tcp://127.0.0.1:0', { protocol: moves }));
    worker.onMessage = (connection, move) => connection.send(move);
    const bystander = await typist(worker);
    bystander.type('{"x":');
    const failures: unknown[] = [];
    closing.push(subscribe('usta:handler:failed', ({ error }) => failures.push((error as Error).message)));
    for (const [said, by, how] of [
      ['{]\n', 'peer', 'protocol'],
      ['1\n', 'peer', 'protocol'],
      ['"bug"\n', 'us', 'handler'],
    ] as const) {
      const end = nextEnd(worker);
      const peer = await typist(worker);
      peer.type(said);
      await peer.ends();
      const cause = await end;
      assert.deepEqual([cause.by, cause.how], [by, how], said);
    }
    assert.deepEqual(failures, ['a bug in decode']);
    bystander.type('1}\n');
    await bystander.hears('{"x":1}\n');
  });

  it('throws from send what encode throws, and sends nothing of it', async () => {
    const fussy = defineProtocol({
      input: (buffer) => buffer.length,
      decode: String,
      encode(text: string) {
        if (text === 'bad') throw new RangeError('encode does not like it');
        return text;
      },
    });
    const worker = await serve(new Worker('tcp://127.0.0.1:0', { protocol: fussy }));
    worker.onMessage = (connection, text) => {
      assert.throws(() => connection.send(text), RangeError);
      connection.send('good');
    };
    const peer = await typist(worker);
    peer.type('bad');
    await peer.hears('good');
    assert.equal(peer.heard, 'good');
  });

  it('may be a whole codec, which says when the conversation is over', async () => {
    const protocol = { name: 'digits', makeCodec: () => new Digits() };
    const worker = await serve(new Worker('tcp://127.0.0.1:0', { protocol }));
    worker.onMessage = (connection, digit) => connection.send(digit.toFixed(1));
    const end = nextEnd(worker);
    const peer = await typist(worker);
    peer.type(Buffer.from([7, 0]));
    await peer.ends();
    const { by, how, reason } = await end;
    assert.deepEqual([peer.heard, by, how, reason], ['7.0', 'peer', 'fin', 'zero']);
  });
});

describe('what cannot be', () => {
  const say = (address: string, options: object = {}) => new Worker(address, options);

  for (const [address, options, message] of [
    ['txt://0.0.0.0:1', {}, /did you mean text/],
    ['constructor://0.0.0.0:1', {}, /no known scheme/],
    ['websocket://0.0.0.0:1', { protocol: moves }, /says what is spoken/],
    ['tcp://0.0.0.0:1', { protocol: 'txet' }, /did you mean text\?/],
    ['tcp://0.0.0.0:1', { protocol: {} }, /takes what defineProtocol/],
  ] as const) {
    it(`${address} with ${JSON.stringify(options)}`, () => {
      assert.throws(() => say(address, options), { name: 'UsageError', message });
    });
  }

  it('a scheme that is taken, or none', () => {
    for (const name of ['text', 'http', 'Moves', 'a b', '', 'test-moves'])
      assert.throws(() => registerProtocol(name as string, { ...moves }), { code: 'E_SCHEME' }, name);
  });
});

/** Numbers, one byte each; 0 ends the conversation. */
class Digits implements Codec<number, string> {
  readonly heldBytes = 0;
  readonly midMessage = false;
  #unread: number[] = [];

  push({ bytes }: Source, start: number, end: number): void {
    this.#unread.push(...bytes.subarray(start, end));
  }

  pull(): CodecEvent<number> | undefined {
    const message = this.#unread.shift();
    if (message === undefined) return undefined;
    return message === 0 ? { type: 'end', reason: 'zero' } : { type: 'message', message };
  }

  retain(): void {}

  encode(message: string, out: ByteWriter): void {
    out.writeUtf8(message);
  }

  rest(): Buffer {
    return Buffer.from(this.#unread.splice(0));
  }
}
