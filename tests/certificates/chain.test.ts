import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import process from 'node:process';
import { describe, it } from 'node:test';
import { rootCertificates } from 'node:tls';
import fc from 'fast-check';
import { type ChainFinding, type ChainOptions, examineChain } from '../../src/certificates/chain.ts';
import { ecKey, type Made, make, rsaKey, tree } from '../fixtures/pki.ts';

const DAY = 86_400_000;
const { root, upper, lower, leaf } = tree(['shop.example', '*.shop.example', '10.1.2.3', 'fd00::7']);
const trusting: ChainOptions = { roots: [root.cert] };
const later = (days: number): ChainOptions => ({ ...trusting, now: new Date(Date.now() + days * DAY) });

function examine(chain: readonly Made[], options: ChainOptions = trusting): ChainFinding[] {
  return examineChain(
    chain.map(({ der }) => der),
    options,
  );
}

function codes(findings: readonly ChainFinding[]): string[] {
  return findings.map(({ code, severity }) => `${severity} ${code}`);
}

/** The only finding, which is expected to be this one. */
function only(findings: readonly ChainFinding[], expected: string): ChainFinding {
  assert.deepEqual(codes(findings), [expected]);
  return findings[0] as ChainFinding;
}

describe('examineChain: the way to a trusted authority (RFC 5280 §6)', () => {
  it('has nothing against a complete chain, with the root or without', () => {
    assert.deepEqual(examine([leaf, lower, upper]), []);
    assert.deepEqual(examine([leaf, lower, upper, root]), []);
  });

  it('has nothing against certificates too many behind the chain', () => {
    const other = tree(['other.example']);
    assert.deepEqual(examine([leaf, lower, upper, lower, other.lower, other.leaf]), []);
  });

  it('names the missing intermediate, and where it can be had', () => {
    const first = only(examine([leaf]), 'fault incomplete');
    assert.equal(first.subject, 'shop.example');
    assert.deepEqual(first.detail, { missing: 'Test Lower', url: 'http://ca.example/lower.crt' });
    const second = only(examine([leaf, lower]), 'fault incomplete');
    assert.equal(second.subject, 'Test Lower');
    assert.deepEqual(second.detail, { missing: 'Test Upper', url: 'http://ca.example/upper.crt' });
  });

  it('names it when nobody says where it is', () => {
    const alone = make({ name: 'a.example', by: lower });
    assert.deepEqual(only(examine([alone]), 'fault incomplete').detail, { missing: 'Test Lower' });
  });

  it('tells the wrong order from an incomplete chain', () => {
    const swapped = only(examine([leaf, upper, lower]), 'warning wrong-order');
    assert.deepEqual(swapped.detail, {
      sent: 'shop.example → Test Upper → Test Lower',
      right: 'shop.example → Test Lower → Test Upper',
    });
    only(examine([leaf, root, lower, upper]), 'warning wrong-order');
    only(examine([leaf, leaf, lower, upper]), 'warning wrong-order');
    assert.deepEqual(codes(examine([leaf, upper])), ['fault incomplete']);
    only(examine([lower, leaf, upper]), 'fault wrong-order');
  });

  it('tells a certificate that signs itself from one of an unknown authority', () => {
    const own = make({ name: 'own.example' });
    assert.equal(only(examine([own]), 'fault self-signed').subject, 'own.example');
    assert.deepEqual(examine([own], { roots: [own.cert] }), []);
    const stranger = tree();
    const unknown = only(
      examine([stranger.leaf, stranger.lower, stranger.upper, stranger.root]),
      'fault unknown-authority',
    );
    assert.deepEqual(unknown.detail, { authority: 'Test Root' });
    const inner = make({ name: 'Inner', authority: true, by: stranger.root });
    const inside = make({ name: 'inside.example', by: inner });
    assert.deepEqual(only(examine([inside, inner]), 'fault unknown-authority').detail, {
      authority: 'Test Root',
    });
  });

  it('takes no certificate as an issuer that is no authority, or whose key did not sign', () => {
    const notAuthority = make({ name: 'Test Lower', by: upper });
    assert.deepEqual(codes(examine([leaf, notAuthority, upper])), ['fault incomplete']);
    const impostor = make({ name: 'Test Lower', authority: true, by: upper });
    assert.deepEqual(codes(examine([leaf, impostor, upper])), ['fault incomplete']);
    assert.deepEqual(codes(examine([leaf, impostor, lower, upper])), ['warning wrong-order']);
  });

  it('knows the authorities that Node knows', () => {
    const pem =
      rootCertificates.find((one) => new X509Certificate(one).subject.includes('ISRG Root X1')) ?? '';
    assert.deepEqual(codes(examineChain([new X509Certificate(pem).raw], { now: new Date('2026-01-01') })), [
      'warning wrong-name',
      'fault not-a-server-certificate',
    ]);
  });

  it('ends on authorities that have signed each other', () => {
    const [oneKey, otherKey] = [ecKey(), ecKey()];
    const one = make({ name: 'One', authority: true, privateKey: oneKey });
    const other = make({ name: 'Other', authority: true, privateKey: otherKey });
    const crossed = [
      make({ name: 'One', authority: true, privateKey: oneKey, by: other }),
      make({ name: 'Other', authority: true, privateKey: otherKey, by: one }),
    ];
    const under = make({ name: 'under.example', by: one });
    assert.deepEqual(codes(examine([under, ...crossed])), ['fault unknown-authority']);
    assert.deepEqual(examine([under, ...crossed], { roots: [other.cert] }), []);
  });
});

