import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type AcmeOptions, acmeSettings } from '../../../src/certificates/acme/options.ts';
import { CertificateStore } from '../../../src/certificates/acme/store.ts';
import { createAuthority, issue } from '../../../src/certificates/authority.ts';

let home = '';
let stores = 0;
before(async () => {
  home = await mkdtemp(join(tmpdir(), 'usta-acme-store-'));
});
after(() => rm(home, { recursive: true }));

async function storeFor(more: Partial<AcmeOptions> = {}): Promise<CertificateStore> {
  const storage = join(home, String(++stores));
  const store = new CertificateStore(
    acmeSettings({ domains: ['a.usta.dev', 'b.usta.dev'], agree: true, storage, ...more }),
  );
  await store.open();
  return store;
}

const authority = createAuthority('store');
const leaf = issue(authority, ['a.usta.dev', 'b.usta.dev']);
const pair = { cert: leaf.cert + authority.cert, key: leaf.key };

describe('CertificateStore', () => {
  it('gives back what was stored, with its life', async () => {
    const store = await storeFor();
    assert.equal(await store.read(Date.now()), undefined);
    await store.write(pair);
    const stored = await store.read(Date.now());
    assert.ok(stored && 'pair' in stored);
    assert.equal(stored.pair.cert, pair.cert);
    assert.equal(stored.pair.key, pair.key);
    assert.ok(stored.pair.notAfter - stored.pair.notBefore > 89 * 86_400_000);
    assert.equal((await stat(store.file)).mode & 0o777, 0o600);
  });

  it('says what is wrong with what cannot be served', async () => {
    const store = await storeFor();
    const other = issue(authority, ['a.usta.dev']);
    const cases: readonly [string, RegExp][] = [
      ['', /no certificate in it/],
      [pair.cert, /private key|DECODER|unsupported|key/i],
      [other.key + pair.cert, /for another key/],
      [other.key + other.cert, /not for b\.usta\.dev/],
      [(pair.key + pair.cert).slice(0, -40), /more in it than certificates/],
    ];
    for (const [text, fault] of cases) {
      await writeFile(store.file, text);
      const stored = await store.read(Date.now());
      assert.ok(stored && 'fault' in stored, text);
      assert.match(stored.fault, fault);
      assert.ok(stored.fault.startsWith(store.file));
    }
  });

  it('keeps apart what differs in names, key or authority, and not what differs in order', async () => {
    const storage = join(home, 'apart');
    const fileOf = async (more: Partial<AcmeOptions>): Promise<string> =>
      (await storeFor({ storage, ...more })).file;
    const same = await fileOf({});
    assert.notEqual(await fileOf({ domains: ['a.usta.dev'] }), same);
    assert.notEqual(await fileOf({ keyType: 'rsa' }), same);
    assert.notEqual(await fileOf({ directory: 'staging' }), same);
    assert.equal(await fileOf({ domains: ['b.usta.dev', 'a.usta.dev'] }), same);
  });

  it('makes one account per authority, however many come at once', async () => {
    const storage = join(home, 'accounts');
    const all = await Promise.all(Array.from({ length: 8 }, () => storeFor({ storage })));
    const keys = await Promise.all(all.map((store) => store.accountKey()));
    assert.equal(new Set(keys).size, 1);
    assert.notEqual(await (await storeFor({ storage, directory: 'staging' })).accountKey(), keys[0]);
    for (const name of await readdir(storage))
      assert.equal((await stat(join(storage, name))).mode & 0o777, 0o600);
  });

  it('remembers, and forgets what is not whole', async () => {
    const store = await storeFor();
    assert.deepEqual(await store.recall(), {});
    await store.remember({ stayAwayUntil: 5, challenge: 'http-01' });
    assert.deepEqual(await store.recall(), { stayAwayUntil: 5, challenge: 'http-01' });
    const file = store.file.replace(/pem$/, 'json');
    for (const text of ['{', '7', 'null', '{"stayAwayUntil":"x","challenge":"dns-01"}']) {
      await writeFile(file, text);
      assert.deepEqual(await store.recall(), {}, text);
    }
    assert.equal(await readFile(file, 'utf8').then((text) => text.length > 0), true);
  });

  it('closes its folder to others, and says so when there can be none', async () => {
    const storage = join(home, 'open');
    await storeFor({ storage });
    await chmod(storage, 0o755);
    await storeFor({ storage });
    assert.equal((await stat(storage)).mode & 0o777, 0o700);
    await writeFile(join(home, 'file'), '');
    await assert.rejects(storeFor({ storage: join(home, 'file', 'below') }), {
      code: /E(NOTDIR|EXIST)/,
      message: /^acme\.storage .* cannot be used: /,
    });
  });
});
