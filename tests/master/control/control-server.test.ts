import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { askHello, askMaster } from '../../../src/master/control/control-client.ts';
import { ControlServer } from '../../../src/master/control/control-server.ts';
import type { ControlRequest } from '../../../src/master/control/messages.ts';
import { controlPlace } from '../../../src/master/control/socket-path.ts';
import { subscribe } from '../../../src/telemetry.ts';
import { Script } from '../../fixtures/script.ts';
import { Caller, Site } from './place.ts';

const STATUS: ControlRequest = { version: 1, command: 'status' };
const STOP: ControlRequest = { version: 1, command: 'stop', graceful: true };

let site: Site;
beforeEach(() => {
  site = new Site();
});
afterEach(() => site.leave());

describe('ControlServer', { timeout: 30_000 }, () => {
  it('listens in its place until it is closed', async () => {
    const server = await site.serve(async () => 'here');
    assert.equal(server.path, site.place.paths[0]);
    assert.equal(await askMaster(site.place, STATUS), 'here');
    await server.close();
    assert.deepEqual(readdirSync(site.directory), []);
    await assert.rejects(askMaster(site.place, STATUS), { code: 'E_NOT_RUNNING' });
  });

  it('refuses to be opened twice', async () => {
    await site.serve();
    const line = `game.js is running already (pid ${process.pid}): usta restart game.js starts it anew`;
    await assert.rejects(site.serve(), { name: 'UsageError', code: 'E_RUNNING', message: line });
    await askHello(site.place, 1);
  });

  it('may be opened again once it was closed', async () => {
    for (let times = 0; times < 5; times++) {
      const server = await site.serve(async () => times);
      assert.equal(await askMaster(site.place, STATUS), times);
      await server.close();
    }
  });

  it('answers what is under way before it is closed', async () => {
    const stopped = Promise.resolve('stopped');
    const server = await site.serve(async () => {
      setImmediate(() => server.close());
      await new Promise((resolve) => setTimeout(resolve, 100));
      return stopped;
    });
    assert.equal(await askMaster(site.place, STOP), 'stopped');
    await server.close();
  });

  it('waits for an answer that does not come as long as it was told, and for nobody who only listens', async () => {
    const server = await site.serve(() => new Promise(() => {}), { closeTimeout: 0.2 });
    const [idle, waiting] = [new Caller(server.path), new Caller(server.path)];
    waiting.send(STATUS);
    await askHello(site.place, 1);
    const started = Date.now();
    await server.close();
    assert.ok(Date.now() - started < 1_000);
    for (const caller of [idle, waiting]) caller.socket.destroy();
  });

  it('closes once, however often it is told', async () => {
    const server = await site.serve();
    await Promise.all([server.close(), server.close()]);
    await server.close();
  });

  it('leaves the socket of another master where it is', async () => {
    const server = await site.serve();
    unlinkSync(server.path);
    const other = await site.serve(async () => 'other');
    await server.close();
    assert.equal(await askMaster(site.place, STATUS), 'other');
    await other.close();
  });

  it('leaves nothing behind when the process exits without closing it', async () => {
    const script = new Script('tests/master/control/master.js', ['/srv/game.js'], {
      USTA_RUNTIME_DIR: site.directory,
    });
    site.undo(() => script.end());
    await script.printed(/serving/);
    const place = controlPlace('/srv/game.js', { USTA_RUNTIME_DIR: site.directory });
    await assert.rejects(askMaster(place, STATUS), { code: 'E_GONE' });
    assert.deepEqual(await script.exited, { code: 0, signal: null });
    assert.deepEqual(readdirSync(site.directory), []);
  });

  it('answers a stop before its process leaves', async () => {
    const script = new Script('tests/master/control/master.js', ['/srv/game.js'], {
      USTA_RUNTIME_DIR: site.directory,
    });
    site.undo(() => script.end());
    await script.printed(/serving/);
    const place = controlPlace('/srv/game.js', { USTA_RUNTIME_DIR: site.directory });
    assert.deepEqual(await askMaster(place, STOP), { pid: script.pid });
    assert.deepEqual(await script.exited, { code: 0, signal: null });
    assert.deepEqual(readdirSync(site.directory), []);
  });

  it('comes back when its socket was removed, and says where it is', async () => {
    const notices = heardNotices();
    const server = await site.serve(async () => 'here', { lookInterval: 0.02 });
    unlinkSync(server.path);
    await until(() => existsSync(server.path));
    assert.equal(await askMaster(site.place, STATUS), 'here');
    await until(() => notices.length > 0);
    assert.deepEqual(notices, [`the control socket had gone; it is ${server.path} now`]);
    await server.close();
    assert.deepEqual(readdirSync(site.directory), []);
  });

  it('moves when its directory has gone with the session', async () => {
    const session = join(site.directory, 'session');
    mkdirSync(session, { mode: 0o700 });
    const place = {
      script: '/srv/a.js',
      paths: [session, site.directory].map((one) => join(one, 'usta', 'a.sock')),
    };
    const server = await ControlServer.open(place, async () => 'here', { lookInterval: 0.02 });
    site.undo(() => server.close());
    assert.equal(server.path, place.paths[0]);
    rmSync(session, { recursive: true });
    await until(() => server.path === place.paths[1]);
    assert.equal(await askMaster(place, STATUS), 'here');
  });

  it('complains once, as long as it cannot come back', async () => {
    const notices = heardNotices();
    const server = await site.serve(async () => 'here', { lookInterval: 0.02 });
    unlinkSync(server.path);
    chmodSync(site.directory, 0o755);
    await until(() => notices.length > 0);
    let looks = 0;
    await until(() => ++looks > 20);
    assert.equal(notices.length, 1);
    assert.match(notices[0] ?? '', /^the control socket has gone, and no other one is there: .*chmod 700/);
    chmodSync(site.directory, 0o700);
    await until(() => notices.length > 1);
    assert.equal(await askMaster(site.place, STATUS), 'here');
  });

  it('does not disturb another master that has taken its place', async () => {
    const notices = heardNotices();
    const server = await site.serve(async () => 'first', { lookInterval: 0.02 });
    unlinkSync(server.path);
    await site.serve(async () => 'second').catch(() => 'the first was faster');
    const winner = await askMaster(site.place, STATUS);
    if (winner === 'second') await until(() => notices.some((one) => one.includes('is running already')));
    assert.equal(await askMaster(site.place, STATUS), winner);
  });

  it('keeps its file fresh, so that nobody tidies it up', async () => {
    const server = await site.serve(undefined, { lookInterval: 0.02 });
    utimesSync(server.path, 1000, 1000);
    await until(() => Date.now() - statSync(server.path).mtimeMs < 60_000);
    await askHello(site.place, 1);
  });

  it('replaces a file that is no socket', async () => {
    writeFileSync(site.place.paths[0] ?? '', 'no socket');
    await site.serve(async () => 'here');
    assert.equal(await askMaster(site.place, STATUS), 'here');
  });
});

function heardNotices(): string[] {
  const notices: string[] = [];
  site.undo(subscribe('usta:notice', ({ text }) => notices.push(text)));
  return notices;
}

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isTrue()) {
    assert.ok(Date.now() < deadline, 'it never became true');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
