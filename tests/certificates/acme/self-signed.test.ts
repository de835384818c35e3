import assert from 'node:assert/strict';
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, it } from 'node:test';
import { placeholderCertificate, tlsAlpnCertificate } from '../../../src/certificates/acme/self-signed.ts';

describe('tlsAlpnCertificate — RFC 8737', () => {
  it('§3 is for the domain alone, signs itself, and has the digest in a critical acmeIdentifier', () => {
    const { cert, key } = tlsAlpnCertificate('shop.usta.dev', 'token.thumbprint');
    const certificate = new X509Certificate(cert);
    assert.equal(certificate.subjectAltName, 'DNS:shop.usta.dev');
    assert.ok(certificate.verify(certificate.publicKey));
    assert.ok(certificate.checkPrivateKey(createPrivateKey(key)));
    const digest = createHash('sha256').update('token.thumbprint').digest('hex');
    const extension = `06082b0601050507011f0101ff04220420${digest}`;
    assert.ok(
      certificate.raw.toString('hex').includes(extension),
      'OID, critical, OCTET STRING of an OCTET STRING of 32',
    );
    assert.ok(Date.parse(certificate.validFrom) < Date.now() && Date.parse(certificate.validTo) > Date.now());
  });
});

describe('placeholderCertificate', () => {
  it('is for all domains, without a proof of anything', () => {
    const { cert, key } = placeholderCertificate(['a.usta.dev', 'b.usta.dev']);
    const certificate = new X509Certificate(cert);
    assert.equal(certificate.subjectAltName, 'DNS:a.usta.dev, DNS:b.usta.dev');
    assert.ok(certificate.checkPrivateKey(createPrivateKey(key)));
    assert.ok(!certificate.raw.toString('hex').includes('06082b0601050507011f'));
  });
});
