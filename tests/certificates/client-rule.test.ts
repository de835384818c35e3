import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { clientRule, objectionToClient } from '../../src/certificates/client-rule.ts';
import { tree } from '../fixtures/pki.ts';

const { leaf, lower, upper, root } = tree();
const chain = [leaf.der, lower.der, upper.der, root.der];
const digest = (hash: string): string => createHash(hash).update(leaf.der).digest('hex');
const coloned = digest('sha256')
  .toUpperCase()
  .replace(/..(?=.)/g, '$&:');

describe('what a valid certificate of a client has to be besides', () => {
  it('is nothing unless asked', () => assert.equal(clientRule({ verify_peer: true }), undefined));

  for (const peer_fingerprint of [
    digest('md5'),
    digest('sha1'),
    coloned,
    { sha256: coloned },
    { sha1: digest('sha1'), sha512: digest('sha512') },
  ]) {
    it(`has the fingerprint ${JSON.stringify(peer_fingerprint)}`, () => {
      const rule = clientRule({ peer_fingerprint }) ?? {};
      assert.equal(objectionToClient(rule, chain), undefined);
      assert.match(
        objectionToClient(rule, [lower.der]) ?? '',
        /fingerprint of the client's certificate is not that of peer_fingerprint/,
      );
      assert.match(objectionToClient(rule, []) ?? '', /no certificate/);
    });
  }

  for (const peer_fingerprint of [
    '',
    'abc',
    `${digest('sha1')}00`,
    'z'.repeat(64),
    { sha256: digest('sha1') },
    { nothing: digest('sha1') },
  ]) {
    it(`cannot be ${JSON.stringify(peer_fingerprint)}`, () => {
      assert.throws(() => clientRule({ peer_fingerprint }), {
        code: 'E_SSL_OPTION',
        message: /openssl x509 -noout -fingerprint/,
      });
    });
  }

  it('is not further from the authority than verify_depth', () => {
    const rule = (verify_depth: number): string | undefined =>
      objectionToClient(clientRule({ verify_depth }) ?? {}, chain);
    assert.match(rule(1) ?? '', /longer than verify_depth \(1\)/);
    assert.equal(rule(2), undefined);
    assert.equal(objectionToClient({ depth: 0 }, [leaf.der, root.der]), undefined);
    assert.equal(objectionToClient({ depth: 0 }, [leaf.der]), undefined);
  });
});
