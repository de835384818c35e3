import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect, createServer } from 'node:tls';
import type { ChallengeType } from '../../src/certificates/acme/challenges.ts';
import type { AcmeOptions } from '../../src/certificates/acme/options.ts';
import { TestService } from '../certificates/acme/service.ts';
import { ensure } from './debian.ts';
import { type Pebble, serveAnswers, startPebble } from './pebble.ts';

const DOMAINS = ['shop.usta.test', 'www.usta.test'];
const DAY = 86_400_000;

describe("certificates from Debian's pebble", () => {
  let pebble: Pebble;
  let stores = 0;
  before(async () => {
    ensure('pebble');
    pebble = await startPebble({ env: { PEBBLE_WFE_NONCEREJECT: '30', PEBBLE_ALTERNATE_ROOTS: '2' } });
  });
  after(() => pebble?.stop());

  const optionsFor = (more: Partial<AcmeOptions> = {}): AcmeOptions => ({
    domains: DOMAINS,
    email: 'master@usta.test',
    agree: true,
    directory: pebble.directory,
    directoryRoot: pebble.directoryRoot,
    storage: join(pebble.folder, `store-${++stores}`),
    ...more,
  });

  for (const challenge of ['tls-alpn-01', 'http-01'] as const satisfies readonly ChallengeType[]) {
    it(`are issued by ${challenge}, renewed before their end, and found again after a restart`, async () => {
      const options = optionsFor({ challenge });
      const service = new TestService(options);
      const close = await serveAnswers(pebble, service.answers);
      try {
        assert.equal(await service.renewal.start(), false, 'nothing is stored');
        await service.told('issued');
        const [first] = service.installed;
        assert.ok(first);
        for (const name of DOMAINS) assert.equal(await verdict(first, await pebble.root(), name), 'trusted');
        assert.equal((await stat(service.renewal.file)).mode & 0o777, 0o600);
        assert.equal((await stat(join(options.storage ?? ''))).mode & 0o777, 0o700);
        assert.deepEqual(new Set(service.presented.flat().map(({ type }) => type)), new Set([challenge]));
        assert.deepEqual(service.presented.at(-1), [], 'nothing is answered any more');

        const third = (first.notAfter - first.notBefore) / 3;
        await service.clock.asleep();
        service.clock.skip(first.notAfter - third - DAY - service.clock.now());
        await service.told('issued', 2);
        assert.ok(service.clock.now() > first.notAfter - third, 'only when it is time');
        const [, second] = service.installed;
        assert.ok(second && second.cert !== first.cert && second.key !== first.key);
        assert.equal(await verdict(second, await pebble.root(), DOMAINS[0] ?? ''), 'trusted');
        await service.renewal.stop();

        const restarted = new TestService(options, { clock: service.clock });
        assert.equal(await restarted.renewal.start(), true);
        assert.equal(restarted.installed[0]?.cert, second.cert);
        await restarted.renewal.stop();
      } finally {
        await service.renewal.stop();
        await close();
      }
      assert.deepEqual(
        service.events.filter(({ state }) => state !== 'issued'),
        [],
      );
    });
  }

  it('are issued by http-01 when tls-alpn-01 does not get through', async () => {
    const options = optionsFor({ domains: ['behind.usta.test'] });
    const service = new TestService(options, { answered: ({ type }) => type === 'http-01' });
    const close = await serveAnswers(pebble, service.answers);
    try {
      await service.renewal.start();
      await service.told('issued');
      assert.deepEqual(
        service.presented.flat().map(({ type }) => type),
        ['tls-alpn-01', 'http-01'],
      );
    } finally {
      await service.renewal.stop();
      await close();
    }
  });

  it('are not issued when nothing answers: one line says for which domain, why, and what to do', async () => {
    const service = new TestService(optionsFor({ domains: ['nobody.usta.test'], challenge: 'http-01' }));
    await service.renewal.start();
    const { text } = await service.told('failed');
    await service.renewal.stop();
    assert.match(text, /^the proof of nobody\.usta\.test by http-01 failed \(connection\): .*refused/);
    assert.match(text, /; open the port \(80 for http-01, .*next try in \d+ minutes$/);
    assert.equal(service.installed.length, 0);
  });

  it('have an RSA key and the chain that was asked for', async () => {
    const roots = await Promise.all([0, 1, 2].map((number) => pebble.root(number)));
    const wanted = new X509Certificate(roots[2] ?? '');
    const preferredChain = /CN=(.+)/.exec(wanted.subject)?.[1] ?? '';
    const options = optionsFor({ domains: ['chain.usta.test'], keyType: 'rsa', preferredChain });
    const service = new TestService(options);
    const close = await serveAnswers(pebble, service.answers);
    try {
      await service.renewal.start();
      await service.told('issued');
      const [pair] = service.installed;
      assert.ok(pair);
      assert.equal(new X509Certificate(pair.cert).publicKey.asymmetricKeyType, 'rsa');
      assert.equal(await verdict(pair, String(wanted), 'chain.usta.test'), 'trusted');
      assert.notEqual(await verdict(pair, roots[0] ?? '', 'chain.usta.test'), 'trusted');
    } finally {
      await service.renewal.stop();
      await close();
    }
  });

  it("are not asked for when the authority's own https is not vouched for", async () => {
    const { directoryRoot: _, ...options } = optionsFor();
    const service = new TestService(options);
    await service.renewal.start();
    const { text } = await service.told('failed');
    await service.renewal.stop();
    assert.match(text, /cannot be reached: self-signed certificate; give directoryRoot/);
  });
});

describe("certificates from Debian's pebble, with accounts of its website only", () => {
  const hmacKey = 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W';
  let pebble: Pebble;
  before(async () => {
    ensure('pebble');
    pebble = await startPebble({ externalAccounts: { 'kid-1': hmacKey } });
  });
  after(() => pebble?.stop());

  const optionsFor = (store: string): AcmeOptions => ({
    domains: ['bound.usta.test'],
    agree: true,
    directory: pebble.directory,
    directoryRoot: pebble.directoryRoot,
    storage: join(pebble.folder, store),
  });

  it('RFC 8555 §7.3.4 are issued to an account that is bound to one of them', async () => {
    const externalAccountBinding = { keyId: 'kid-1', hmacKey };
    const service = new TestService({ ...optionsFor('bound'), externalAccountBinding });
    const close = await serveAnswers(pebble, service.answers);
    try {
      await service.renewal.start();
      await service.told('issued');
    } finally {
      await service.renewal.stop();
      await close();
    }
  });

  it('are refused without one, and with a wrong key of one', async () => {
    const without = new TestService(optionsFor('without'));
    await without.renewal.start();
    assert.match(
      (await without.told('failed')).text,
      /wants an external account; give externalAccountBinding/,
    );
    await without.renewal.stop();

    const externalAccountBinding = { keyId: 'kid-1', hmacKey: hmacKey.replace('z', 'y') };
    const wrong = new TestService({ ...optionsFor('wrong'), externalAccountBinding });
    await wrong.renewal.start();
    assert.match((await wrong.told('failed')).text, /refused \((unauthorized|malformed|badSignature)/);
    await wrong.renewal.stop();
    assert.equal(wrong.installed.length, 0);
  });
});

/** Serves the pair and connects as a client that trusts `ca` alone. */
async function verdict(pair: { cert: string; key: string }, ca: string, servername: string): Promise<string> {
  const server = createServer({ cert: pair.cert, key: pair.key }).on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const client = connect({ host: '127.0.0.1', port, ca, servername });
  const result = await new Promise<string>((resolve) => {
    client.once('secureConnect', () => resolve('trusted'));
    client.once('error', (error: NodeJS.ErrnoException) => resolve(`${error.code}`));
  });
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
  return result;
}
