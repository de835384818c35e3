import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { chromium } from 'playwright-core';
import { examineChain } from '../../src/certificates/chain.ts';
import { developmentCertificate } from '../../src/certificates/development.ts';
import { type Made, make, rsaKey, tree } from '../fixtures/pki.ts';
import { ensure } from './debian.ts';

const BUNDLE = '/etc/ssl/certs/ca-certificates.crt';
const directory = mkdtempSync(join(tmpdir(), 'usta-cert-'));
before(() => ensure('chromium', 'libnss3-tools', 'ca-certificates', 'openssl'));
after(() => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));

describe('openssl agrees', () => {
  const { root, upper, lower, leaf } = tree(['shop.example', '*.shop.example', '10.1.2.3']);
  const leafWith = (wishes: Partial<Parameters<typeof make>[0]>): Made =>
    make({ name: 'shop.example', by: lower, ...wishes });
  const stranger = tree();
  const chains: Record<string, readonly Made[]> = {
    complete: [leaf, lower, upper],
    'complete with the root': [leaf, lower, upper, root],
    'leaf only': [leaf],
    'one intermediate missing': [leaf, lower],
    'wrong order': [leaf, upper, lower],
    expired: [leafWith({ from: -20, to: -1 }), lower, upper],
    'not yet valid': [leafWith({ from: 1 }), lower, upper],
    'self-signed': [make({ name: 'shop.example' })],
    'of a strange authority': [stranger.leaf, stranger.lower, stranger.upper, stranger.root],
    'short key': [leafWith({ privateKey: rsaKey(1024) }), lower, upper],
    'signed by SHA-1': [leafWith({ hash: 'sha1' }), lower, upper],
    'for clients only': [leafWith({ purposes: ['1.3.6.1.5.5.7.3.2'] }), lower, upper],
    'for servers only': [leafWith({ purposes: ['1.3.6.1.5.5.7.3.1'] }), lower, upper],
    'below a leaf': [make({ name: 'shop.example', by: leaf }), leaf, lower, upper],
  };
  for (const [what, chain] of Object.entries(chains)) {
    it(`on a chain that is ${what}`, () => {
      const found = examineChain(
        chain.map(({ der }) => der),
        { roots: [root.cert] },
      );
      // OpenSSL has no word against the order, nor against what is only rare.
      const faults = found.filter(({ severity }) => severity === 'fault').map(({ code }) => code);
      const { status, stderr } = verify(chain, root);
      assert.equal(status === 0, faults.length === 0, `we: ${faults}; openssl: ${stderr}`);
    });
  }

  for (const name of [
    'shop.example',
    'a.shop.example',
    'a.b.shop.example',
    'example',
    'other.example',
    '*.shop.example',
  ]) {
    it(`on the name ${name}`, () => {
      const ours = examineChain(
        [leaf, lower, upper].map(({ der }) => der),
        { roots: [root.cert], names: [name] },
      );
      const { output } = x509(leaf, '-checkhost', name);
      assert.equal(ours.length === 0, !output.includes('does NOT match'), output);
    });
  }
  for (const address of ['10.1.2.3', '10.1.2.4']) {
    it(`on the address ${address}`, () => {
      const ours = examineChain(
        [leaf, lower, upper].map(({ der }) => der),
        { roots: [root.cert], names: [address] },
      );
      const { output } = x509(leaf, '-checkip', address);
      assert.equal(ours.length === 0, !output.includes('does NOT match'), output);
    });
  }
  for (const days of [-2, 30, 39, 41, 70]) {
    it(`on what is left of it ${days} days from now`, () => {
      const now = new Date(Date.now() + days * 86_400_000);
      const ours = examineChain(
        [leaf, lower, upper].map(({ der }) => der),
        { roots: [root.cert], now },
      );
      const { status } = x509(leaf, '-checkend', String((days + 21) * 86_400));
      const ends = ours.some(({ code }) => code === 'expires-soon' || code === 'expired');
      assert.equal(ends, status !== 0);
    });
  }
});

