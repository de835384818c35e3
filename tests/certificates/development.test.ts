import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { type AddressInfo, isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { connect, createServer } from 'node:tls';
import { promisify } from 'node:util';
import { createAuthority, issue } from '../../src/certificates/authority.ts';
import { developmentCertificate } from '../../src/certificates/development.ts';

const DAY = 86_400_000;
const home = await mkdtemp(join(tmpdir(), 'usta-ca-'));
after(() => rm(home, { recursive: true }));

let stores = 0;
const freshStore = (): string => join(home, String(++stores), 'ca');
const authorityIn = async (directory: string, number = 1): Promise<{ cert: string; key: string }> => {
  const text = await readFile(join(directory, `authority-${number}.pem`), 'utf8');
  return {
    key: text.slice(0, text.indexOf('-----BEGIN CERT')),
    cert: text.slice(text.indexOf('-----BEGIN CERT')),
  };
};

describe('development certificate: what a verifying client sees', () => {
  it('accepts localhost, 127.0.0.1, ::1 and the given names, with the CA as the only root', async () => {
    const made = await developmentCertificate({
      directory: freshStore(),
      names: ['Shop.local', '192.168.77.7', 'FD00::0:7'],
    });
    for (const name of ['localhost', '127.0.0.1', '::1', 'shop.local', '192.168.77.7', 'fd00::7']) {
      assert.equal(await verdict(made, made.ca, name), 'trusted', name);
    }
  });

  it('refuses another name, and everything without the CA', async () => {
    const made = await developmentCertificate({ directory: freshStore() });
    assert.equal(await verdict(made, made.ca, 'other.local'), 'ERR_TLS_CERT_ALTNAME_INVALID');
    assert.equal(await verdict(made, [], 'localhost'), 'SELF_SIGNED_CERT_IN_CHAIN');
  });

  for (const name of [
    'example.com',
    'notlocal',
    'localhost.example.com',
    '8.8.8.8',
    '172.32.0.1',
    '2001:db8::1',
  ]) {
    it(`RFC 5280 §4.2.1.10 refuses ${name}, signed with the CA's key, as outside the constraint`, async () => {
      const authority = createAuthority('test');
      const { cert, key } = issue(authority, [name]);
      assert.match(await verdict({ cert, key }, authority.cert, name), /permitted.*violation/i);
    });
  }

  it('RFC 5280 §4.2.1.9 refuses a certificate below a leaf', async () => {
    const authority = createAuthority('test');
    const leaf = issue(authority, ['localhost']);
    const below = issue(leaf, ['localhost']);
    const served = { cert: below.cert + leaf.cert, key: below.key };
    assert.match(
      await verdict(served, authority.cert, 'localhost'),
      /invalid.ca|certificate signing|keycertsign/i,
    );
  });
});

describe('development certificate: its fields', () => {
  it('is EC P-256 for 90 days, for servers only, below a CA of ten years', async () => {
    const made = await developmentCertificate({ directory: freshStore() });
    const leaf = new X509Certificate(made.cert);
    const authority = new X509Certificate(made.ca);
    for (const certificate of [leaf, authority]) {
      assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1');
      assert.ok(Date.parse(certificate.validFrom) < Date.now());
    }
    assert.deepEqual([leaf.ca, authority.ca], [false, true]);
    assert.deepEqual(leaf.keyUsage, ['1.3.6.1.5.5.7.3.1']);
    assert.ok(leaf.checkIssued(authority), 'the key identifiers match');
    assert.ok(life(leaf) <= 90 * DAY && life(leaf) > 89 * DAY);
    assert.ok(life(authority) <= 3650 * DAY);
  });

  it('has serial numbers of its own, positive and of at most 20 octets (RFC 5280 §4.1.2.2)', () => {
    const authority = createAuthority('test');
    const serials = Array.from(
      { length: 20 },
      () => new X509Certificate(issue(authority, ['localhost']).cert).serialNumber,
    );
    assert.equal(new Set(serials).size, 20);
    for (const serial of serials) assert.match(serial, /^[4-7][0-9A-F]{31}$/);
  });

  for (const name of [
    'example.com',
    'notlocal',
    'local.',
    'a b.local',
    '-.local',
    '8.8.8.8',
    '192.168.1.300',
    'fe80::1%eth0',
    '',
  ]) {
    it(`refuses to be asked for ${JSON.stringify(name)}`, async () => {
      const directory = freshStore();
      await assert.rejects(developmentCertificate({ directory, names: [name] }), {
        code: 'E_CERTIFICATE_NAME',
      });
      await assert.rejects(stat(directory), { code: 'ENOENT' });
    });
  }

  it('names only addresses of private networks of this machine', async () => {
    const made = await developmentCertificate({ directory: freshStore() });
    const addresses = [
      ...(new X509Certificate(made.cert).subjectAltName ?? '').matchAll(/IP Address:([^,]+)/g),
    ];
    assert.ok(addresses.length >= 2);
    for (const [, address = ''] of addresses) {
      assert.ok(
        isIP(address) > 0 && /^(127|10|172|192\.168|169\.254|0:0:0:0:0:0:0:1$|F[CD])/.test(address),
        address,
      );
    }
  });
});

describe('development certificate: its store', () => {
  it('is made once: directory 0700, keys 0600, the CA file for everybody', async () => {
    const directory = freshStore();
    const first = await developmentCertificate({ directory });
    const second = await developmentCertificate({ directory });
    assert.equal(first.made, true);
    assert.equal(first.reason, 'first start');
    const { made: _made, reason: _reason, ...lasting } = first;
    assert.deepEqual(second, { ...lasting, made: false });
    assert.deepEqual(namesOf(first.cert), first.names);
    assert.equal(await readFile(first.caFile, 'utf8'), first.ca);
    assert.equal(await mode(directory), 0o700);
    assert.deepEqual(await readdir(directory), ['authority-1.pem', 'ca.pem', 'leaf.pem']);
    assert.equal(await mode(join(directory, 'authority-1.pem')), 0o600);
    assert.equal(await mode(join(directory, 'leaf.pem')), 0o600);
    assert.equal(await mode(first.caFile), 0o644);
  });

  it('closes a directory that was left open to others', async () => {
    const directory = freshStore();
    await mkdir(directory, { recursive: true });
    await chmod(directory, 0o755);
    await developmentCertificate({ directory });
    assert.equal(await mode(directory), 0o700);
  });

  it('keeps the CA and makes a new leaf when the names differ', async () => {
    const directory = freshStore();
    const first = await developmentCertificate({ directory });
    const second = await developmentCertificate({ directory, names: ['shop.local'] });
    assert.equal(second.ca, first.ca);
    assert.notEqual(second.cert, first.cert);
    assert.match(second.reason ?? '', /other names/);
    assert.equal((await developmentCertificate({ directory, names: ['shop.local'] })).made, false);
  });

  it('renews a leaf when a third of its life is left, not before', async () => {
    const directory = freshStore();
    const { cert, ca } = await developmentCertificate({ directory });
    const names = namesOf(cert);
    const authority = await authorityIn(directory);
    const dated = async (daysAgo: number): Promise<string> => {
      const leaf = issue(authority, names, new Date(Date.now() - daysAgo * DAY));
      await writeFile(join(directory, 'leaf.pem'), leaf.key + leaf.cert);
      return leaf.cert;
    };

    const young = await dated(59);
    assert.equal((await developmentCertificate({ directory })).cert, young + ca);
    const old = await dated(61);
    const renewed = await developmentCertificate({ directory });
    assert.notEqual(renewed.cert, old + ca);
    assert.match(renewed.reason ?? '', /^a new certificate: the old one ends on /);
    await dated(-2);
    assert.match((await developmentCertificate({ directory })).reason ?? '', /begins only on /);
  });

  it('makes a new CA when the old one has less than the life of a leaf', async () => {
    const directory = freshStore();
    await mkdir(directory, { recursive: true });
    const old = createAuthority('test', new Date(Date.now() - 3600 * DAY));
    await writeFile(join(directory, 'authority-1.pem'), old.key + old.cert);
    const made = await developmentCertificate({ directory });
    assert.notEqual(made.ca, old.cert);
    assert.match(made.reason ?? '', /^a new CA: .*authority-1\.pem ends on /);
    assert.equal(await verdict(made, made.ca, 'localhost'), 'trusted');
  });

  it('makes a new leaf when the CA has changed', async () => {
    const directory = freshStore();
    const first = await developmentCertificate({ directory });
    await rm(join(directory, 'authority-1.pem'));
    const second = await developmentCertificate({ directory });
    assert.notEqual(second.ca, first.ca);
    assert.equal(await readFile(second.caFile, 'utf8'), second.ca);
    assert.equal(await verdict(second, second.ca, 'localhost'), 'trusted');
  });

  const damages: Record<string, { reason: RegExp; damage: (file: string) => Promise<void> }> = {
    'is half-written': { reason: /is incomplete/, damage: (file) => truncate(file, 300) },
    'is empty': { reason: /is incomplete/, damage: (file) => truncate(file, 0) },
    'holds noise': {
      reason: /cannot be read/,
      damage: async (file) => writeFile(file, (await readFile(file, 'utf8')).replaceAll('M', 'N')),
    },
    'has the key of another': {
      reason: /has a key that is not of its certificate/,
      damage: async (file) => {
        const { key } = createAuthority('other');
        await writeFile(
          file,
          (await readFile(file, 'utf8')).replace(/-----BEGIN PRIVATE[\s\S]*END PRIVATE KEY-----\n/, key),
        );
      },
    },
  };
  for (const [what, { reason, damage }] of Object.entries(damages)) {
    for (const name of ['authority-1.pem', 'leaf.pem']) {
      it(`remakes it, and says why, when ${name} ${what}`, async () => {
        const directory = freshStore();
        await developmentCertificate({ directory });
        await damage(join(directory, name));
        const again = await developmentCertificate({ directory });
        assert.equal(again.made, true);
        assert.match(again.reason ?? '', reason);
        assert.equal(await verdict(again, again.ca, 'localhost'), 'trusted');
        assert.equal((await developmentCertificate({ directory })).made, false);
      });
    }
  }

  it('puts the CA file right when somebody changed it', async () => {
    const directory = freshStore();
    const { caFile, ca } = await developmentCertificate({ directory });
    await writeFile(caFile, 'not a certificate');
    await developmentCertificate({ directory });
    assert.equal(await readFile(caFile, 'utf8'), ca);
  });

  it('says in one line which directory cannot be used and how to name another', async () => {
    const file = join(home, 'a-file');
    await writeFile(file, '');
    for (const directory of [file, join(file, 'ca')]) {
      await assert.rejects(developmentCertificate({ directory }), (error: Error & { code: string }) => {
        assert.match(
          error.message,
          /^the directory of the development CA cannot be used: [^\n]*USTA_CA_DIRECTORY[^\n]*$/,
        );
        assert.ok(error.message.includes(directory));
        return error.code === 'ENOTDIR' || error.code === 'EEXIST';
      });
    }
  });
});

describe('development certificate: processes that start at once', () => {
  const damages = { 'in an empty store': undefined, 'beside a damaged CA': 'noise' };
  for (const [where, text] of Object.entries(damages)) {
    it(`end with one CA and matching pairs, ${where}`, async () => {
      const directory = freshStore();
      await mkdir(directory, { recursive: true });
      if (text) await writeFile(join(directory, 'authority-1.pem'), text);
      const all = await Promise.all([
        ...Array.from({ length: 3 }, () => elsewhere(directory)),
        developmentCertificate({ directory }),
      ]);
      const [first] = all;
      assert.ok(first);
      for (const made of all) {
        assert.equal(made.ca, first.ca);
        assert.equal(await verdict(made, made.ca, 'localhost'), 'trusted');
      }
      assert.equal(await readFile(first.caFile, 'utf8'), first.ca);
      assert.equal((await developmentCertificate({ directory })).made, false);
      const files = (await readdir(directory)).filter(
        (name) => !/^(authority-[12]|ca|leaf)\.pem$/.test(name),
      );
      assert.deepEqual(files, [], 'nothing temporary stays');
    });
  }
});

describe('development certificate: where its store is', () => {
  it('is USTA_CA_DIRECTORY, else usta/ca in XDG_DATA_HOME, else in ~/.local/share', async () => {
    const root = freshStore();
    const base = { PATH: process.env.PATH, HOME: join(root, 'home') };
    const where = async (env: NodeJS.ProcessEnv): Promise<string> => (await elsewhere(undefined, env)).caFile;
    assert.equal(
      await where({ ...base, USTA_CA_DIRECTORY: join(root, 'own'), XDG_DATA_HOME: root }),
      join(root, 'own/ca.pem'),
    );
    assert.equal(
      await where({ ...base, XDG_DATA_HOME: join(root, 'data') }),
      join(root, 'data/usta/ca/ca.pem'),
    );
    assert.equal(
      await where({ ...base, XDG_DATA_HOME: 'relative' }),
      join(root, 'home/.local/share/usta/ca/ca.pem'),
    );
  });
});

type Made = Awaited<ReturnType<typeof developmentCertificate>>;

/** The same call in a process of its own. */
async function elsewhere(directory?: string, env?: NodeJS.ProcessEnv): Promise<Made> {
  const module = new URL('../../src/certificates/development.js', import.meta.url).href;
  const call = `developmentCertificate(${JSON.stringify(directory ? { directory } : {})})`;
  const script = `import { developmentCertificate } from '${module}'; console.log(JSON.stringify(await ${call}))`;
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], {
    env: env ?? process.env,
  });
  return JSON.parse(stdout) as Made;
}

