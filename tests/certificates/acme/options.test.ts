import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { describe, it } from 'node:test';
import { type AcmeOptions, acmeSettings } from '../../../src/certificates/acme/options.ts';
import { testCertificate } from '../../fixtures/certificate.ts';

const GOOD: AcmeOptions = { domains: ['shop.usta.dev'], agree: true };

function refused(more: object, code: string, text: RegExp): void {
  assert.throws(
    () => acmeSettings({ ...GOOD, ...more } as AcmeOptions),
    (error: Error & { code?: string }) => {
      assert.equal(error.code, code);
      assert.match(error.message, text);
      assert.doesNotMatch(error.message, /\n/);
      return true;
    },
  );
}

describe('acme options', () => {
  it("have defaults: Let's Encrypt, ECDSA, both kinds of proof", () => {
    const settings = acmeSettings(GOOD);
    assert.equal(settings.directory, 'https://acme-v02.api.letsencrypt.org/directory');
    assert.equal(settings.keyType, 'ecdsa');
    assert.deepEqual(settings.challenges, ['tls-alpn-01', 'http-01']);
    assert.match(settings.storage, /usta\/acme$/);
    assert.match(
      acmeSettings({ ...GOOD, directory: 'staging' }).directory,
      /^https:\/\/acme-staging-v02\.api\.letsencrypt\.org/,
    );
  });

  it('RFC 8555 §7.3 need the person to agree to the terms, and say where they are', () => {
    for (const agree of [undefined, false, 'yes']) {
      refused({ agree }, 'E_ACME_AGREE', /letsencrypt\.org\/repository.*set agree: true/);
    }
    refused({ agree: false, directory: 'https://ca.usta.dev/dir' }, 'E_ACME_AGREE', /of ca\.usta\.dev/);
  });

  it('take names as people write them, each once', () => {
    const domains = ['Shop.Usta.Dev', 'shop.usta.dev.', 'çay.usta.dev'];
    assert.deepEqual(acmeSettings({ ...GOOD, domains }).domains, ['shop.usta.dev', 'xn--ay-3ia.usta.dev']);
  });

  it('refuse what no certificate can be gotten for, each with its reason', () => {
    const cases: Readonly<Record<string, RegExp>> = {
      '*.usta.dev': /proof by DNS.*name each host/,
      '192.0.2.1': /is an address/,
      '2001:db8::1': /is an address/,
      localhost: /not a public name.*usta cert dev/,
      'nas.local': /usta cert dev/,
      intranet: /usta cert dev/,
      'a b.dev': /no host name/,
      '-a.dev': /no host name/,
      '': /no host name/,
      'a/../../b.dev': /no host name/,
      [`${'a'.repeat(64)}.dev`]: /no host name/,
    };
    for (const [domain, why] of Object.entries(cases)) refused({ domains: [domain] }, 'E_ACME_DOMAIN', why);
    for (const domains of [[], undefined, 'shop.usta.dev'])
      refused({ domains }, 'E_ACME_DOMAIN', /at least one/);
    const many = Array.from({ length: 101 }, (_, index) => `a${index}.usta.dev`);
    refused({ domains: many }, 'E_ACME_DOMAIN', /101 names are too many/);
  });

  it('take private names for a directory of your own', () => {
    const own = {
      ...GOOD,
      directory: 'https://ca.corp.internal/acme',
      domains: ['git.corp.internal', 'git'],
    };
    assert.deepEqual(acmeSettings(own).domains, ['git.corp.internal', 'git']);
  });

  it('take a directory over https, over http on this machine alone', () => {
    for (const directory of ['http://localhost:14000/dir', 'http://127.0.0.1/dir', 'http://[::1]:1/dir']) {
      assert.equal(acmeSettings({ ...GOOD, directory }).directory, directory);
    }
    const unfit = [
      'http://ca.usta.dev/dir',
      'prod',
      'ftp://ca/dir',
      'https://me:secret@ca.usta.dev/',
      'http://127.0.0.1.evil.dev/',
    ];
    for (const directory of unfit)
      refused({ directory }, 'E_ACME_DIRECTORY', /'production', 'staging' or an https URL/);
  });

  it('take the root of the directory as text or as a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'usta-acme-options-'));
    const { cert } = await testCertificate();
    await writeFile(join(folder, 'root.pem'), cert);
    await writeFile(join(folder, 'empty.pem'), '');
    assert.equal(acmeSettings({ ...GOOD, directoryRoot: cert }).directoryRoot, cert);
    assert.equal(acmeSettings({ ...GOOD, directoryRoot: join(folder, 'root.pem') }).directoryRoot, cert);
    refused(
      { directoryRoot: join(folder, 'none.pem') },
      'E_ACME_DIRECTORY_ROOT',
      /none\.pem cannot be read \(ENOENT\)/,
    );
    refused({ directoryRoot: join(folder, 'empty.pem') }, 'E_ACME_DIRECTORY_ROOT', /holds no certificate/);
    await rm(folder, { recursive: true });
  });

  it('RFC 8555 §7.3.4 take an external account, its key in either base64, and never print it', () => {
    const binding = { keyId: 'kid', hmacKey: 'abc+def/ghi0123456789==' };
    assert.deepEqual(acmeSettings({ ...GOOD, externalAccountBinding: binding }).externalAccountBinding, {
      keyId: 'kid',
      hmacKey: 'abc-def_ghi0123456789',
    });
    for (const unfit of [
      {},
      { keyId: 'kid' },
      { keyId: 'kid', hmacKey: 'short' },
      { keyId: '', hmacKey: binding.hmacKey },
    ]) {
      refused(
        { externalAccountBinding: unfit },
        'E_ACME_EXTERNAL_ACCOUNT',
        /^acme\.externalAccountBinding: give keyId and hmacKey \(base64url\) as the authority's website shows them$/,
      );
    }
  });

  it('take one kind of proof or several in order', () => {
    assert.deepEqual(acmeSettings({ ...GOOD, challenge: 'http-01' }).challenges, ['http-01']);
    assert.deepEqual(acmeSettings({ ...GOOD, challenge: ['http-01', 'tls-alpn-01', 'http-01'] }).challenges, [
      'http-01',
      'tls-alpn-01',
    ]);
    for (const challenge of ['dns-01', []])
      refused({ challenge }, 'E_ACME_CHALLENGE', /there are 'tls-alpn-01' and 'http-01'/);
  });

  it('refuse an address that is none, a key that is none, and words that are not there', () => {
    for (const email of ['me', 'me@usta.dev,you@usta.dev', 'me@usta.dev?cc=x', 'mailto:me@usta.dev\n']) {
      refused({ email }, 'E_ACME_EMAIL', /no plain address/);
    }
    refused({ keyType: 'dsa' }, 'E_ACME_KEY_TYPE', /'ecdsa' or 'rsa'/);
    refused({ alarmDays: 0 }, 'E_ACME_ALARM_DAYS', /above 0/);
    refused({ domain: 'shop.usta.dev' }, 'E_ACME_OPTION', /acme\.domain: .*do you mean domains\?/);
    refused({ zebra: 1 }, 'E_ACME_OPTION', /there is no such option$/);
  });

  it('store where USTA_ACME_DIRECTORY says, unless they name a folder themselves', () => {
    const { USTA_ACME_DIRECTORY: before } = process.env;
    process.env.USTA_ACME_DIRECTORY = '/var/lib/elsewhere';
    try {
      assert.equal(acmeSettings(GOOD).storage, '/var/lib/elsewhere');
      assert.equal(acmeSettings({ ...GOOD, storage: '/srv/acme' }).storage, '/srv/acme');
    } finally {
      if (before === undefined) delete process.env.USTA_ACME_DIRECTORY;
      else process.env.USTA_ACME_DIRECTORY = before;
    }
  });
});
