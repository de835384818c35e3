/** Five reloads in a row under load, processes that are killed, and how evenly connections are spread. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { Script } from '../fixtures/script.ts';

const CLIENTS = 2_000;
const REQUESTS_PER_SECOND = 200;
const RELOADS = 5;
const RELOAD_RATE = 1_000;
const DRAIN = 10;

const scripts: Script[] = [];
after(() => Promise.all(scripts.map((script) => script.end())));

interface Service {
  readonly script: Script;
  readonly port: number;
}

async function serve(env: Readonly<Record<string, string>>): Promise<Service> {
  const script = new Script('tests/master/reload-service.js', [], { DRAIN: `${DRAIN}`, ...env });
  scripts.push(script);
  const [, port] = await script.printed(/worker test: websocket on 127\.0\.0\.1:(\d+)/);
  return { script, port: Number(port) };
}

/** Clients that come back, at once, whenever they are told to. */
class Clients {
  readonly closes: { readonly code: number; readonly at: number }[] = [];
  refused = 0;
  readonly #sockets = new Set<WebSocket>();
  readonly #port: number;
  #going = true;

  constructor(port: number) {
    this.#port = port;
  }

  get open(): number {
    return [...this.#sockets].filter(({ readyState }) => readyState === WebSocket.OPEN).length;
  }

  async come(count: number): Promise<void> {
    for (let begun = 0; begun < count; begun += 100) {
      await Promise.all(Array.from({ length: Math.min(100, count - begun) }, () => this.#enter()));
    }
  }

  /** @returns the processes that they are connected to, with how many each has. */
  async whereabouts(): Promise<Map<string, number>> {
    const counts = new Map<string, number>();
    for (const socket of this.#sockets) {
      socket.send('who');
      const [answer] = await once(socket, 'message');
      const pid = String(answer).split(' ')[0] ?? '';
      counts.set(pid, (counts.get(pid) ?? 0) + 1);
    }
    return counts;
  }

  /** Goes on without coming back. */
  stay(): void {
    this.#going = false;
  }

  leave(): void {
    this.#going = false;
    for (const socket of this.#sockets) socket.terminate();
  }

  /** Most closes within any second. */
  get fastest(): number {
    const times = this.closes.map(({ at }) => at).sort((one, other) => one - other);
    let most = 0;
    for (let first = 0, last = 0; last < times.length; last++) {
      while ((times[last] ?? 0) - (times[first] ?? 0) >= 1_000) first++;
      most = Math.max(most, last - first + 1);
    }
    return most;
  }

  async #enter(): Promise<void> {
    const socket = new WebSocket(`ws://127.0.0.1:${this.#port}/`);
    socket.on('error', () => this.refused++);
    socket.on('close', (code) => {
      this.#sockets.delete(socket);
      if (!this.#going) return;
      this.closes.push({ code, at: performance.now() });
      void this.#enter();
    });
    this.#sockets.add(socket);
    await once(socket, 'open').catch(() => {});
  }
}

/** Requests at a steady rate over connections that are kept. */
class Requests {
  answered = 0;
  readonly failures: string[] = [];
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 50 });
  readonly #underWay = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
    this.#timer = setInterval(() => {
      const one = this.#ask().finally(() => this.#underWay.delete(one));
      this.#underWay.add(one);
    }, 1000 / REQUESTS_PER_SECOND);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#underWay);
    this.#agent.destroy();
  }

  async #ask(): Promise<void> {
    try {
      const sent = request({ host: '127.0.0.1', port: this.#port, agent: this.#agent, timeout: 5_000 });
      sent.once('timeout', () => sent.destroy(new Error('no answer within 5 s')));
      sent.end();
      const [answer] = await once(sent, 'response');
      assert.equal(answer.statusCode, 200);
      for await (const _ of answer);
      this.answered++;
    } catch (error) {
      this.failures.push(String(error));
    }
  }
}

function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return children.trim().split(' ').map(Number);
}

