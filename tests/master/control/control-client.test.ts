import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { SystemError, UsageError } from '../../../src/errors.ts';
import { askHello, askMaster } from '../../../src/master/control/control-client.ts';
import type { ControlRequest } from '../../../src/master/control/messages.ts';
import { controlPlace } from '../../../src/master/control/socket-path.ts';
import { Script } from '../../fixtures/script.ts';
import { Site } from './place.ts';

const STATUS: ControlRequest = { version: 1, command: 'status' };

let site: Site;
beforeEach(() => {
  site = new Site();
});
afterEach(() => site.leave());

describe('askMaster', { timeout: 30_000 }, () => {
  it('returns the result, and tells of progress', async () => {
    await site.serve(async (request, progress) => {
      progress('half of it');
      return request;
    });
    const heard: string[] = [];
    const result = await askMaster(site.place, STATUS, { progress: (text) => heard.push(text) });
    assert.deepEqual(result, STATUS);
    assert.deepEqual(heard, ['half of it']);
  });

  it('returns undefined where there is no result', async () => {
    await site.serve();
    assert.equal(await askMaster(site.place, STATUS), undefined);
  });

  it('puts a long result together', async () => {
    const connections = Array.from({ length: 10_000 }, (_, id) => ({
      id,
      remote: `[2001:db8::${id}]:443`,
      note: '🚀"\\',
    }));
    await site.serve(async () => connections);
    assert.deepEqual(await askMaster(site.place, { version: 1, command: 'connections' }), connections);
  });

  it('answers many at the same time', async () => {
    await site.serve(async (request) => (request.command === 'connections' ? request.worker : ''));
    const workers = Array.from({ length: 30 }, (_, index) => `w${index}`);
    const asked = workers.map((worker) =>
      askMaster(site.place, { version: 1, command: 'connections', worker }),
    );
    assert.deepEqual(await Promise.all(asked), workers);
  });

  it('throws what the master says, by whose fault it is', async () => {
    const errors = [
      new UsageError('E_WORKER', 'there is no worker x'),
      new SystemError('EMFILE', 'no descriptors'),
    ];
    await site.serve(async () => {
      throw errors.shift();
    });
    await assert.rejects(askMaster(site.place, STATUS), (error) => {
      assert.ok(error instanceof UsageError);
      assert.deepEqual([error.code, error.message], ['E_WORKER', 'there is no worker x']);
      return true;
    });
    await assert.rejects(askMaster(site.place, STATUS), (error) => {
      assert.ok(error instanceof SystemError);
      assert.deepEqual([error.code, error.message], ['EMFILE', 'no descriptors']);
      return true;
    });
  });

  it('does not run: no socket, no directory', async () => {
    const message = /^game\.js is not running(;|$)/;
    await assert.rejects(askMaster(site.place, STATUS), {
      name: 'SystemError',
      code: 'E_NOT_RUNNING',
      message,
    });
    const place = { script: '/srv/game.js', paths: ['/nowhere/at/all/a.sock', '/nor/here/a.sock'] };
    await assert.rejects(askMaster(place, STATUS), { code: 'E_NOT_RUNNING', message });
  });

  it('does not run: it was killed', async () => {
    const script = new Script('tests/master/control/master.js', ['/srv/game.js'], {
      USTA_RUNTIME_DIR: site.directory,
    });
    site.undo(() => script.end('SIGKILL'));
    await script.printed(/serving/);
    const place = controlPlace('/srv/game.js', { USTA_RUNTIME_DIR: site.directory });
    assert.deepEqual(await askMaster(place, { version: 1, command: 'reload', graceful: false }), {
      pid: script.pid,
    });
    await script.end('SIGKILL');
    await assert.rejects(askMaster(place, STATUS), {
      code: 'E_NOT_RUNNING',
      message: /^game\.js is not running: it was killed, or the machine went down/,
    });
  });

  it('finds the master in whichever directory it is', async () => {
    const paths = [
      join(site.directory, 'none', 'a.sock'),
      join(site.directory, 'a.sock'),
      ...site.place.paths,
    ];
    writeFileSync(join(site.directory, 'a.sock'), 'no socket');
    await site.serve(async () => 'here');
    assert.equal(await askMaster({ ...site.place, paths }, STATUS), 'here');
  });

  it('does not ask in a directory that is open to others', async () => {
    await foreignMaster(() => assert.fail('it was asked'));
    chmodSync(site.directory, 0o755);
    await assert.rejects(askMaster(site.place, STATUS), { code: 'E_NOT_PRIVATE', message: /chmod 700/ });
    const other = join(site.directory, 'other');
    mkdirSync(other, { mode: 0o700 });
    const place = { ...site.place, paths: [...site.place.paths, join(other, 'a.sock')] };
    await assert.rejects(askMaster(place, STATUS), { code: 'E_NOT_PRIVATE' });
    chmodSync(site.directory, 0o700);
  });

  it('says that the master ended before it answered', async () => {
    await foreignMaster((socket) => socket.end('{"version":1,"type":"progress","text":"almost"}\n{"vers'));
    const message = 'the master of game.js ended before it answered';
    await assert.rejects(askMaster(site.place, STATUS), { code: 'E_GONE', message });
  });

  it('says so when it is killed in the middle of its answer', async () => {
    const script = new Script('tests/master/control/master.js', ['/srv/game.js'], {
      USTA_RUNTIME_DIR: site.directory,
    });
    site.undo(() => script.end('SIGKILL'));
    await script.printed(/serving/);
    const place = controlPlace('/srv/game.js', { USTA_RUNTIME_DIR: site.directory });
    await assert.rejects(askMaster(place, STATUS), { code: 'E_GONE' });
  });

  it('understands no other version, but what that says has failed', async () => {
    await foreignMaster((socket) => socket.write('{"version":2,"type":"done","result":"?"}\n'));
    await assert.rejects(askMaster(site.place, STATUS), {
      code: 'E_CONTROL_VERSION',
      message:
        'the master of game.js answers what this usta does not understand: use the usta that has started it',
    });
    await foreignMaster((socket) =>
      socket.write(
        '{"version":2,"type":"failed","code":"E_CONTROL_VERSION","message":"too old","fault":"usage"}\n',
      ),
    );
    await assert.rejects(askMaster(site.place, STATUS), { code: 'E_CONTROL_VERSION', message: 'too old' });
    await foreignMaster((socket) =>
      socket.write('{"version":2,"type":"done","result":{"pid":1,"script":"/a","version":2}}\n'),
    );
    assert.deepEqual(await askHello(site.place, 1), { pid: 1, script: '/a', version: 2 });
  });

  for (const answer of [
    'garbage\n',
    'null\n',
    '{}\n',
    '{"version":1,"type":"surprise"}\n',
    'x'.repeat(70_000),
  ]) {
    it(`does not understand ${answer.slice(0, 40).trim()}`, async () => {
      await foreignMaster((socket) => socket.write(answer));
      await assert.rejects(askMaster(site.place, STATUS), { code: 'E_CONTROL_VERSION' });
    });
  }

  it('lets nothing through that steers a terminal', async () => {
    await foreignMaster((socket) => {
      socket.write('{"version":1,"type":"progress","text":"\\u001b[2Jhidden\\r\\nline"}\n');
      socket.write('{"version":1,"type":"failed","code":"E","message":"a\\u009b1mb\\nc","fault":"system"}\n');
    });
    const heard: string[] = [];
    await assert.rejects(askMaster(site.place, STATUS, { progress: (text) => heard.push(text) }), {
      message: 'a 1mb c',
    });
    assert.deepEqual(heard, ['[2Jhidden line']);
  });

  it('gives up when nothing is said for as long as it was told', async () => {
    await foreignMaster(() => {});
    await assert.rejects(askMaster(site.place, STATUS, { timeout: 0.1 }), {
      code: 'E_SILENT',
      message: 'the master of game.js has said nothing for 0.1 s: it is stopped, or too busy',
    });
  });

  it('waits on as long as something is said', async () => {
    await foreignMaster((socket) => {
      let times = 0;
      const talking = setInterval(() => {
        const over = ++times === 10;
        socket.write(`{"version":1,"type":"${over ? 'done' : 'working'}"}\n`);
        if (over) clearInterval(talking);
      }, 50);
    });
    assert.equal(await askMaster(site.place, STATUS, { timeout: 0.4 }), undefined);
  });

  it('passes on what the listener to progress throws', async () => {
    await site.serve(async (_request, progress) => progress('x'));
    const listener = (): never => {
      throw new TypeError('the screen is gone');
    };
    await assert.rejects(askMaster(site.place, STATUS, { progress: listener }), TypeError);
  });

  it('keeps no process alive afterwards, whether it was answered or not', async () => {
    await site.serve(async () => 'here');
    for (const [path, expected] of [
      [site.place.paths[0], /here/],
      ['/nowhere/a.sock', /E_NOT_RUNNING/],
    ] as const) {
      const started = Date.now();
      const client = new Script('tests/master/control/client.js', [path ?? '']);
      site.undo(() => client.end());
      await client.exited;
      assert.match(client.output, expected);
      assert.ok(Date.now() - started < 5_000, 'its patience of 60 s must not hold it');
    }
  });
});

let master: Server | undefined;

/** A master of another make: what it does with the first request. */
async function foreignMaster(answer: (socket: Socket) => void): Promise<void> {
  if (master) await new Promise((resolve) => master?.close(resolve));
  const server = createServer((socket) => {
    socket.on('error', () => {}).once('data', () => answer(socket));
  }).listen(site.place.paths[0]);
  master = server;
  site.undo(() => {
    server.close();
    master = undefined;
  });
  await once(server, 'listening');
}
