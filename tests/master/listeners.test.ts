/** Listeners of processes under a master: of their own, closed and opened again, paused; and what `Worker` knows there. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { freePort } from '../fixtures/free-port.ts';
import { Script } from '../fixtures/script.ts';
import { Typist } from '../worker/lines.ts';

describe('a process under the master', { timeout: 20_000 }, () => {
  let script: Script;
  const typists: Typist[] = [];

  after(async () => {
    for (const typist of typists) typist.cutOff();
    await script.end();
  });

  async function typist(port: number): Promise<Typist> {
    const one = await Typist.connect({ port, host: '127.0.0.1' });
    typists.push(one);
    return one;
  }

  async function told(one: Typist, word: string): Promise<string> {
    one.type(`${word}\n`);
    await one.hears(word);
    return /(\d+) \d\n$/.exec(one.heard)?.[1] ?? '';
  }

  /** A client in each of the two processes. */
  async function oneInEach(port: number): Promise<Typist[]> {
    const found = new Map<string, Typist>();
    for (let tries = 0; found.size < 2 && tries < 200; tries++) {
      const one = await typist(port);
      found.set(await told(one, 'hello'), one);
    }
    return [...found.values()];
  }

  it('listens on a port of its own beside; the second process is told of reusePort', async () => {
    const other = await freePort();
    script = new Script('tests/master/listeners-service.js', [], { OTHER: String(other) });
    await script.printed(/main: text on 127\.0\.0\.1:\d+, 2 processes/);
    assert.match(script.output, /cannot listen on .*each of 2 processes tries to: reusePort: true lets them/);
    const inner = await typist(other);
    inner.type('x\n');
    await inner.hears('inner\n');
  });

  it('a worker without address runs', () => {
    assert.match(script.output, /no address, status 1/);
  });

  it('closes its listener and opens it again, on the master’s socket', async () => {
    const port = Number(/main: text on 127\.0\.0\.1:(\d+)/.exec(script.output)?.[1]);
    for (let round = 0; round < 3; round++) {
      const one = await typist(port);
      one.type('again\n');
      await one.hears('again');
      const next = await typist(port);
      next.type('status\n');
      await next.hears('status');
      assert.match(next.heard, / 2\n$/);
    }
  });

  it('pauses accepting: who comes waits until it resumes', async () => {
    const port = Number(/main: text on 127\.0\.0\.1:(\d+)/.exec(script.output)?.[1]);
    const inside = await oneInEach(port);
    for (const one of inside) await told(one, 'pause');
    const outside = await Promise.all(Array.from({ length: 5 }, () => typist(port)));
    for (const other of outside) other.type('hello\n');
    for (const one of inside) await told(one, 'status');
    assert.ok(outside.every(({ heard }) => heard === ''));
    for (const one of inside) await told(one, 'resume');
    for (const other of outside) await other.hears('hello');
  });

  it('stopAll in a process has it replaced, with its clients told', async () => {
    const port = Number(/main: text on 127\.0\.0\.1:(\d+)/.exec(script.output)?.[1]);
    const one = await typist(port);
    one.type('stopAll\n');
    await one.hears('stopAll');
    await script.printed(/worker main process \d is replaced: enough/);
    await one.ends();
    await typist(port);
  });

  it('a stop tells the clients of its other ports too', async () => {
    const inner = typists[0];
    script.process.kill('SIGTERM');
    assert.deepEqual(await script.exited, { code: 0, signal: null });
    assert.equal(inner?.hasEnded, true);
  });

  it('stopAll in the master ends the service, with the status that was asked for', async () => {
    const ending = new Script('tests/master/listeners-service.js', [], { END: '1' });
    assert.deepEqual(await ending.exited, { code: 7, signal: null });
  });
});