describe('examineChain: dates (RFC 5280 §4.1.2.5)', () => {
  it('says since when a certificate is expired, or from when it is valid', () => {
    const gone = only(examine([leaf, lower, upper], later(65)), 'fault expired');
    assert.equal(gone.subject, 'shop.example');
    assert.equal(gone.detail.days, '5');
    assert.match(gone.detail.notAfter ?? '', /^\d{4}-\d\d-\d\dT[\d:]+Z$/);
    const early = only(examine([leaf, lower, upper], later(-1.5)).slice(0, 1), 'fault not-yet-valid');
    assert.match(early.detail.notBefore ?? '', /^\d{4}-/);
  });

  it('warns 21 days before, not earlier', () => {
    assert.deepEqual(examine([leaf, lower, upper], later(38.9)), []);
    assert.equal(only(examine([leaf, lower, upper], later(39.1)), 'warning expires-soon').detail.days, '20');
  });

  it('looks at intermediates and, where no other way leads up, at the root', () => {
    const all = examine([leaf, lower, upper], later(1000));
    assert.deepEqual(codes(all), ['fault expired', 'fault expired', 'fault expired']);
    const end = examine([leaf, lower, upper], later(4001)).at(-1);
    assert.deepEqual([end?.code, end?.subject], ['expired', 'Test Root']);
    assert.deepEqual(examine([leaf, lower, upper, root], later(4001)).at(-1), end);
  });

  it('goes past an expired root where another way leads up', () => {
    const key = ecKey();
    const expired = make({ name: 'Old', authority: true, privateKey: key, from: -20, to: -1 });
    const crossed = make({ name: 'Old', authority: true, privateKey: key, by: root });
    const under = make({ name: 'under.example', by: expired });
    assert.deepEqual(examine([under, crossed], { roots: [expired.cert, root.cert] }), []);
  });
});

describe('examineChain: names (RFC 9525 §6)', () => {
  const good = [
    'shop.example',
    'SHOP.example',
    'shop.example.',
    'a.shop.example',
    '10.1.2.3',
    'fd00::7',
    'FD00:0:0::0007',
  ];
  const bad = [
    'example',
    'other.example',
    'a.b.shop.example',
    '.shop.example',
    '10.1.2.4',
    'fd00::8',
    '',
    'shop.example:443',
    ' ',
  ];

  it('finds those it is for', () => {
    assert.deepEqual(examine([leaf, lower, upper], { ...trusting, names: good }), []);
  });

  it('§6.3 names those it is not for: a wildcard stands for one whole label', () => {
    const findings = examine([leaf, lower, upper], { ...trusting, names: bad });
    assert.deepEqual(
      findings.map(({ code, severity, detail }) => [code, severity, detail.name]),
      bad.map((name) => ['wrong-name', 'fault', name]),
    );
    assert.equal(findings[0]?.detail.names, 'shop.example, *.shop.example, 10.1.2.3, fd00::7');
  });

  it('§6.3 knows internationalized names in both spellings', () => {
    const { leaf: accented, lower: under, upper: over, root: own } = tree(['xn--bcher-kva.example']);
    const names = ['bücher.example', 'BÜCHER.example', 'xn--bcher-kva.example'];
    assert.deepEqual(examine([accented, under, over], { roots: [own.cert], names }), []);
  });

  it('§2 gives nothing for the common name, nor for an address written as a host name', () => {
    const bare = make({ name: 'bare.example', by: lower, names: [] });
    assert.equal(only(examine([bare, lower, upper]), 'warning wrong-name').detail.name, '');
    only(examine([bare, lower, upper], { ...trusting, names: ['bare.example'] }), 'fault wrong-name');
    const partial = make({ name: 'p', by: lower, names: ['w*.p.example'] });
    only(examine([partial, lower, upper], { ...trusting, names: ['www.p.example'] }), 'fault wrong-name');
  });
});

