import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Timer } from 'usta';
import { WebSocket } from 'ws';
import { Script } from '../fixtures/script.ts';

const room = mkdtempSync(join(tmpdir(), 'usta-reload-'));
const scripts: Script[] = [];
after(async () => {
  await Promise.all(scripts.map((script) => script.end()));
  rmSync(room, { recursive: true });
});

interface Service {
  readonly script: Script;
  readonly port: number;
}

async function serve(env: Readonly<Record<string, string>> = {}): Promise<Service> {
  const script = new Script('tests/master/reload-service.js', [], env);
  scripts.push(script);
  const [, port] = await script.printed(/worker test: websocket on 127\.0\.0\.1:(\d+)/);
  return { script, port: Number(port) };
}

async function enter({ port }: Service): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  await once(socket, 'open');
  return socket;
}

async function ask(socket: WebSocket): Promise<string> {
  socket.send('who');
  return String((await once(socket, 'message'))[0]).split(' ')[0] ?? '';
}

/** Who answers a request. */
async function get({ port }: Service, agent: Agent): Promise<string> {
  const sent = request({ host: '127.0.0.1', port, agent, timeout: 5_000 });
  sent.once('timeout', () => sent.destroy(new Error('no answer within 5 s')));
  sent.end();
  const [answer] = await once(sent, 'response');
  let body = '';
  for await (const chunk of answer) body += chunk;
  return body;
}

async function reload({ script }: Service, times: number): Promise<void> {
  script.process.kill('SIGUSR2');
  await script.printed(new RegExp(`reload ${times} is done`));
}

/** Those whose environment holds this. */
function processesWith(variable: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return (
        /^\d+$/.test(name) && readFileSync(`/proc/${name}/environ`, 'latin1').split('\0').includes(variable)
      );
    } catch {
      return false;
    }
  });
}

/** Resolves when a process has been replaced so many times. */
async function replaced(script: Script, times: number): Promise<void> {
  await script.printed(new RegExp(`(is replaced: an exception[^]*){${times}}`));
}

describe('a reload', () => {
  it('replaces every process, and each WebSocket is told 1012', async () => {
    const service = await serve();
    const sockets = await Promise.all(Array.from({ length: 20 }, () => enter(service)));
    const before = new Set(await Promise.all(sockets.map(ask)));
    const codes = Promise.all(sockets.map(async (socket) => (await once(socket, 'close'))[0]));
    await reload(service, 1);
    assert.deepEqual(new Set(await codes), new Set([1012]));
    const again = await Promise.all(Array.from({ length: 20 }, () => enter(service)));
    for (const socket of again) assert.ok(!before.has(await ask(socket)));
    await service.script.end('SIGTERM');
  });

  it('fails no request of keep-alive clients: an old connection ends with an answer that says so', async () => {
    const service = await serve();
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    const answers = new Set<string>();
    const failures: unknown[] = [];
    let going = true;
    const load = async (): Promise<void> => {
      while (going)
        await get(service, agent).then(
          (pid) => answers.add(pid),
          (error) => failures.push(error),
        );
    };
    const loads = Array.from({ length: 8 }, load);
    for (let times = 1; times <= 3; times++) await reload(service, times);
    going = false;
    await Promise.all(loads);
    agent.destroy();
    assert.deepEqual(failures, []);
    assert.ok(
      answers.size >= 4,
      `answers of ${answers.size} processes, before and after each of three reloads`,
    );
    await service.script.end('SIGTERM');
  });

  it('tells no more WebSockets in a second than reloadRate, of all processes together', async () => {
    const service = await serve({ RATE: '100' });
    const sockets = await Promise.all(Array.from({ length: 200 }, () => enter(service)));
    const times: number[] = [];
    for (const socket of sockets) socket.on('close', () => times.push(performance.now()));
    await reload(service, 1);
    assert.equal(times.length, 200);
    times.sort((one, other) => one - other);
    for (const [index, time] of times.entries()) {
      const within = times.slice(index).filter((one) => one < time + 1_000).length;
      assert.ok(within <= 125, `${within} in one second`);
    }
    await service.script.end('SIGTERM');
  });

  it('of a script that does not start keeps the old processes, and says why', async () => {
    const file = join(room, 'broken');
    const service = await serve({ COUNT: '1', BROKEN_FILE: file });
    const socket = await enter(service);
    const pid = await ask(socket);
    writeFileSync(file, '');
    service.script.process.kill('SIGUSR2');
    await service.script.printed(/reload failed: worker test: .*the old processes serve on/);
    assert.equal(await ask(socket), pid);
    rmSync(file);
    await reload(service, 2);
    await service.script.end('SIGTERM');
  });

  it('that is graceful waits for clients, up to its deadline', async () => {
    const service = await serve({ COUNT: '1', GRACEFUL: '1', DRAIN: '1' });
    const stays = await enter(service);
    const closed = once(stays, 'close');
    const begun = performance.now();
    service.script.process.kill('SIGQUIT');
    const [code] = await closed;
    const took = performance.now() - begun;
    assert.equal(code, 1001);
    assert.ok(took >= 900 && took < 3_000, `${took} ms`);
    assert.deepEqual(await service.script.exited, { code: 0, signal: null });
  });
});

describe('a process that is tired', { timeout: 30_000 }, () => {
  it('an exception outside of all callbacks replaces the process; its clients are told 1012', async () => {
    const service = await serve({ COUNT: '1' });
    const socket = await enter(service);
    const pid = await ask(socket);
    const closed = once(socket, 'close');
    socket.send('throw outside');
    assert.equal((await closed)[0], 1012);
    await service.script.printed(/an exception outside of all callbacks: Error: outside/);
    assert.notEqual(await ask(await enter(service)), pid);
    await service.script.end('SIGTERM');
  });

  it('one that is tired as soon as it serves is replaced later each time; a stop meanwhile leaves nobody behind', async () => {
    const { script } = await serve({ COUNT: '1', TIRED: '1', TIRED_ONES: room });
    const begun = performance.now();
    for (let times = 0; times < 3; times++) await replaced(script, times + 1);
    assert.ok(performance.now() - begun >= 300, 'no wait between them');
    assert.ok(processesWith(`TIRED_ONES=${room}`).length >= 2);
    await script.end('SIGTERM');
    while (processesWith(`TIRED_ONES=${room}`).length > 0) await Timer.sleep(0.02);
  });

  it('none is tired because nobody reads any more what it prints', async () => {
    const service = await serve({ COUNT: '1' });
    const socket = await enter(service);
    const pid = await ask(socket);
    service.script.process.stdout?.destroy();
    service.script.process.stderr?.destroy();
    for (let times = 0; times < 3; times++) {
      socket.send('print');
      assert.equal(await ask(socket), pid);
    }
    await service.script.end('SIGTERM');
  });
});
