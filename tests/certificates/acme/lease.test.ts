import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { LEASE_MS, Lease } from '../../../src/certificates/acme/lease.ts';
import { TestClock } from './test-clock.ts';

let folder = '';
let path = '';
let files = 0;
let clock: TestClock;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'usta-lease-'));
});
after(() => rm(folder, { recursive: true }));
beforeEach(() => {
  path = join(folder, `${++files}.lease`);
  clock = new TestClock();
});

describe('Lease', () => {
  it('is held by one at a time, and free again when given back', async () => {
    const one = new Lease(path, clock);
    const other = new Lease(path, clock);
    assert.equal(await one.acquire(), true);
    assert.equal(await other.acquire(), false);
    await other.release();
    assert.equal(await other.acquire(), false, 'who does not hold it cannot give it back');
    await one.release();
    assert.equal(await other.acquire(), true);
  });

  it('goes to exactly one of many who ask at once, also when a dead one held it', async () => {
    for (const text of [undefined, 'dead 1000\n', 'broken', '']) {
      path = join(folder, `${++files}.lease`);
      if (text !== undefined) await writeFile(`${path}-7`, text);
      const all = Array.from({ length: 12 }, () => new Lease(path, clock));
      const won = await Promise.all(all.map((lease) => lease.acquire()));
      assert.equal(won.filter(Boolean).length, 1, `${text}`);
      const left = (await readdir(folder)).filter((name) => name.startsWith(`${files}.lease`));
      assert.deepEqual(left, [`${files}.lease-${text === undefined ? 1 : 8}`], 'nothing else lies about');
    }
  });

  it('is not gotten by who comes late with an old number', async () => {
    const all = Array.from({ length: 6 }, () => new Lease(path, clock));
    for (let turn = 0; turn < 20; turn++) {
      const won = await Promise.all(
        all.map(async (lease) => {
          if (!(await lease.acquire())) return 0;
          await lease.extend();
          await lease.release();
          return 1;
        }),
      );
      assert.ok(won.includes(1), `turn ${turn}`);
    }
    assert.equal((await readdir(folder)).filter((name) => name.startsWith(`${files}.lease`)).length, 1);
  });

  it('is lost by who gives no sign of life, and the loser finds out', async () => {
    const one = new Lease(path, clock);
    await one.acquire();
    clock.skip(LEASE_MS + 1);
    const other = new Lease(path, clock);
    assert.equal(await other.acquire(), true);
    await assert.rejects(one.extend(), { code: 'E_ACME_LEASE' });
    await one.release();
    assert.match(
      await readFile(`${path}-2`, 'utf8'),
      /^[\w-]{36} [1-9]\d+\n$/,
      'still the other one holds it',
    );
  });

  it('is kept by who does, without a write for every sign', async () => {
    const one = new Lease(path, clock);
    await one.acquire();
    const first = await readFile(`${path}-1`, 'utf8');
    await one.extend();
    assert.equal(await readFile(`${path}-1`, 'utf8'), first);
    for (let turn = 0; turn < 10; turn++) {
      clock.skip(LEASE_MS / 2);
      await one.extend();
      assert.equal(await new Lease(path, clock).acquire(), false);
    }
  });

  it('does not last for years because a clock was wrong', async () => {
    await writeFile(`${path}-1`, `somebody ${clock.now() + 1000 * LEASE_MS}\n`);
    assert.equal(await new Lease(path, clock).acquire(), true);
  });
});