async function reload({ script }: Service, times: number): Promise<number> {
  const begun = performance.now();
  script.process.kill('SIGUSR2');
  await script.printed(new RegExp(`reload ${times} is done`));
  return performance.now() - begun;
}

describe('reloads under load', { timeout: 180_000 }, () => {
  it(`${CLIENTS} WebSockets and ${REQUESTS_PER_SECOND} requests/s through ${RELOADS} reloads: 1012 only, at most ${RELOAD_RATE} per second, no request fails`, async () => {
    const service = await serve({ COUNT: '4', RATE: `${RELOAD_RATE}` });
    const clients = new Clients(service.port);
    await clients.come(CLIENTS);
    const requests = new Requests(service.port);
    for (let times = 1; times <= RELOADS; times++) {
      await reload(service, times);
      while (clients.open < CLIENTS) await sleep(20);
    }
    await requests.stop();
    assert.deepEqual(requests.failures, []);
    assert.ok(requests.answered >= 1_000, `${requests.answered} answers`);
    assert.equal(clients.refused, 0);
    assert.equal(clients.closes.length, CLIENTS * RELOADS);
    assert.deepEqual(new Set(clients.closes.map(({ code }) => code)), new Set([1012]));
    // A close that was sent at the end of one second may be seen in the next.
    assert.ok(clients.fastest <= RELOAD_RATE * 1.1, `${clients.fastest} closes within a second`);
    clients.leave();
    await service.script.end('SIGTERM');
  });

  it('eight processes are through within the drain and 10 s', async () => {
    const service = await serve({ COUNT: '8', DRAIN: '3' });
    const clients = new Clients(service.port);
    await clients.come(400);
    const took = await reload(service, 1);
    assert.ok(took < 13_000, `${took} ms`);
    clients.leave();
    await service.script.end('SIGTERM');
  });
});

describe('processes that are killed', { timeout: 60_000 }, () => {
  it('only the connections of the one that died are lost, and its place is taken within a second', async () => {
    const service = await serve({ COUNT: '4' });
    const clients = new Clients(service.port);
    await clients.come(400);
    const before = await clients.whereabouts();
    const [victim, its] = [...before][0] ?? assert.fail();
    process.kill(Number(victim), 'SIGKILL');
    const begun = performance.now();
    while (
      childrenOf(service.script.pid).length < 4 ||
      childrenOf(service.script.pid).includes(Number(victim))
    )
      await sleep(5);
    assert.ok(performance.now() - begun < 1_000, `${performance.now() - begun} ms`);
    while (clients.open < 400) await sleep(20);
    const newcomer = childrenOf(service.script.pid).find((pid) => !before.has(`${pid}`));
    for (let served = false; !served; ) {
      const more = new Clients(service.port);
      await more.come(50);
      served = (await more.whereabouts()).has(`${newcomer}`);
      more.leave();
    }
    assert.equal(clients.closes.length, its);
    clients.leave();
    await service.script.end('SIGTERM');
  });

  it('without its master no process is left after 5 s', async () => {
    const service = await serve({ COUNT: '4', DRAIN: '30' });
    const clients = new Clients(service.port);
    await clients.come(40);
    const pids = childrenOf(service.script.pid);
    clients.stay();
    service.script.process.kill('SIGKILL');
    await sleep(5_000);
    for (const pid of pids) assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
  });
});

describe('connections', { timeout: 120_000 }, () => {
  it('10,000 of them are spread over four processes, the fullest at most 1.5 times the emptiest', async () => {
    const service = await serve({ COUNT: '4' });
    const counts = new Map<string, number>();
    for (let round = 0; round < 10; round++) {
      const clients = new Clients(service.port);
      await clients.come(1_000);
      for (const [pid, count] of await clients.whereabouts()) counts.set(pid, (counts.get(pid) ?? 0) + count);
      clients.leave();
    }
    const all = [...counts.values()];
    assert.equal(all.length, 4);
    assert.ok(Math.max(...all) / Math.min(...all) <= 1.5, `${all}`);
    await service.script.end('SIGTERM');
  });
});
