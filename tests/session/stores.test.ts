import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, describe, it } from 'node:test';
import { FileStore, MemoryStore, RedisStore, subscribe, Timer } from 'usta';
import { examineStore, newKey } from './store-suite.ts';

const directory = mkdtempSync(join(tmpdir(), 'usta-session-test-'));
const place = join(directory, 'sessions');
const files = [new FileStore({ directory: place }), new FileStore({ directory: place })] as const;
const memory = new MemoryStore();
/** Longer than the life of what the examination lets expire. */
const pass = (): Promise<void> => Timer.sleep(0.06);

after(async () => {
  for (const store of [...files, memory]) await store.close();
  rmSync(directory, { recursive: true });
});

examineStore('MemoryStore', () => [memory, memory], pass);
examineStore('FileStore', () => files, pass);

describe('FileStore', () => {
  const [store] = files;

  it('is for this user alone, and has no directory that others may enter', async () => {
    await store.save(newKey(), 'a', { after: 0, seconds: 100 });
    assert.equal(statSync(place).mode & 0o777, 0o700);
    const open = join(directory, 'open');
    mkdirSync(open, { mode: 0o755 });
    await assert.rejects(async () => new FileStore({ directory: open }).load(newKey()), {
      code: 'E_NOT_PRIVATE',
    });
  });

  it('keeps two files of a session at most', async () => {
    const key = newKey();
    for (let version = 0; version < 5; version++)
      await store.save(key, 'a', { after: version, seconds: 100 });
    assert.deepEqual(readdirSync(join(place, key)).sort(), ['4', '5']);
    assert.equal(statSync(join(place, key, '5')).mode & 0o777, 0o600);
  });

  it('takes over a lock that a process which was killed has left behind', async () => {
    const key = newKey();
    await store.save(key, 'a', { after: 0, seconds: 100 });
    writeFileSync(join(place, key, 'lock'), '');
    utimesSync(join(place, key, 'lock'), 1, 1);
    assert.equal(await store.save(key, 'b', { after: 1, seconds: 100 }), true);
    assert.deepEqual(readdirSync(join(place, key)).sort(), ['1', '2']);
  });

  it('makes its directory again when somebody has tidied it away', async () => {
    rmSync(place, { recursive: true });
    const key = newKey();
    assert.equal(await store.load(key), undefined);
    assert.equal(await store.save(key, 'a', { after: 0, seconds: 100 }), true);
    assert.equal((await store.load(key))?.text, 'a');
    assert.equal(statSync(place).mode & 0o777, 0o700);
  });

  it('collects what has expired or was left behind, once for all processes', async () => {
    const [dead, living, forsaken] = [newKey(), newKey(), newKey()];
    await store.save(dead, 'a', { after: 0, seconds: 0.001 });
    await store.save(living, 'a', { after: 0, seconds: 100 });
    for (const name of [forsaken, 'gone-1']) mkdirSync(join(place, name));
    utimesSync(join(place, forsaken), 1, 1);
    await pass();
    await store.collect();
    const left = readdirSync(place);
    assert.deepEqual(
      [dead, living, forsaken, 'gone-1'].map((name) => left.includes(name)),
      [false, true, false, false],
    );
    mkdirSync(join(place, 'gone-2'));
    await files[1].collect();
    assert.ok(readdirSync(place).includes('gone-2'));
  });

  it('loses no write of several processes', async () => {
    const key = newKey();
    await store.save(key, '0', { after: 0, seconds: 100 });
    const module = new URL('../../src/session/file-store.js', import.meta.url).href;
    const program = `
      import { FileStore } from '${module}';
      const store = new FileStore({ directory: process.argv[1] });
      for (let done = 0; done < 40; ) {
        const { text, version } = await store.load(process.argv[2]);
        if (await store.save(process.argv[2], String(Number(text) + 1), { after: version, seconds: 100 })) done++;
      }`;
    const children = [1, 2].map(() =>
      spawn(process.execPath, ['--input-type=module', '-e', program, place, key], { stdio: 'inherit' }),
    );
    const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
    assert.deepEqual(codes, [0, 0]);
    assert.equal((await store.load(key))?.text, '80');
  });
});

describe('MemoryStore', () => {
  it('lets those go that were used longest ago when it is full, and says so once', async () => {
    const notices: string[] = [];
    const stop = subscribe('usta:notice', ({ text }) => notices.push(text));
    const store = new MemoryStore({ maxBytes: 3000 });
    const keys = [newKey(), newKey(), newKey(), newKey()];
    for (const key of keys) {
      await store.save(key, 'x'.repeat(600), { after: 0, seconds: 100 });
      await store.load(keys[0] ?? '');
    }
    const left = await Promise.all(keys.map(async (key) => (await store.load(key)) !== undefined));
    assert.deepEqual(left, [true, false, false, true]);
    assert.equal(notices.filter((text) => text.includes('maxBytes')).length, 1);
    stop();
    await store.close();
  });
});

describe('RedisStore', () => {
  it('refuses an address that is not of Redis', () => {
    assert.throws(() => new RedisStore('nats://127.0.0.1'), { code: 'E_SESSION' });
    assert.throws(() => new RedisStore('127.0.0.1'), { code: 'E_BUS' });
  });

  it('says that the server cannot be reached', { timeout: 20_000 }, async () => {
    const store = new RedisStore('redis://user:secret@127.0.0.1:1');
    const message = /^sessions in redis:\/\/127\.0\.0\.1:1 cannot be reached/;
    await assert.rejects(store.load(newKey()), { code: 'E_SESSION_STORE', message });
    await store.close();
  });
});
