import assert from 'node:assert/strict';
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { UsageError } from '../../../src/errors.ts';
import { claimSocket } from '../../../src/master/control/claim.ts';
import type { ClaimedSocket } from '../../../src/master/control/claimed-socket.ts';
import { ControlConnection } from '../../../src/master/control/control-connection.ts';
import { probe } from '../../../src/master/control/probe.ts';
import { type ControlPlace, controlPlace } from '../../../src/master/control/socket-path.ts';
import type { Sink } from '../../../src/transport/engine.ts';
import { nodeEngine } from '../../../src/transport/node-engine.ts';
import { Script } from '../../fixtures/script.ts';
import { Site } from './place.ts';

let site: Site;
beforeEach(() => {
  site = new Site();
});
afterEach(() => site.leave());

describe('claimSocket', { timeout: 60_000 }, () => {
  it('makes the directory with mode 0700 and the socket with 0600, whatever the umask is', async () => {
    const path = join(site.directory, 'usta', 'game-1a2b3c4d.sock');
    const before = process.umask(0);
    try {
      const claimed = await claim({ script: '/srv/game.js', paths: [path] });
      assert.equal(claimed.path, path);
      assert.equal(process.umask(), 0);
    } finally {
      process.umask(before);
    }
    assert.equal(lstatSync(join(site.directory, 'usta')).mode & 0o7777, 0o700);
    assert.equal(lstatSync(path).mode & 0o7777, 0o600);
    assert.deepEqual(readdirSync(join(site.directory, 'usta')), ['game-1a2b3c4d.sock']);
  });

  it('replaces the socket of a master that was killed', async () => {
    const first = await master();
    await first.printed(/serving/);
    await first.end('SIGKILL');
    assert.equal(readdirSync(site.directory).length, 1, 'a stale socket');
    const second = await master();
    await second.printed(/serving/);
    assert.equal(readdirSync(site.directory).length, 1);
  });

  it('refuses a second master, and names the first', async () => {
    const first = await master();
    const [, pid] = await first.printed(/serving (\d+)/);
    const second = await master();
    const [, line] = await second.printed(/refused (.*)\n/);
    const place = `E_RUNNING game.js is running already (pid ${pid}): usta restart game.js starts it anew`;
    assert.equal(line, place);
    assert.deepEqual(await second.exited, { code: 1, signal: null });
    assert.equal(await probe(pathOfMaster()), 'living');
    assert.equal(readdirSync(site.directory).length, 1);
  });

  it('refuses a second master while the first is stopped and cannot say who it is', async () => {
    const first = await master();
    await first.printed(/serving/);
    first.process.kill('SIGSTOP');
    const second = await master();
    await second.printed(/refused E_RUNNING game.js is running already \(it does not answer\): /);
  });

  for (const left of ['nothing', 'a socket of one that was killed']) {
    it(`lets exactly one of six win that start at the same time, over ${left}`, async () => {
      if (left !== 'nothing') {
        const killed = await master();
        await killed.printed(/serving/);
        await killed.end('SIGKILL');
      }
      const all = await Promise.all(Array.from({ length: 6 }, () => master()));
      await Promise.all(all.map((one) => one.printed(/(serving|refused) .*\n/)));
      const outputs = all.map(({ output }) => output);
      const winners = outputs.filter((output) => output.startsWith('serving'));
      assert.equal(winners.length, 1, outputs.join(''));
      const pid = /\d+/.exec(winners[0] ?? '')?.[0];
      const losers = outputs.filter((output) =>
        output.includes(`E_RUNNING game.js is running already (pid ${pid})`),
      );
      assert.equal(losers.length, 5, outputs.join(''));
      assert.deepEqual(readdirSync(site.directory), [basename(pathOfMaster())]);
    });
  }

  it('lets exactly one win, over and over, within one process', async () => {
    for (let round = 0; round < 20; round++) {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 4 }, () => claimSocket(site.place, front())),
      );
      const won = outcomes.filter((one) => one.status === 'fulfilled');
      assert.equal(won.length, 1);
      for (const one of outcomes) if (one.status === 'rejected') assert.equal(one.reason.code, 'E_RUNNING');
      assert.equal(readdirSync(site.directory).length, 1);
      // It stays as a killed one would leave it: for the next round to replace.
      await won[0]?.value.listener.close();
    }
  });

  it('removes what a start has left that was killed in the middle', async () => {
    const left = join(site.directory, '1a2b3c4d.abcd');
    writeFileSync(left, '');
    const claimed = await claim(site.place);
    assert.deepEqual(readdirSync(site.directory), [basename(claimed.path)]);
  });

  it('does not touch what belongs to other scripts', async () => {
    const others = ['9f9f9f9f.abcd', 'chat-9f9f9f9f.sock', 'server.pem', '1a2b3c4d.abcde'];
    for (const name of others) writeFileSync(join(site.directory, name), '');
    await claim(site.place);
    assert.deepEqual(readdirSync(site.directory).sort(), [...others, 'game-1a2b3c4d.sock'].sort());
  });

  it('gives up in a line when another start never gets on', async () => {
    const other = join(site.directory, '1a2b3c4d.----');
    const listener = await nodeEngine.listen({ kind: 'unix', path: other }, {}, front());
    site.undo(() => listener.close());
    await assert.rejects(claimSocket(site.place, front()), {
      code: 'E_STARTING',
      message: 'game.js is being started already, and is slow with it',
    });
    assert.deepEqual(readdirSync(site.directory), [basename(other)]);
  });

  it('takes the next directory when the first cannot be made', async () => {
    const paths = [join(site.directory, 'no', 'such', 'a.sock'), join(site.directory, 'yes', 'a.sock')];
    const claimed = await claim({ script: '/srv/a.js', paths });
    assert.equal(claimed.path, paths[1]);
  });

  it('finds a master that was started with another environment', async () => {
    const paths = ['one', 'two'].map((name) => join(site.directory, name, 'a.sock'));
    await claim({ script: '/srv/a.js', paths: paths.slice(1) });
    await assert.rejects(claimSocket({ script: '/srv/a.js', paths }, front()), { code: 'E_RUNNING' });
    assert.deepEqual(readdirSync(join(site.directory, 'one')), []);
  });

  it('uses no directory that is open to others, and says so when there is no other one', async () => {
    const open = join(site.directory, 'open');
    mkdirSync(open);
    chmodSync(open, 0o755);
    const paths = [join(open, 'a.sock'), join(site.directory, 'none', 'such', 'a.sock')];
    await assert.rejects(claimSocket({ script: '/srv/a.js', paths }, front()), {
      code: 'E_NOT_PRIVATE',
      message: /mode 0755\): chmod 700/,
    });
    assert.deepEqual(readdirSync(open), []);
  });

  it('says in one line that something else is in its place, and leaves nothing behind', async () => {
    const [path = ''] = site.place.paths;
    mkdirSync(path);
    await assert.rejects(claimSocket(site.place, front()), (error) => {
      assert.ok(!(error instanceof UsageError));
      assert.match(
        String(error),
        /^SystemError: the control socket .*game-1a2b3c4d\.sock cannot be made: .+$/,
      );
      return true;
    });
    assert.deepEqual(readdirSync(site.directory), [basename(path)]);
    assert.ok(existsSync(path));
  });
});

/** Says who is there, as a master does. */
function front(): Sink {
  const desk = {
    obey: async () => undefined,
    hello: () => ({ pid: process.pid, script: '/srv/game.js', version: 1 }),
    requestMs: 10_000,
    readerMs: 10_000,
    left() {},
  };
  return {
    accepted(wire) {
      wire.sink = new ControlConnection(wire, desk, true);
    },
    opened() {},
    received() {},
    ended() {},
    buffered() {},
    closed() {},
  };
}

async function claim(place: ControlPlace): Promise<ClaimedSocket> {
  const claimed = await claimSocket(place, front());
  site.undo(() => claimed.listener.close());
  return claimed;
}

async function master(): Promise<Script> {
  const script = new Script('tests/master/control/master.js', [SCRIPT], { USTA_RUNTIME_DIR: site.directory });
  site.undo(() => script.end('SIGKILL'));
  return script;
}

const SCRIPT = '/srv/game.js';

function pathOfMaster(): string {
  return controlPlace(SCRIPT, { USTA_RUNTIME_DIR: site.directory }).paths[0] ?? '';
}