describe('examineChain: strength and purpose', () => {
  const signedLeaf = (wishes: Partial<Parameters<typeof make>[0]>): ChainFinding[] =>
    examine([make({ name: 'k.example', by: lower, ...wishes }), lower, upper]);

  it('refuses short keys and warns of those that not every client knows', () => {
    assert.deepEqual(only(signedLeaf({ privateKey: rsaKey(1024) }), 'fault weak-key').detail, {
      key: 'RSA 1024 bits',
      problem: 'short',
    });
    assert.deepEqual(signedLeaf({ privateKey: rsaKey(2048) }), []);
    assert.deepEqual(signedLeaf({ privateKey: ecKey('P-384') }), []);
    assert.equal(
      only(signedLeaf({ privateKey: ecKey('secp256k1') }), 'warning weak-key').detail.key,
      'EC secp256k1',
    );
  });

  it('refuses SHA-1 under a certificate, but not under a root (RFC 9155)', () => {
    assert.deepEqual(only(signedLeaf({ hash: 'sha1' }), 'fault weak-signature').detail, {
      algorithm: 'SHA-1 with ECDSA',
    });
    const old = make({ name: 'Old Root', authority: true, hash: 'sha1' });
    assert.deepEqual(examine([make({ name: 'o.example', by: old })], { roots: [old.cert] }), []);
  });

  it('RFC 5280 §4.2.1.12 wants server authentication where purposes are named', () => {
    assert.deepEqual(signedLeaf({ purposes: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'] }), []);
    assert.deepEqual(signedLeaf({ purposes: ['2.5.29.37.0'] }), []);
    const client = only(signedLeaf({ purposes: ['1.3.6.1.5.5.7.3.2'] }), 'fault not-a-server-certificate');
    assert.deepEqual(client.detail, { problem: 'purpose' });
  });

  it('RFC 5280 §4.2.1.3 wants a key that may sign handshakes', () => {
    const only1 = only(signedLeaf({ usage: 4 }), 'fault not-a-server-certificate');
    assert.deepEqual(only1.detail, { problem: 'usage' });
  });

  it('warns of an authority that serves', () => {
    const findings = examine([
      make({ name: 's.example', names: ['s.example'], by: lower, authority: true, usage: 0xff }),
      lower,
      upper,
    ]);
    assert.deepEqual(only(findings, 'warning not-a-server-certificate').detail, { problem: 'authority' });
  });
});

describe('examineChain: hostile certificates', () => {
  const RANGE = { numRuns: 300 };

  it('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 400 }), { maxLength: 4 }), (chain) => {
        const findings = examineChain(
          chain.map((bytes) => Buffer.from(bytes)),
          trusting,
        );
        assert.ok(findings.some(({ code }) => code === 'not-a-server-certificate'));
      }),
      RANGE,
    );
  });

  it('never throws on a certificate with octets changed, dropped or doubled', () => {
    const source = [leaf.der, lower.der, make({ name: 'r', by: lower, privateKey: rsaKey(2048) }).der];
    const names = ['shop.example', '10.1.2.3'];
    fc.assert(
      fc.property(
        fc.constantFrom(...source),
        fc.array(fc.tuple(fc.nat(1200), fc.nat(255), fc.constantFrom('set', 'drop', 'double')), {
          minLength: 1,
          maxLength: 4,
        }),
        (der, changes) => {
          const bytes = [...der];
          for (const [at, value, how] of changes) {
            const place = at % bytes.length;
            if (how === 'set') bytes[place] = value;
            else if (how === 'drop') bytes.splice(place, 1);
            else bytes.splice(place, 0, value);
          }
          const changed = Buffer.from(bytes);
          for (const chain of [
            [changed, lower.der, upper.der],
            [leaf.der, changed, upper.der],
          ]) {
            for (const finding of examineChain(chain, { ...trusting, names })) {
              const text = [finding.subject, ...Object.values(finding.detail)].join('');
              assert.doesNotMatch(text, /\p{Cc}/u);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('says which one cannot be read', () => {
    const findings = examineChain([leaf.der, lower.der, Buffer.from('noise'), upper.der], trusting);
    assert.deepEqual(only(findings, 'fault not-a-server-certificate').detail, {
      problem: 'unreadable',
      position: '3',
    });
    only(examineChain([], trusting), 'fault not-a-server-certificate');
  });

  it('shows control characters and endless names as something harmless', () => {
    const evil = make({ name: `a\u001b[2J\n${'x'.repeat(5000)}\u202e`, names: ['a.example\u0007'] });
    for (const finding of examine([evil], { ...trusting, names: ['\u001b'] })) {
      const text = [finding.subject, ...Object.values(finding.detail)];
      for (const one of text) assert.ok(one.length <= 200 && !/[\p{Cc}\u202e]/u.test(one), one);
    }
  });

  it('does not take longer per certificate when there are many of one name', () => {
    const many = (count: number): Made[] => [
      leaf,
      ...Array.from({ length: count }, () => impostor),
      lower,
      upper,
    ];
    const impostor = make({ name: 'Test Lower', authority: true, by: upper });
    const spent = (count: number): number => {
      const chain = many(count);
      const begun = process.cpuUsage();
      examine(chain);
      return process.cpuUsage(begun).user / count;
    };
    spent(100);
    const few = spent(200);
    const lots = spent(2000);
    assert.ok(lots < few * 4, `${few} µs each of 200, ${lots} µs each of 2000`);
  });
});
