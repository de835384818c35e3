import assert from 'node:assert/strict';
import { createHash, createHmac, createPublicKey, verify } from 'node:crypto';
import { describe, it } from 'node:test';
import { AccountKey, newAccountKey } from '../../../src/certificates/acme/jws.ts';

const pem = newAccountKey();
const key = new AccountKey(pem);
const own = createPublicKey(pem).export({ format: 'jwk' });
const decoded = (text: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(text, 'base64url').toString());

describe('AccountKey', () => {
  it('RFC 8555 §6.2 signs with ES256: nonce, url and the key in the protected head, nothing outside of it', () => {
    const body = key.signed({ url: 'https://ca/new', nonce: 'n1' }, '{"a":1}');
    const {
      protected: head = '',
      payload = '',
      signature = '',
      ...rest
    } = JSON.parse(body) as Record<string, string>;
    assert.deepEqual(rest, {});
    const { kty, crv, x, y } = own;
    assert.deepEqual(decoded(head), {
      alg: 'ES256',
      nonce: 'n1',
      url: 'https://ca/new',
      jwk: { crv, kty, x, y },
    });
    assert.deepEqual(decoded(payload), { a: 1 });
    const bytes = Buffer.from(signature, 'base64url');
    assert.equal(bytes.length, 64, 'R and S as they are, RFC 7518 §3.4');
    const publicKey = { key: createPublicKey(pem), dsaEncoding: 'ieee-p1363' } as const;
    assert.ok(verify('sha256', Buffer.from(`${head}.${payload}`), publicKey, bytes));
  });

  it('RFC 8555 §6.2 names the account instead of the key once there is one; §6.3 an empty payload fetches', () => {
    const body = key.signed({ url: 'https://ca/order', nonce: 'n2', account: 'https://ca/account/1' }, '');
    const { protected: head = '', payload } = JSON.parse(body) as Record<string, string>;
    assert.equal(payload, '');
    assert.deepEqual(decoded(head), {
      alg: 'ES256',
      nonce: 'n2',
      url: 'https://ca/order',
      kid: 'https://ca/account/1',
    });
  });

  it('RFC 8555 §8.1 authorizes a token with the thumbprint of RFC 7638', () => {
    const canonical = `{"crv":"P-256","kty":"EC","x":"${own.x}","y":"${own.y}"}`;
    const thumbprint = createHash('sha256').update(canonical).digest('base64url');
    assert.equal(key.authorization('token'), `token.${thumbprint}`);
  });

  it('RFC 8555 §7.3.4 binds itself to an external account: HS256, kid and url, no nonce', () => {
    const hmacKey = Buffer.from('secret of sixteen').toString('base64url');
    const bound = key.bound({ keyId: 'kid-1', hmacKey }, 'https://ca/new-account') as Record<string, string>;
    assert.deepEqual(decoded(bound.protected ?? ''), {
      alg: 'HS256',
      kid: 'kid-1',
      url: 'https://ca/new-account',
    });
    assert.deepEqual(decoded(bound.payload ?? ''), { crv: own.crv, kty: own.kty, x: own.x, y: own.y });
    const mac = createHmac('sha256', 'secret of sixteen').update(`${bound.protected}.${bound.payload}`);
    assert.equal(bound.signature, mac.digest('base64url'));
  });
});
