import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { SystemError } from '../../src/errors.ts';
import type { Address } from '../../src/transport/address.ts';
import { type BoundSocket, bind } from '../../src/transport/bind.ts';
import { nodeEngine } from '../../src/transport/node-engine.ts';
import { Ear, Porch } from './ear.ts';

const SLOT = fileURLToPath(new URL('./fixtures/slot.js', import.meta.url));
const LOOPBACK: Address = { kind: 'ip', host: '127.0.0.1', port: 0 };

describe('bind', { timeout: 15_000 }, () => {
  const undo: (() => unknown)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  it('binds without listening: whoever connects is refused', async () => {
    const bound = held(LOOPBACK);
    assert.ok(bound.port > 0);
    const { how, error } = await dial(at(bound)).closes();
    assert.equal(how, 'failed');
    assert.equal((error as NodeJS.ErrnoException).code, 'ECONNREFUSED');
  });

  it('says in one line that a port is taken', async () => {
    const listener = await nodeEngine.listen(LOOPBACK, {}, new Porch());
    undo.push(() => listener.close());
    assert.throws(
      () => bind(listener.address),
      (error) => {
        assert.ok(error instanceof SystemError);
        assert.match(
          error.message,
          /^cannot listen on 127\.0\.0\.1:\d+: another program listens there.*\(EADDRINUSE\)$/,
        );
        return true;
      },
    );
  });

  it('says in one line that an address is not of this machine, or none', () => {
    assert.throws(() => bind({ kind: 'ip', host: '192.0.2.1', port: 0 }), { code: 'EADDRNOTAVAIL' });
    assert.throws(() => bind({ kind: 'ip', host: 'example.org', port: 0 }), {
      code: 'EINVAL',
      message: /example\.org:0: that is not an IP address/,
    });
  });

  it('says in one line that a path is too long or its directory missing', () => {
    assert.throws(() => bind({ kind: 'unix', path: `/tmp/${'x'.repeat(120)}` }), { code: 'ENAMETOOLONG' });
    assert.throws(() => bind({ kind: 'unix', path: '/nowhere/at/all.sock' }), { code: 'EACCES' });
  });

  it('can be listened on in the same process', async () => {
    const bound = held({ kind: 'ip', host: 'localhost', port: 0 });
    const porch = new Porch();
    const listener = await nodeEngine.listen(LOOPBACK, { bound: bound.handle }, porch);
    undo.push(() => listener.close());
    assert.deepEqual(listener.address, at(bound));
    const client = dial(at(bound));
    await client.opens();
    const guest = await porch.guest(0);
    undo.push(() => guest.wire.destroy());
  });

  it('is served by whichever child has time', async () => {
    const bound = held(LOOPBACK);
    const [one, other] = await Promise.all([slot(bound, LOOPBACK), slot(bound, LOOPBACK)]);
    for (const [idle, busy] of [
      [one, other],
      [other, one],
      [one, other],
    ] as const) {
      busy.kill('SIGSTOP');
      assert.equal(await ask(at(bound)), `${idle.pid}`);
      busy.kill('SIGCONT');
    }
  });

  it('keeps who connects while no child is left, for the next child', async () => {
    const bound = held(LOOPBACK);
    const first = await slot(bound, LOOPBACK);
    assert.equal(await ask(at(bound)), `${first.pid}`);
    first.kill('SIGKILL');
    await once(first, 'exit');
    const callers = Array.from({ length: 20 }, () => call(at(bound)));
    await Promise.all(callers.map((caller) => caller.opens()));
    const second = await slot(bound, LOOPBACK);
    await Promise.all(callers.map((caller) => caller.closes()));
    for (const { text } of callers) assert.equal(text, `${second.pid}`);
  });

  it('does the same with a Unix socket', async () => {
    const room = mkdtempSync(join(tmpdir(), 'usta-'));
    undo.push(() => rmSync(room, { recursive: true }));
    const place: Address = { kind: 'unix', path: join(room, 'a.sock') };
    const bound = held(place);
    assert.equal(bound.port, 0);
    const first = await slot(bound, place);
    assert.equal(await ask(place), `${first.pid}`);
    first.kill('SIGKILL');
    await once(first, 'exit');
    const caller = call(place);
    await caller.opens();
    const second = await slot(bound, place);
    await caller.closes();
    assert.equal(caller.text, `${second.pid}`);
  });

  function held(address: Address): BoundSocket {
    const bound = bind(address);
    undo.push(() => bound.close());
    return bound;
  }

  /** A child that listens on it. */
  async function slot(bound: BoundSocket, place: Address): Promise<ChildProcess> {
    const child = fork(SLOT);
    undo.push(() => child.kill('SIGKILL'));
    child.send(place, bound.handle as never, { keepOpen: true });
    const [address] = await once(child, 'message');
    assert.deepEqual(address, place.kind === 'unix' ? place : at(bound));
    return child;
  }

  function dial(address: Address): Ear {
    const ear = new Ear();
    const wire = nodeEngine.connect(address, {}, ear);
    undo.push(() => wire.destroy());
    return ear;
  }

  /** Asks as soon as it is connected, and hears whoever answers to the end. */
  function call(address: Address): Ear {
    const ear = dial(address);
    ear.on.opened = (wire) => {
      wire.out.writeLatin1('who?');
      wire.commit();
    };
    ear.on.ended = (wire) => wire.end();
    return ear;
  }

  async function ask(address: Address): Promise<string> {
    const ear = call(address);
    assert.deepEqual(await ear.closes(), { how: 'finished' });
    return ear.text;
  }
});

function at(bound: BoundSocket): Address {
  return { kind: 'ip', host: '127.0.0.1', port: bound.port };
}
