import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { checkCertificate } from '../../src/certificates/check.ts';
import { loadCertificate } from '../../src/certificates/load.ts';
import { pairFor } from '../../src/certificates/server-names.ts';
import type { SslOptions } from '../../src/certificates/ssl-options.ts';
import { type Made, make } from '../fixtures/pki.ts';

const directory = mkdtempSync(join(tmpdir(), 'usta-sni-'));
after(() => rmSync(directory, { recursive: true }));

const root = make({ name: 'Root', authority: true, to: 900 });
const leaf = (name: string, names: readonly string[] = [name], to = 60): Made =>
  make({ name, names, by: root, to });
const own = leaf('own.com');
const domain = leaf('domain.com');
const wild = leaf('wild', ['*.wild.com']);
const context = { roots: [root.cert], directory };
const options = (SNI_server_certs: NonNullable<SslOptions['SNI_server_certs']>): SslOptions => ({
  cert: own.cert,
  key: own.key,
  SNI_server_certs,
});

function folder(name: string, { cert, key }: Made): void {
  mkdirSync(join(directory, 'live', name), { recursive: true });
  writeFileSync(join(directory, 'live', name, 'fullchain.pem'), cert);
  writeFileSync(join(directory, 'live', name, 'privkey.pem'), key, { mode: 0o600 });
}

describe('SNI_server_certs as a table', () => {
  const combined = join(directory, 'combined.pem');
  writeFileSync(combined, domain.key + domain.cert, { mode: 0o600 });
  const table = { 'Domain.com': combined, '*.wild.com': { local_cert: wild.cert, local_pk: wild.key } };

  it('gives each name its pair, in any case, a wildcard for one label, and nobody else', () => {
    const { byName, warnings } = loadCertificate(options(table), context);
    assert.deepEqual(warnings, []);
    assert.equal(pairFor(byName, 'DOMAIN.com')?.cert, domain.cert);
    assert.equal(pairFor(byName, 'domain.com.')?.key, domain.key);
    assert.equal(pairFor(byName, 'a.wild.com')?.cert, wild.cert);
    for (const name of ['wild.com', 'a.b.wild.com', 'x.domain.com', '', '.', '.wild', 'own.com']) {
      assert.equal(pairFor(byName, name), undefined, name);
    }
  });

  it('is left unused with SNI_enabled: false', () => {
    const given = { ...options({ 'domain.com': 'nowhere.pem' }), SNI_enabled: false };
    assert.equal(loadCertificate(given, context).byName.size, 0);
  });

  it('is checked as the certificate for everybody is, and says which of them', () => {
    const wrong = options({ 'other.com': { local_cert: domain.cert, local_pk: domain.key } });
    assert.match(
      loadCertificate(wrong, context).warnings.join(),
      /SNI_server_certs\['other\.com'\]\.local_cert: .* is not for "other\.com", but for domain\.com/,
    );
    const mixed = options({ 'domain.com': { local_cert: domain.cert, local_pk: wild.key } });
    assert.throws(() => loadCertificate(mixed, context), {
      code: 'E_SSL_KEY',
      message: /SNI_server_certs\['domain\.com'\]\.local_pk: the PEM text is not the key of/,
    });
  });
});

describe('SNI_server_certs as a folder', () => {
  folder('domain.com', domain);
  folder('wild', wild);
  mkdirSync(join(directory, 'live', 'without'));
  writeFileSync(join(directory, 'live', 'README'), 'a note');

  it('gives each pair the names in it; what is no pair is passed over', () => {
    const { byName } = loadCertificate(options('live'), context);
    assert.deepEqual([...byName.keys()], ['domain.com', '*.wild.com']);
  });

  it('takes of two pairs for one name that whose folder is called so, else the longer-lived', () => {
    const both = leaf('both', ['both.com', 'shared.com'], 30);
    const shared = leaf('shared', ['both.com', 'shared.com'], 50);
    folder('both.com', both);
    folder('shared-0001', shared);
    const { byName } = loadCertificate(options('live'), context);
    assert.equal(byName.get('both.com')?.cert, both.cert);
    assert.equal(byName.get('shared.com')?.cert, shared.cert);
  });

  it('stops at a pair that is half there, and at a folder without any', () => {
    folder('half.com', { ...leaf('half.com'), key: wild.key });
    assert.throws(() => loadCertificate(options('live'), context), {
      message: /half\.com\/privkey\.pem is not the key of/,
    });
    const { findings } = checkCertificate(options('live/without'), context);
    assert.deepEqual([findings[0]?.code, findings[0]?.stops], ['empty', true]);
  });
});