describe('usta cert dev --install', () => {
  const home = join(directory, 'home');
  const usta = (...words: string[]): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, ['--input-type=module', '-e', runner(words)], {
      encoding: 'utf8',
      env: { ...process.env, HOME: home, XDG_DATA_HOME: '', USTA_CA_DIRECTORY: '' },
      cwd: directory,
    });
  const caDirectory = join(home, '.local', 'share', 'usta', 'ca');
  const systemFiles = (): string[] => readdirSync('/usr/local/share/ca-certificates').sort();
  const links = (): string[] => readdirSync('/etc/ssl/certs').sort();
  const was = { files: [] as string[], links: [] as string[], bundle: '' };

  before(() => {
    was.files = systemFiles();
    was.links = links();
    was.bundle = readFileSync(BUNDLE, 'utf8');
    mkdirSync(home);
  });
  after(() => usta('cert', 'dev', '--remove'));

  it('says how it is trusted and changes nothing unless asked', () => {
    const { status, stdout } = usta('cert', 'dev', 'shop.local');
    assert.equal(status, 0);
    for (const where of ['Linux', 'macOS', 'Windows', 'Firefox', 'Android', 'iOS'])
      assert.ok(stdout.includes(where), where);
    assert.equal(existsSync(join(home, '.pki')), false);
    assert.deepEqual(systemFiles(), was.files);
  });

  it('installs it in both places, once', () => {
    const first = usta('cert', 'dev', '--install');
    assert.equal(first.status, 0, first.stderr);
    assert.equal(first.stdout.match(/: installed$/gm)?.length, 2, first.stdout);
    const second = usta('cert', 'dev', '--install');
    assert.equal(second.stdout.match(/: was installed$/gm)?.length, 2, second.stdout);
    assert.equal(systemFiles().length, was.files.length + 1);
  });

  it('has Chromium trust it, in a fresh home, with no error ignored', async () => {
    const { cert, key } = await developmentCertificate({ directory: caDirectory });
    const server = createServer({ cert, key }, (_request, response) => response.end('served'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const context = await chromium.launchPersistentContext(join(home, 'profile'), {
      executablePath: '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
      env: { ...process.env, HOME: home } as Record<string, string>,
    });
    try {
      const page = await context.newPage();
      const answer = await page.goto(`https://localhost:${(server.address() as AddressInfo).port}/`);
      assert.equal(await answer?.text(), 'served');
    } finally {
      await context.close();
      server.close().closeAllConnections();
    }
  });

  it('has openssl trust it by the store of the system', async () => {
    const { cert } = await developmentCertificate({ directory: caDirectory });
    const file = join(directory, 'dev.pem');
    writeFileSync(file, cert);
    assert.match(execFileSync('openssl', ['verify', file], { encoding: 'utf8' }), /: OK/);
  });

  it('leaves with --remove what it found, and what is not its own', () => {
    const database = `sql:${join(home, '.pki', 'nssdb')}`;
    const other = join(directory, 'other.pem');
    writeFileSync(other, make({ name: 'Other', authority: true }).cert);
    execFileSync('certutil', [
      '-d',
      database,
      '-A',
      '-t',
      'C,,',
      '-n',
      'usta development CA of others',
      '-i',
      other,
    ]);
    const { status, stdout } = usta('cert', 'dev', '--remove');
    assert.equal(status, 0);
    assert.equal(stdout.match(/: removed$/gm)?.length, 2, stdout);
    const left = execFileSync('certutil', ['-d', database, '-L'], { encoding: 'utf8' });
    assert.deepEqual(left.match(/usta.*?(?=\s{2,})/g), ['usta development CA of others']);
    assert.deepEqual(systemFiles(), was.files);
    assert.deepEqual(links(), was.links);
    assert.equal(readFileSync(BUNDLE, 'utf8'), was.bundle);
    assert.equal(existsSync(join(caDirectory, 'authority-1.pem')), true);
    assert.equal(usta('cert', 'dev', '--remove').stdout.match(/: was not there$/gm)?.length, 2);
  });
});

function verify(chain: readonly Made[], root: Made): { status: number | null; stderr: string } {
  const [leaf, ...others] = chain;
  const files = {
    root: join(directory, 'root.pem'),
    leaf: join(directory, 'leaf.pem'),
    chain: join(directory, 'chain.pem'),
  };
  writeFileSync(files.root, root.cert);
  writeFileSync(files.leaf, leaf?.cert ?? '');
  writeFileSync(files.chain, others.map(({ cert }) => cert).join(''));
  const untrusted = others.length > 0 ? ['-untrusted', files.chain] : [];
  const words = [
    'verify',
    '-no-CApath',
    '-no-CAstore',
    '-CAfile',
    files.root,
    '-purpose',
    'sslserver',
    '-auth_level',
    '2',
  ];
  return spawnSync('openssl', [...words, ...untrusted, files.leaf], { encoding: 'utf8' });
}

function x509(leaf: Made, ...words: string[]): { status: number | null; output: string } {
  const { status, stdout } = spawnSync('openssl', ['x509', '-noout', ...words], {
    input: leaf.cert,
    encoding: 'utf8',
  });
  return { status, output: stdout };
}

/** The command as `usta` runs it. */
function runner(words: readonly string[]): string {
  const at = (path: string): string => new URL(`../../src/${path}`, import.meta.url).href;
  return `
    import { obey } from '${at('cli/obey.js')}';
    import { processTerminal } from '${at('cli/terminal.js')}';
    import { certificateCommand } from '${at('commands/certificate.js')}';
    process.exitCode = await obey([certificateCommand], ${JSON.stringify(words)}, processTerminal());
  `;
}
