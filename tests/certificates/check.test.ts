import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, describe, it } from 'node:test';
import { createSecureContext } from 'node:tls';
import { type CertificateReport, checkCertificate } from '../../src/certificates/check.ts';
import { loadCertificate } from '../../src/certificates/load.ts';
import type { SslOptions } from '../../src/certificates/ssl-options.ts';
import { UsageError } from '../../src/errors.ts';
import { type Made, make, rsaKey, tree } from '../fixtures/pki.ts';
import { Ear, runCertificateCommand } from './terminal-ear.ts';

const directory = mkdtempSync(join(tmpdir(), 'usta-check-'));
after(() => rmSync(directory, { recursive: true }));

const { root, upper, lower, leaf } = tree(['domain.com', 'www.domain.com']);
const other = make({ name: 'other.example' });
const roots = [root.cert];
const context = { roots, directory };

/** Writes a file that only its owner may read. @returns its name. */
function file(name: string, content: string | Buffer, mode = 0o600): string {
  writeFileSync(join(directory, name), content, { mode });
  chmodSync(join(directory, name), mode);
  return name;
}

const chain = (...parts: readonly Made[]): string => parts.map(({ cert }) => cert).join('');
const full = file('full.pem', chain(leaf, lower, upper));
const key = file('server.key', leaf.key);
const encrypted = file(
  'encrypted.key',
  String(
    leaf.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' }),
  ),
);
const traditional = file(
  'traditional.key',
  String(
    leaf.privateKey.export({ type: 'sec1', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' }),
  ),
);
file('root.pem', root.cert);
const served = (made: Made): SslOptions => ({
  local_cert: file('made.pem', chain(made, lower, upper)),
  local_pk: file('made.key', made.key),
});
const under = (wishes: Partial<Parameters<typeof make>[0]>): SslOptions =>
  served(make({ name: 'domain.com', by: lower, ...wishes }));

interface Row {
  readonly options: () => SslOptions;
  readonly names?: readonly string[];
  /** All codes, the worst first. */
  readonly codes: readonly string[];
  readonly says: RegExp;
  readonly mend: RegExp;
  /** The file was named by its whole path: there is nothing more to say. */
  readonly mendAtStartOnly?: true;
  /** TLS cannot be spoken: the start ends with this code. */
  readonly stops?: string | undefined;
}

/** What OpenSSL will not serve at all depends on its version and how it was built. */
const REFUSES = {
  short: refused(make({ name: 'k', by: lower, privateKey: rsaKey(1024) })),
  sha1: refused(make({ name: 'k', by: lower, hash: 'sha1' })),
};

/** The set-ups of which the original says nothing at start, and what is said here. */
const TABLE: Readonly<Record<string, Row>> = {
  'the chain is missing': {
    options: () => ({ local_cert: file('leaf.pem', leaf.cert), local_pk: key }),
    codes: ['incomplete'],
    says: /leaf\.pem: the chain is incomplete: after "domain\.com" the certificate of "Test Lower" is missing/,
    mend: /append it .*http:\/\/ca\.example\/lower\.crt.*fullchain\.pem/,
  },
  'it is expired': {
    options: () => under({ from: -30, to: -2.5 }),
    codes: ['expired'],
    says: /made\.pem: the certificate of "domain\.com" has expired on \d{4}-\d\d-\d\dT.*, 2 days ago/,
    mend: /renew it/,
  },
  'it is not valid yet': {
    options: () => under({ from: 2 }),
    codes: ['not-yet-valid'],
    says: /is not valid before \d{4}-/,
    mend: /clock/,
  },
  'it expires soon': {
    options: () => under({ to: 20.5 }),
    codes: ['expires-soon'],
    says: /expires on .* in 20 days/,
    mend: /renew it/,
  },
  'it is for another name': {
    options: () => ({ local_cert: full, local_pk: key }),
    names: ['shop.com'],
    codes: ['wrong-name'],
    says: /full\.pem: the certificate is not for "shop\.com", but for domain\.com, www\.domain\.com/,
    mend: /use a name that is in it/,
  },
  'it signs itself': {
    options: () => ({
      local_cert: file('own.pem', other.cert),
      local_pk: file('own.key', other.key),
      allow_self_signed: true,
    }),
    codes: ['self-signed'],
    says: /"other\.example" signs itself, and no client trusts it unasked/,
    mend: /usta cert dev/,
  },
  'the key is of another certificate': {
    options: () => ({ local_cert: full, local_pk: file('own.key', other.key) }),
    codes: ['key-mismatch'],
    says: /own\.key is not the key of .*full\.pem/,
    mend: /give the key that the certificate was made for/,
    stops: 'E_SSL_KEY',
  },
  'the key is missing': {
    options: () => ({ local_cert: full, local_pk: 'servr.key' }),
    codes: ['file-missing'],
    says: /servr\.key does not exist/,
    mend: /did you mean server\.key\?/,
    stops: 'E_SSL_FILE',
  },
  'the certificate is missing': {
    options: () => ({ local_cert: 'nowhere/x.pem', local_pk: key }),
    codes: ['file-missing'],
    says: /nowhere\/x\.pem does not exist/,
    mend: /a relative name is relative to /,
    mendAtStartOnly: true,
    stops: 'E_SSL_FILE',
  },
  'the key is encrypted and there is no passphrase': {
    options: () => ({ local_cert: full, local_pk: encrypted }),
    codes: ['key-encrypted'],
    says: /encrypted\.key is encrypted and there is no passphrase/,
    mend: /set ssl\.passphrase, or .*openssl pkey -in/,
    stops: 'E_SSL_KEY',
  },
  'the key is encrypted in the old form and there is no passphrase': {
    options: () => ({ local_cert: full, local_pk: traditional }),
    codes: ['key-encrypted'],
    says: /traditional\.key is encrypted/,
    mend: /set ssl\.passphrase/,
    stops: 'E_SSL_KEY',
  },
  'the key is encrypted with another passphrase': {
    options: () => ({ local_cert: full, local_pk: encrypted, passphrase: 'wrong' }),
    codes: ['wrong-passphrase'],
    says: /encrypted\.key is encrypted and the passphrase is wrong/,
    mend: /correct ssl\.passphrase/,
    stops: 'E_SSL_KEY',
  },
  'it is no certificate': {
    options: () => ({ local_cert: file('note.pem', 'a note\n'), local_pk: key }),
    codes: ['not-pem'],
    says: /note\.pem holds something else, no certificate in PEM form/,
    mend: /-----BEGIN CERTIFICATE-----/,
    stops: 'E_SSL_CERTIFICATE',
  },
  'the certificates are in the wrong order': {
    options: () => ({ local_cert: file('order.pem', chain(leaf, upper, lower)), local_pk: key }),
    codes: ['wrong-order'],
    says: /in the wrong order: domain\.com → Test Upper → Test Lower/,
    mend: /your own first: domain\.com → Test Lower → Test Upper/,
  },
  'its own certificate is not the first': {
    options: () => ({ local_cert: file('order.pem', chain(lower, upper, leaf)), local_pk: key }),
    codes: ['wrong-order'],
    says: /wrong order: Test Lower → Test Upper → domain\.com/,
    mend: /your own first: domain\.com → Test Lower → Test Upper/,
    stops: 'E_SSL_CERTIFICATE',
  },
  'it is in DER form': {
    options: () => ({ local_cert: file('server.der', leaf.der), local_pk: key }),
    codes: ['der'],
    says: /server\.der is in DER form/,
    mend: /openssl x509 -inform der -in .*server\.der/,
    stops: 'E_SSL_CERTIFICATE',
  },
  'the key is in DER form': {
    options: () => ({
      local_cert: full,
      local_pk: file('key.der', leaf.privateKey.export({ type: 'pkcs8', format: 'der' })),
    }),
    codes: ['der'],
    says: /key\.der is in DER form/,
    mend: /openssl pkey -inform der/,
    stops: 'E_SSL_CERTIFICATE',
  },
  'it is an archive': {
    options: () => ({ local_cert: file('server.p12', archive()) }),
    codes: ['pkcs12'],
    says: /server\.p12 is an archive in PKCS #12 form/,
    mend: /openssl pkcs12 -in .*server\.p12 -out server\.pem -nodes/,
    stops: 'E_SSL_CERTIFICATE',
  },
  'it is a request': {
    options: () => ({
      local_cert: file('server.csr', leaf.cert.replaceAll(/CERTIFICATE/g, 'CERTIFICATE REQUEST')),
      local_pk: key,
    }),
    codes: ['not-pem'],
    says: /holds a certificate request, no certificate/,
    mend: /give the file with/,
    stops: 'E_SSL_CERTIFICATE',
  },
  'a certificate in it is damaged': {
    options: () => ({
      local_cert: file('bad.pem', leaf.cert + lower.cert.replace(/\n[^-]{64}\n/, '\n')),
      local_pk: key,
    }),
    codes: ['damaged'],
    says: /certificate 2 in it cannot be read/,
    mend: /copy it anew/,
    stops: 'E_SSL_CERTIFICATE',
  },
  'certificate and key are exchanged': {
    options: () => ({ local_cert: key, local_pk: full }),
    codes: ['swapped'],
    says: /server\.key holds a key, and .*full\.pem a certificate/,
    mend: /exchange/,
    stops: 'E_SSL_CERTIFICATE',
  },
  'the key file holds no key': {
    options: () => ({ local_cert: full, local_pk: file('empty.key', '') }),
    codes: ['no-key'],
    says: /empty\.key holds nothing, no private key/,
    mend: /-----BEGIN PRIVATE KEY-----/,
    stops: 'E_SSL_KEY',
  },
  'the key is damaged': {
    options: () => ({ local_cert: full, local_pk: file('bad.key', leaf.key.replace(/M[^-]{20}/, 'M')) }),
    codes: ['key-damaged'],
    says: /bad\.key: the key in it cannot be read/,
    mend: /copy it anew/,
    stops: 'E_SSL_KEY',
  },
  'it is a folder': {
    options: () => ({ local_cert: '.', local_pk: key }),
    codes: ['file-not-regular'],
    says: /is a folder/,
    mend: /name the file itself/,
    stops: 'E_SSL_FILE',
  },
  'it is a pipe, and nobody waits for it': {
    options: () => {
      rmSync(join(directory, 'pipe'), { force: true });
      execFileSync('mkfifo', [join(directory, 'pipe')]);
      return { local_cert: full, local_pk: 'pipe' };
    },
    codes: ['file-not-regular'],
    says: /pipe is a pipe/,
    mend: /name the file itself/,
    stops: 'E_SSL_FILE',
  },
  'it is too large to be one': {
    options: () => ({ local_cert: file('large.pem', Buffer.alloc(1_048_577, 'A')), local_pk: key }),
    codes: ['file-too-large'],
    says: /larger than 1 MiB/,
    mend: /name the right file/,
    stops: 'E_SSL_FILE',
  },
  'the key is short': {
    options: () => under({ privateKey: rsaKey(1024) }),
    codes: ['weak-key'],
    says: /the key of "domain\.com" is RSA 1024 bits: too short to be safe/,
    mend: /EC P-256 key, or RSA of 2048 bits/,
    stops: REFUSES.short ? 'E_SSL_CERTIFICATE' : undefined,
  },
  'the signature can be forged': {
    options: () => under({ hash: 'sha1' }),
    codes: ['weak-signature'],
    says: /signed by SHA-1 with ECDSA, which can be forged/,
    mend: /SHA-256/,
    stops: REFUSES.sha1 ? 'E_SSL_CERTIFICATE' : undefined,
  },
  'it is for clients': {
    options: () => under({ purposes: ['1.3.6.1.5.5.7.3.2'] }),
    codes: ['not-a-server-certificate'],
    says: /is not meant for servers/,
    mend: /server authentication/,
  },
  'everybody may read the key': {
    options: () => ({ local_cert: full, local_pk: file('open.key', leaf.key, 0o644) }),
    codes: ['key-open'],
    says: /open\.key can be read by everybody \(mode 0644\)/,
    mend: /chmod o-rwx .*open\.key/,
  },
};

describe('what is wrong with a certificate: wss-facts, each set-up of TLS in the server', () => {
  for (const [what, { options, names = [], codes, says, mend, mendAtStartOnly, stops }] of Object.entries(
    TABLE,
  )) {
    it(`${what}: said at start and by usta cert check, with what to do`, async () => {
      const given = options();
      const { findings } = checkCertificate(given, { ...context, names });
      assert.deepEqual(codesOf({ findings, chain: [] }), codes);
      assert.match(findings[0]?.cause ?? '', says);
      assert.match(findings[0]?.remedy ?? '', mend);
      for (const { cause, remedy } of findings) assert.doesNotMatch(cause + remedy, /\n|\{/);
      assert.equal(findings[0]?.stops, stops !== undefined);

      const load = (): unknown => loadCertificate({ ...given, names }, context);
      if (stops === undefined) {
        const { warnings } = loadCertificate({ ...given, names }, context);
        assert.match(warnings.join('\n'), says);
        assert.match(warnings.join('\n'), mend);
      } else {
        assert.throws(load, (error: unknown) => {
          assert.ok(error instanceof UsageError);
          assert.match(error.message, says);
          assert.match(error.message, mend);
          return error.code === stops;
        });
      }

      const ear = new Ear();
      const code = await runCertificateCommand(wordsFor(given, names), ear);
      assert.match(ear.text, says);
      if (!mendAtStartOnly) assert.match(ear.text, mend);
      assert.equal(code, findings.some(({ severity }) => severity === 'fault') ? 1 : 0);
    });
  }
});

describe('what is right', () => {
  const rights: Record<string, () => SslOptions> = {
    'certificate and key apart': () => ({ local_cert: full, local_pk: key }),
    "in Node's words": () => ({ cert: full, key }),
    'both in one file': () => ({ local_cert: file('both.pem', leaf.key + chain(leaf, lower, upper)) }),
    'an encrypted key with its passphrase': () => ({
      local_cert: full,
      local_pk: encrypted,
      passphrase: 'secret',
    }),
    'one in the old form': () => ({ local_cert: full, local_pk: traditional, passphrase: 'secret' }),
    'PEM text': () => ({ cert: chain(leaf, lower, upper), key: leaf.key }),
    Buffers: () => ({ cert: Buffer.from(chain(leaf, lower, upper)), key: Buffer.from(leaf.key) }),
    'lines that end as on Windows, with comments': () => ({
      local_cert: file(
        'crlf.pem',
        `Bag Attributes: é\n${chain(leaf, lower, upper)}`.replaceAll('\n', '\r\n'),
      ),
      local_pk: key,
    }),
    'the root at the end': () => ({
      local_cert: file('rooted.pem', chain(leaf, lower, upper, root)),
      local_pk: key,
    }),
    'an authority of its own, named in cafile': () => ({
      local_cert: full,
      local_pk: key,
      cafile: 'root.pem',
    }),
  };
  for (const [what, options] of Object.entries(rights)) {
    it(`is served without a word: ${what}`, () => {
      const given = options();
      const { tls, warnings } = loadCertificate(given, given.cafile ? { directory } : context);
      assert.deepEqual(warnings, []);
      assert.equal(tls.cert, chain(leaf, lower, upper) + (what.startsWith('the root') ? root.cert : ''));
      assert.equal(tls.passphrase, given.passphrase);
    });
  }
});

describe('rights on files', () => {
  it('says which folder on the way keeps the user from the key', () => {
    const folder = join(directory, 'closed');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'k.key'), leaf.key);
    const closed = file('closed.key', leaf.key, 0o000);
    chmodSync(folder, 0o000);
    chmodSync(directory, 0o755);
    const causes = asNobody([
      { local_cert: full, local_pk: join(directory, closed) },
      { local_cert: full, local_pk: join(folder, 'k.key') },
    ]);
    chmodSync(folder, 0o700);
    assert.match(
      causes[0] ?? '',
      /ssl\.local_pk: .*closed\.key may not be read by \S+; give that user the right to .*closed\.key,/,
    );
    assert.match(causes[1] ?? '', /k\.key may not be read by \S+; give that user the right to .*\/closed,/);
  });
});

describe('clients', () => {
  it('warns when any public authority would do, and when a word changes nothing', () => {
    const options: SslOptions = {
      local_cert: full,
      local_pk: key,
      verify_peer: true,
      verify_peer_name: true,
    };
    const report = checkCertificate(options, context);
    assert.deepEqual(codesOf(report), ['any-client', 'idle-word']);
    assert.match(
      report.findings[1]?.cause ?? '',
      /ssl\.verify_peer_name changes nothing: a client's certificate/,
    );
    assert.deepEqual(
      codesOf(
        checkCertificate({ ...options, cafile: 'root.pem', verify_peer_name: undefined as never }, context),
      ),
      [],
    );
  });

  it('reads authorities from a list, a folder, and lists of revoked ones', () => {
    mkdirSync(join(directory, 'authorities'), { recursive: true });
    file('authorities/a.crt', root.cert);
    file('authorities/b.pem', root.cert + other.cert);
    file('authorities/README', 'nothing');
    const { tls } = loadCertificate(
      {
        local_cert: full,
        local_pk: key,
        verify_peer: true,
        ca: [lower.cert, 'root.pem'],
        capath: 'authorities',
      },
      context,
    );
    assert.deepEqual(tls.ca, [lower.cert, root.cert, root.cert, other.cert]);
    for (const [word, value] of Object.entries({
      capath: 'nowhere',
      cafile: key,
      crl: full,
      dhparam: full,
    })) {
      const { findings } = checkCertificate({ local_cert: full, local_pk: key, [word]: value }, context);
      assert.equal(findings[0]?.code, 'empty', word);
      assert.match(findings[0]?.cause ?? '', new RegExp(`^ssl\\.${word}: .* holds no `));
    }
  });
});

describe('the last word is of OpenSSL', () => {
  const refused: Record<string, [SslOptions, RegExp]> = {
    ciphers: [{ ciphers: 'NO-SUCH-SUITE' }, /OpenSSL refuses ssl\.ciphers: no cipher match/],
    ecdhCurve: [{ ecdhCurve: 'no-such-group' }, /OpenSSL refuses ssl\.ecdhCurve/],
    sigalgs: [{ sigalgs: 'no-such-algorithm' }, /OpenSSL refuses ssl\.sigalgs/],
  };
  for (const [word, [options, says]] of Object.entries(refused)) {
    it(`on ssl.${word}`, () => {
      assert.throws(() => loadCertificate({ local_cert: full, local_pk: key, ...options }, context), {
        code: 'E_SSL_OPTION',
        message: says,
      });
    });
  }
});

function refused({ cert, key }: Made): boolean {
  try {
    createSecureContext({ cert, key });
    return false;
  } catch {
    return true;
  }
}

function codesOf({ findings }: CertificateReport): string[] {
  return findings.map(({ code }) => code);
}

/** The same question, as it is put to `usta cert check`. */
function wordsFor(options: SslOptions, names: readonly string[]): string[] {
  const path = (value: unknown): string => join(directory, String(value));
  const { local_cert, local_pk, passphrase } = options;
  return [
    'check',
    path(local_cert),
    ...(local_pk === undefined ? [] : ['--key', path(local_pk)]),
    ...(passphrase === undefined ? [] : ['--passphrase-file', path(file('passphrase', `${passphrase}\n`))]),
    ...names.flatMap((name) => ['--name', name]),
    '--root',
    path('root.pem'),
  ];
}

function archive(): Buffer {
  const pem = join(directory, 'for-archive.pem');
  writeFileSync(pem, leaf.key + leaf.cert);
  return execFileSync('openssl', ['pkcs12', '-export', '-in', pem, '-passout', 'pass:x']);
}

/** What is said to a user who is not root. */
function asNobody(all: readonly SslOptions[]): string[] {
  const module = new URL('../../src/certificates/check.js', import.meta.url).href;
  const script = `
    import { checkCertificate } from '${module}';
    if (process.getuid() === 0) { process.setgroups([]); process.setgid(65534); process.setuid(65534); }
    const all = ${JSON.stringify(all)}.map((options) => ({ ...options, local_cert: ${JSON.stringify(chain(leaf, lower, upper))} }));
    console.log(JSON.stringify(all.map((options) => {
      const [{ cause, remedy }] = checkCertificate(options, { directory: ${JSON.stringify(directory)} }).findings;
      return cause + '; ' + remedy;
    })));
  `;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  return JSON.parse(output) as string[];
}
