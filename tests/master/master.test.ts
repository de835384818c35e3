import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { Script } from '../fixtures/script.ts';

const SERVICE = 'tests/master/service.js';
const scripts: Script[] = [];

function service(env: Readonly<Record<string, string>> = {}): Script {
  const script = new Script(SERVICE, [], { PORT: '0', ...env });
  scripts.push(script);
  return script;
}

/** A service that stands, and the port that it was given. */
async function standing(count: number): Promise<{ script: Script; port: number }> {
  const script = service({ COUNT: String(count) });
  const [, port] = await script.printed(
    new RegExp(`worker test: websocket on 127\\.0\\.0\\.1:(\\d+), ${count} process`),
  );
  return { script, port: Number(port) };
}

async function connect(port: number): Promise<WebSocket> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  await once(socket, 'open');
  return socket;
}

async function ask(socket: WebSocket, question: string): Promise<string> {
  socket.send(question);
  const [answer] = await once(socket, 'message');
  return String(answer);
}

after(() => Promise.all(scripts.map((script) => script.end())));

describe('Worker.runAll()', () => {
  it('serves from count processes and says so', async () => {
    const { script, port } = await standing(2);
    const pids = new Set<string>();
    const deadline = Date.now() + 10_000;
    while (pids.size < 2 && Date.now() < deadline) {
      const socket = await connect(port);
      pids.add((await ask(socket, 'pid')).split(' ')[0] ?? '');
      if (pids.size < 2) continue;
      socket.terminate();
    }
    assert.equal(pids.size, 2);
    await script.end('SIGTERM');
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`on ${signal} tells every client 1001 and ends with 0 within its deadline`, async () => {
      const { script, port } = await standing(2);
      const sockets = await Promise.all(Array.from({ length: 10 }, () => connect(port)));
      const codes = Promise.all(sockets.map(async (socket) => (await once(socket, 'close'))[0]));
      script.process.kill(signal);
      assert.deepEqual(new Set(await codes), new Set([1001]));
      assert.deepEqual(await script.exited, { code: 0, signal: null });
    });
  }

  it('cuts off who does not leave when the deadline comes', async () => {
    const { script, port } = await standing(1);
    const socket = await connect(port);
    socket.pause();
    const started = Date.now();
    script.process.kill('SIGTERM');
    assert.equal((await script.exited).code, 0);
    assert.ok(Date.now() - started < 4_000);
    socket.terminate();
  });

  it('replaces a child that was killed; the others notice nothing', async () => {
    const { script, port } = await standing(2);
    const [victim, bystander] = await clientsOfTwoProcesses(port);
    const place = (await ask(victim, 'pid')).split(' ')[1];
    victim.send('die');
    assert.equal((await once(victim, 'close'))[0], 1006);
    assert.equal(await ask(bystander, 'still here'), 'still here');
    await script.printed(/ended with signal SIGKILL/);
    const places = new Set<string | undefined>();
    while (!places.has(place)) {
      const socket = await connect(port);
      places.add((await ask(socket, 'pid')).split(' ')[1]);
    }
    await script.end('SIGTERM');
  });

  it('loses no connection that waits while its only process is replaced', async () => {
    const { script, port } = await standing(1);
    const victim = await connect(port);
    victim.send('die');
    await once(victim, 'close');
    const later = await Promise.all(Array.from({ length: 20 }, () => connect(port)));
    assert.equal(await ask(later[0] as WebSocket, 'tom'), 'tom');
    await script.end('SIGTERM');
  });

  it('leaves no child behind when the master is killed', async () => {
    const { script, port } = await standing(1);
    const socket = await connect(port);
    const [pid] = (await ask(socket, 'pid')).split(' ');
    script.process.kill('SIGKILL');
    assert.equal((await once(socket, 'close'))[0], 1001);
    while (isAlive(Number(pid))) await new Promise((resolve) => setImmediate(resolve));
  });
});

describe('a start that cannot succeed', () => {
  it('says which port is taken and what to do, and ends with 1', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const address = blocker.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const script = service({ PORT: String(port) });
    assert.equal((await script.exited).code, 1);
    assert.match(
      script.output,
      new RegExp(`cannot listen on 127.0.0.1:${port}: another program listens there`),
    );
    assert.equal(script.output.trim().split('\n').length, 1);
    blocker.close();
  });

  it('tells why onWorkerStart failed, and ends with 1 instead of trying again', async () => {
    const script = service({ FAIL: 'start' });
    assert.equal((await script.exited).code, 1);
    assert.match(script.output, /worker test: .*the database is not there/);
  });

  it('ends with 1 when a child exits before it serves', async () => {
    const script = service({ FAIL: 'exit' });
    assert.equal((await script.exited).code, 1);
    assert.match(script.output, /ended with exit status 3/);
  });
});

async function clientsOfTwoProcesses(port: number): Promise<[WebSocket, WebSocket]> {
  const first = await connect(port);
  const firstPid = (await ask(first, 'pid')).split(' ')[0];
  for (;;) {
    const other = await connect(port);
    if ((await ask(other, 'pid')).split(' ')[0] !== firstPid) return [first, other];
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
