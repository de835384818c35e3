import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { certificatesIn, chainText, checkChain, endsWith } from '../../../src/certificates/acme/chain.ts';
import { createAuthority, issue } from '../../../src/certificates/authority.ts';

const authority = createAuthority('one');
const other = createAuthority('two');
const leaf = issue(authority, ['a.usta.dev', 'b.usta.dev', '*.wild.usta.dev']);
const good = { key: leaf.key, domains: ['a.usta.dev', 'b.usta.dev'], now: Date.now() };
const fault = (pem: string, more: Partial<typeof good> = {}): void =>
  checkChain(certificatesIn(pem), { ...good, ...more });

describe('certificatesIn — RFC 8555 §9.1', () => {
  it('takes certificates and what is written between them, and gives the certificates alone', () => {
    const noisy = `Subject: me\n${leaf.cert}\nIssuer: you\n${authority.cert}\n\n`;
    assert.equal(chainText(certificatesIn(noisy)), leaf.cert + authority.cert);
  });

  it('refuses a file with anything else in it', () => {
    for (const more of [
      leaf.key,
      '-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n',
      '-----BEGIN ',
    ]) {
      assert.throws(() => certificatesIn(leaf.cert + more), /more in it than certificates/);
    }
    assert.throws(() => certificatesIn('<html>'), /no certificate in it/);
    assert.throws(() => certificatesIn(leaf.cert.repeat(11)), /has 11 certificates/);
    const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
    assert.throws(() => certificatesIn(broken), /cannot be read/);
  });
});

describe('checkChain', () => {
  it('accepts a leaf alone and a chain in order', () => {
    fault(leaf.cert);
    fault(leaf.cert + authority.cert);
  });

  it('names each fault', () => {
    assert.throws(() => fault(leaf.cert, { key: other.key }), /for another key; it is not used/);
    assert.throws(
      () => fault(leaf.cert, { domains: ['a.usta.dev', 'c.usta.dev'] }),
      /it is not for c\.usta\.dev/,
    );
    assert.throws(() => fault(leaf.cert, { now: Date.now() + 100 * 86_400_000 }), /it ended on/);
    assert.throws(() => fault(leaf.cert, { now: Date.now() - 86_400_000 }), /begins only on .*clock/);
    assert.throws(() => fault(leaf.cert + other.cert), /certificate 2 of the chain has not issued/);
    assert.throws(
      () => fault(authority.cert + leaf.cert, { key: authority.key, domains: [] }),
      /certificate 2/,
    );
  });
});

describe('endsWith', () => {
  it("asks the last certificate's issuer", () => {
    const chain = certificatesIn(leaf.cert + authority.cert);
    assert.equal(endsWith(chain, 'CA ONE'), true);
    assert.equal(endsWith(chain, 'CA two'), false);
    assert.equal(endsWith([], 'one'), false);
  });
});
