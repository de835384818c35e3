import assert from 'node:assert/strict';
import { once } from 'node:events';
import process from 'node:process';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { SystemError, UsageError } from '../../../src/errors.ts';
import { subscribe } from '../../../src/telemetry.ts';
import { Caller, Site } from './place.ts';

const STATUS = { version: 1, command: 'status' };
const MIB = 1_048_576;

let site: Site;
beforeEach(() => {
  site = new Site();
});
afterEach(() => site.leave());

function call(): Caller {
  const caller = new Caller(site.place.paths[0] ?? '');
  site.undo(() => caller.socket.destroy());
  return caller;
}

describe('ControlConnection', { timeout: 30_000 }, () => {
  it('answers hello by itself, in every version', async () => {
    await site.serve(() => assert.fail('not for the service'));
    const caller = call();
    caller.send({ version: 99, command: 'hello' });
    const { type, version, result } = await caller.hears('done');
    assert.deepEqual({ type, version }, { type: 'done', version: 1 });
    assert.deepEqual(result, { pid: process.pid, script: '/srv/game.js', version: 1 });
  });

  it('has the request obeyed and answers with progress and result', async () => {
    await site.serve(async (request, progress) => {
      progress('1 of 2');
      progress('2 of 2');
      return request;
    });
    const caller = call();
    const request = { version: 1, command: 'scale', worker: 'chat', count: 4 };
    caller.send(request);
    await caller.hears('done');
    assert.deepEqual(caller.lines, [
      { version: 1, type: 'progress', text: '1 of 2' },
      { version: 1, type: 'progress', text: '2 of 2' },
      { version: 1, type: 'done', result: request },
    ]);
  });

  it('answers several requests of one connection in their order, one at a time', async () => {
    let under = 0;
    await site.serve(async (request) => {
      assert.equal(++under, 1);
      await new Promise((resolve) => setImmediate(resolve));
      under--;
      return request.command === 'connections' ? request.worker : undefined;
    });
    const caller = call();
    const workers = Array.from({ length: 200 }, (_, index) => `w${index}`);
    const lines = workers.map((worker) => JSON.stringify({ version: 1, command: 'connections', worker }));
    caller.socket.write(`\n${lines.join('\r\n\n')}\n`);
    await caller.hears('done', 200);
    assert.deepEqual(
      caller.lines.map(({ result }) => result),
      workers,
    );
  });

  it('answers several connections at the same time', async () => {
    const free: (() => void)[] = [];
    await site.serve((request) => {
      if (request.command === 'status') return Promise.resolve('quick');
      return new Promise((resolve) => free.push(() => resolve('slow')));
    });
    const slow = call();
    slow.send({ version: 1, command: 'reload', graceful: true });
    const quick = call();
    quick.send(STATUS);
    assert.equal((await quick.hears('done')).result, 'quick');
    assert.equal(slow.text, '');
    for (const step of free) step();
    assert.equal((await slow.hears('done')).result, 'slow');
  });

  it('answers whoever has ended its own side already, as nc does', async () => {
    await site.serve(async () => 'here');
    const caller = call();
    caller.socket.end(`${JSON.stringify(STATUS)}\n`);
    await caller.closed;
    assert.deepEqual(caller.lines, [{ version: 1, type: 'done', result: 'here' }]);
  });

  it('says what has failed, whose fault it is, and goes on with the connection', async () => {
    const errors = [
      new UsageError('E_WORKER', 'there is no worker x'),
      new SystemError('EMFILE', 'no descriptors'),
    ];
    await site.serve(async () => {
      throw errors.shift() ?? new Error('unforeseen\nin two lines');
    });
    const told: unknown[] = [];
    site.undo(
      subscribe('usta:handler:failed', ({ callback, error }) => told.push([callback, String(error)])),
    );
    const caller = call();
    for (let times = 0; times < 3; times++) caller.send(STATUS);
    caller.send({ version: 1, command: 'stat' });
    caller.send({ version: 2, command: 'status' });
    await caller.hears('failed', 5);
    const shown = caller.lines.map(({ code, fault, message }) => [code, fault, message]);
    assert.deepEqual(shown.slice(0, 2), [
      ['E_WORKER', 'usage', 'there is no worker x'],
      ['EMFILE', 'system', 'no descriptors'],
    ]);
    assert.deepEqual(shown[2]?.slice(0, 2), ['E_CONTROL_FAILED', 'system']);
    assert.deepEqual(shown[3]?.slice(0, 2), ['E_COMMAND', 'usage']);
    assert.deepEqual(shown[4]?.slice(0, 2), ['E_CONTROL_VERSION', 'usage']);
    assert.deepEqual(told, [['control', 'Error: unforeseen\nin two lines']]);
  });

  it('says so when a result cannot be told', async () => {
    await site.serve(async () => 10n);
    const caller = call();
    caller.send(STATUS);
    assert.match(String((await caller.hears('failed')).message), /BigInt/);
  });

  it('says that it is at work, every two seconds', async () => {
    let finish: (value: unknown) => void = () => {};
    await site.serve(
      () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    );
    const caller = call();
    caller.send(STATUS);
    await caller.hears('working');
    finish('ready');
    await caller.hears('done');
    assert.equal(caller.lines.length, 2);
  });

  it('cuts a long result into lines of at most 64 KiB', async () => {
    const result = Array.from({ length: 10_000 }, (_, id) => ({
      id,
      remote: `"çöp\\ 🚀 ${'\u2028'.repeat(id % 50)}`,
    }));
    await site.serve(async () => result);
    const caller = call();
    caller.send(STATUS);
    await caller.hears('done');
    for (const line of caller.text.split('\n')) assert.ok(Buffer.byteLength(line) <= 65_536);
    const parts = caller.lines.filter(({ type }) => type === 'part').map(({ text }) => text);
    assert.ok(parts.length > 10);
    assert.deepEqual(JSON.parse(parts.join('')), result);
  });

  it('does not hold a long result for a reader who does not read: it waits, then gives him up', async () => {
    const texts = Array.from({ length: 20_000 }, () => 'x'.repeat(1000));
    await site.serve(async () => texts, { readerTimeout: 0.3, maxConnections: 1 });
    const caller = call();
    await once(caller.socket, 'connect');
    caller.socket.pause();
    caller.send(STATUS);
    const before = process.memoryUsage().arrayBuffers;
    await until(hasRoom);
    assert.ok(process.memoryUsage().arrayBuffers - before < 4 * MIB);
    caller.socket.resume();
    await caller.ends();
    assert.ok(caller.text.length < 2 * MIB, `${caller.text.length} bytes of 20 MiB`);
  });

  it('leaves progress out that nobody reads', async () => {
    let lines = 0;
    await site.serve(async (_request, progress) => {
      for (; lines < 50_000; lines++) {
        progress(`${lines} of 50,000`.padEnd(200));
        if (lines % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
    });
    const caller = call();
    await once(caller.socket, 'connect');
    caller.socket.pause();
    caller.send(STATUS);
    await until(() => lines === 50_000);
    caller.socket.resume();
    await caller.hears('done');
    assert.ok(caller.lines.length < 25_000, `${caller.lines.length} lines`);
  });

  it('goes on when a client leaves in the middle, and serves the next', async () => {
    const left = deferred();
    let finished = 0;
    await site.serve(async (_request, progress) => {
      progress('working');
      await left.promise;
      for (let line = 0; line < 10; line++) progress('to nobody');
      return { finished: ++finished };
    });
    const leaver = call();
    leaver.send(STATUS);
    await leaver.hears('progress');
    leaver.socket.destroy();
    await leaver.closed;
    left.resolve(undefined);
    const next = call();
    next.send(STATUS);
    assert.deepEqual((await next.hears('done')).result, { finished: 2 });
  });
});

describe('ControlConnection, hostile input', { timeout: 30_000 }, () => {
  it('refuses a line of 1 MiB, and its answer arrives', async () => {
    await site.serve();
    const caller = call();
    caller.socket.write(Buffer.alloc(MIB, 'x'));
    await caller.ends();
    assert.deepEqual(caller.lines, [
      {
        version: 1,
        type: 'failed',
        code: 'E_CONTROL_LINE',
        message: 'a line is longer than 65536 bytes',
        fault: 'usage',
      },
    ]);
  });

  it('takes a request of 64 KiB and not one byte more', async () => {
    await site.serve(async () => 'obeyed');
    const line = (size: number): string => {
      const [before = '', after = ''] = JSON.stringify({
        ...STATUS,
        command: 'connections',
        worker: '#',
      }).split('#');
      return `${before}${'x'.repeat(size - before.length - after.length)}${after}\n`;
    };
    const caller = call();
    caller.socket.write(line(65_536));
    assert.equal((await caller.hears('done')).result, 'obeyed');
    caller.socket.write(line(65_537));
    assert.equal((await caller.hears('failed')).code, 'E_CONTROL_LINE');
    await caller.ends();
  });

  for (const garbage of [
    'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
    '\u0000\n',
    '{"version":1\n',
    '[]\n',
    '\n\n\nnull\n',
  ]) {
    it(`answers ${JSON.stringify(garbage)} with one line, and ends`, async () => {
      await site.serve(() => assert.fail('that was no request'));
      const caller = call();
      caller.socket.write(garbage);
      await caller.ends();
      assert.deepEqual(
        caller.lines.map(({ code }) => code),
        ['E_CONTROL_LINE'],
      );
    });
  }

  it('ends with whoever sends bytes that are no text, and goes on living', async () => {
    await site.serve(async () => 'alive');
    const noise = call();
    noise.socket.write(Buffer.from(Array.from({ length: 10_000 }, (_, index) => (index * 7919) % 256)));
    await noise.ends();
    const caller = call();
    caller.send(STATUS);
    assert.equal((await caller.hears('done')).result, 'alive');
  });

  it('waits for half a line until its deadline, and for silence too', async () => {
    await site.serve(undefined, { requestTimeout: 0.2 });
    const [half, silent] = [call(), call()];
    half.socket.write('{"version":1,"comm');
    await Promise.all([half.ends(), silent.ends()]);
    for (const { lines } of [half, silent]) {
      assert.deepEqual(
        lines.map(({ message }) => message),
        ['no request has come within 0.2 s'],
      );
    }
  });

  it('has no deadline for a request that is in hand', async () => {
    await site.serve(() => new Promise((resolve) => setTimeout(() => resolve('slow'), 500)), {
      requestTimeout: 0.1,
    });
    const caller = call();
    caller.send(STATUS);
    assert.equal((await caller.hears('done')).result, 'slow');
  });

  it('is not kept by a client that never ends', async () => {
    await site.serve(undefined, { requestTimeout: 0.1, maxConnections: 1 });
    const caller = call();
    await once(caller.socket.resume(), 'end');
    assert.equal(caller.socket.writable, true);
    await until(hasRoom);
  });

  it('tells whoever is one too many', async () => {
    await site.serve(undefined, { maxConnections: 2 });
    const welcome = [call(), call()];
    await Promise.all(welcome.map(({ socket }) => once(socket, 'connect')));
    const third = call();
    await third.ends();
    assert.deepEqual(
      third.lines.map(({ code }) => code),
      ['E_CROWDED'],
    );
    welcome[0]?.send(STATUS);
    await welcome[0]?.hears('done');
  });
});

/** Whether the only connection that there may be is free. */
async function hasRoom(): Promise<boolean> {
  const caller = call();
  caller.send({ version: 1, command: 'hello' });
  await Promise.race([caller.hears('done'), caller.hears('failed')]);
  caller.socket.destroy();
  await caller.closed;
  return caller.lines[0]?.type === 'done';
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await isTrue())) {
    assert.ok(Date.now() < deadline, 'it never became true');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function deferred(): { promise: Promise<unknown>; resolve(value: unknown): void } {
  let resolve: (value: unknown) => void = () => {};
  const promise = new Promise((done) => {
    resolve = done;
  });
  return { promise, resolve: (value) => resolve(value) };
}
