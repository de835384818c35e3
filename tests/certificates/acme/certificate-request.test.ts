import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { describe, it } from 'node:test';
import { certificateRequest, newCertificateKey } from '../../../src/certificates/acme/certificate-request.ts';
import { requestIn } from './certification.ts';
import { valueIn } from './der.ts';

describe('certificateRequest — RFC 2986, RFC 8555 §7.4', () => {
  for (const type of ['ecdsa', 'rsa'] as const) {
    it(`names the domains, and is signed with its own key: ${type}`, async () => {
      const key = await newCertificateKey(type);
      const der = certificateRequest(key, ['shop.usta.dev', 'www.usta.dev']);
      const { names, publicKey } = requestIn(der);
      assert.deepEqual(names, ['shop.usta.dev', 'www.usta.dev']);
      assert.deepEqual(publicKey, createPublicKey(key).export({ type: 'spki', format: 'der' }));
      const { asymmetricKeyDetails: details } = createPublicKey(key);
      assert.equal(
        type === 'rsa' ? details?.modulusLength : details?.namedCurve,
        type === 'rsa' ? 2048 : 'prime256v1',
      );
      const parameters = type === 'rsa' ? '300d06092a864886f70d01010b0500' : '300a06082a8648ce3d040302';
      assert.equal(valueIn(der, 0, 1).whole.toString('hex'), parameters, 'RFC 4055 §5, RFC 5758 §3.2');
      assert.equal(valueIn(der, 0, 0, 1).whole.toString('hex'), '3000', 'the subject is empty');
    });
  }
});