/** Serves the pair and connects as a client that trusts `ca` alone. @returns `trusted`, or what Node calls the refusal. */
async function verdict(
  pair: { cert: string; key: string },
  ca: string | string[],
  name: string,
): Promise<string> {
  const server = createServer({ cert: pair.cert, key: pair.key });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const checked = isIP(name)
    ? { servername: '', checkServerIdentity: addressCheck(name) }
    : { servername: name };
  const client = connect({ host: '127.0.0.1', port, ca, ...checked });
  const result = await new Promise<string>((resolve) => {
    client.once('secureConnect', () => resolve('trusted'));
    client.once('error', (error: NodeJS.ErrnoException) =>
      resolve(`${error.code}`.replace('UNSPECIFIED', error.message)),
    );
  });
  client.destroy();
  await new Promise((resolve) => server.close(resolve));
  return result;
}

/** The client dialled 127.0.0.1; it is to judge the certificate as if it had dialled `address`. */
function addressCheck(address: string): (host: string, certificate: { raw: Buffer }) => Error | undefined {
  return (_host, { raw }) =>
    new X509Certificate(raw).checkIP(address)
      ? undefined
      : Object.assign(new Error('address'), { code: 'ERR_ADDRESS' });
}

function namesOf(cert: string): string[] {
  const names = (new X509Certificate(cert).subjectAltName ?? '')
    .split(', ')
    .map((entry) => entry.replace(/^(DNS|IP Address):/, ''));
  return names
    .map((name) => (isIP(name) === 6 ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name))
    .sort();
}

function life({ validFrom, validTo }: X509Certificate): number {
  return Date.parse(validTo) - Date.parse(validFrom);
}

async function mode(path: string): Promise<number> {
  return (await stat(path)).mode & 0o777;
}
