import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, describe, it } from 'node:test';
import { make, tree } from '../fixtures/pki.ts';
import { Ear, runCertificateCommand } from './terminal-ear.ts';

const directory = mkdtempSync(join(tmpdir(), 'usta-command-'));
process.env.USTA_CA_DIRECTORY = join(directory, 'ca');
after(() => rmSync(directory, { recursive: true }));

const { root, upper, lower, leaf } = tree(['domain.com', '10.1.2.3']);
const file = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text, { mode: 0o600 });
  return join(directory, name);
};
const full = file('full.pem', leaf.cert + lower.cert + upper.cert);
const key = file('full.key', leaf.key);
const trusted = file('root.pem', root.cert);

async function usta(...words: string[]): Promise<{ code: number; text: string }> {
  const ear = new Ear();
  return { code: await runCertificateCommand(words, ear), text: ear.text };
}

describe('usta cert check', () => {
  it('says nothing but that it can be served, exit code 0', async () => {
    const { code, text } = await usta(
      'check',
      full,
      '--key',
      key,
      '--name',
      'domain.com',
      '--name',
      '10.1.2.3',
      '--root',
      trusted,
    );
    assert.equal(code, 0);
    assert.equal(text, `✓ ${full}: domain.com and its key can be served\n`);
  });

  it('wants no key for a certificate alone, and never a passphrase', async () => {
    assert.equal((await usta('check', full, '--root', trusted)).code, 0);
    const cipher = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' } as const;
    const encrypted = file('encrypted.key', String(leaf.privateKey.export(cipher)));
    const words = ['check', full, '--root', trusted, '--key', encrypted];
    assert.match(
      (await usta(...words)).text,
      /^✗ .*encrypted\.key is encrypted and there is no passphrase\n {2}→ set ssl\.passphrase/,
    );
    assert.equal((await usta(...words, '--passphrase-file', file('passphrase', 'secret\n'))).code, 0);
  });

  it('prints each finding with its remedy, exit code 1 on a fault and 0 on a warning', async () => {
    const bad = await usta(
      'check',
      file('leaf.pem', leaf.cert),
      '--name',
      'a.com',
      '--name',
      'b.com',
      '--root',
      trusted,
    );
    assert.equal(bad.code, 1);
    assert.equal(bad.text.match(/^✗ /gm)?.length, 3);
    assert.equal(bad.text.match(/^ {2}→ /gm)?.length, 3);
    const soon = make({ name: 'soon.com', by: lower, to: 5 });
    const warned = await usta(
      'check',
      file('soon.pem', soon.cert + lower.cert + upper.cert),
      '--root',
      trusted,
    );
    assert.equal(warned.code, 0);
    assert.match(
      warned.text,
      /^! .* expires on .*\n {2}→ renew it.*\n✓ .*soon\.pem: soon\.com can be served\n$/,
    );
  });
});

describe('usta cert show', () => {
  it('shows who it is for, how long, its key, and the chain as a tree', async () => {
    const { code, text } = await usta('show', full, '--root', trusted);
    assert.equal(code, 0);
    assert.match(text, /^subject {2}domain\.com\nnames {4}domain\.com, 10\.1\.2\.3\nissuer {3}Test Lower\n/);
    assert.match(text, /^valid {4}\d{4}-\d\d-\d\d \d\d:\d\d UTC to .* UTC, 59 days left$/m);
    assert.match(text, /^key {6}EC prime256v1$/m);
    const tree =
      'chain    Test Root (trusted)\n         └─ Test Upper\n            └─ Test Lower\n               └─ domain.com\n';
    assert.ok(text.endsWith(tree), text);
  });

  it('shows what is missing, what signs itself, and what has ended', async () => {
    assert.match(
      (await usta('show', file('leaf.pem', leaf.cert))).text,
      /^chain {4}Test Lower \(missing\)\n {9}└─ domain\.com$/m,
    );
    const own = make({ name: 'own.com', from: -9, to: -2.5 });
    const { text } = await usta('show', file('own.pem', own.cert));
    assert.match(text, /^issuer {3}itself$/m);
    assert.match(text, /, ended 2 days ago$/m);
    assert.match(text, /^chain {4}own\.com$/m);
  });

  it('needs a certificate, exit code 1', async () => {
    const { code, text } = await usta('show', key);
    assert.equal(code, 1);
    assert.match(text, /^✗ .*full\.key holds a private key, no certificate in PEM form/);
  });
});

describe('usta cert dev', () => {
  it('makes the CA once and a certificate for these names, and says how to trust it', async () => {
    const first = await usta('dev', 'shop.local');
    assert.equal(first.code, 0);
    assert.match(first.text, /^certificate {2}.*leaf\.pem \(made now: first start\)$/m);
    assert.match(first.text, /^names .*shop\.local/m);
    assert.match(first.text, /developmentCertificate\(\{ names: \['shop\.local'\] \}\)/);
    for (const where of ['Linux', 'macOS', 'Windows', 'Firefox', 'Android', 'iOS'])
      assert.match(first.text, new RegExp(`^ {2}${where} `, 'm'));
    assert.doesNotMatch((await usta('dev', 'shop.local')).text, /made now/);
  });

  it('vouches for local names only, exit code 2', async () => {
    const { code, text } = await usta('dev', 'domain.com');
    assert.equal(code, 2);
    assert.match(text, /cannot vouch for "domain\.com"/);
  });

  it('makes no CA only to remove it', async () => {
    process.env.USTA_CA_DIRECTORY = join(directory, 'none');
    const { code, text } = await usta('dev', '--remove');
    process.env.USTA_CA_DIRECTORY = join(directory, 'ca');
    assert.equal(code, 0);
    assert.match(text, /nothing to remove/);
    assert.equal(existsSync(join(directory, 'none')), false);
  });
});

describe('usta cert, typed wrong', () => {
  const wrongs: [string[], RegExp][] = [
    [['chek', 'x'], /did you mean usta cert check\?/],
    [['constructor'], /has no word "constructor"/],
    [['check'], /one file is wanted; usage: usta cert check FILE/],
    [['check', 'a', 'b'], /one file is wanted/],
    [['show', full, '--key', key], /usta cert show has no option --key/],
    [['check', full, '--install'], /usta cert check has no option --install/],
    [['dev', '--install', '--remove'], /against each other/],
    [['dev', 'x.local', '--remove'], /takes no names/],
    [['check', full, '--passphrase-file', 'nowhere'], /--passphrase-file: nowhere cannot be read/],
  ];
  for (const [words, says] of wrongs) {
    it(`${words.join(' ').replaceAll(directory, '…')}: exit code 2`, async () => {
      const { code, text } = await usta(...words);
      assert.equal(code, 2);
      assert.match(text, says);
    });
  }
});
