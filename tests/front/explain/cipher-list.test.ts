import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { suiteNames, weaknesses } from '../../../src/front/explain/cipher-list.ts';
import { GOOD_CIPHERS } from '../../../src/front/explain/tls-words.ts';

const MOZILLA_INTERMEDIATE =
  'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:' +
  'ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:DHE-RSA-AES128-GCM-SHA256:DHE-RSA-AES256-GCM-SHA384:' +
  'DHE-RSA-CHACHA20-POLY1305';

describe('weaknesses', () => {
  it('finds nothing in lists of AEAD suites with forward secrecy', () => {
    for (const list of [
      GOOD_CIPHERS,
      MOZILLA_INTERMEDIATE,
      'EECDH+AESGCM:EDH+AESGCM',
      'ECDHE+CHACHA20',
      '',
    ]) {
      assert.deepEqual(weaknesses(list), { broken: [], legacy: [] }, list);
    }
  });

  it('knows what the usual words let in', () => {
    assert.deepEqual(weaknesses('HIGH:!aNULL:!MD5'), {
      broken: [],
      legacy: ['static RSA (no forward secrecy)', 'CBC', 'CCM8'],
    });
    assert.deepEqual(weaknesses('HIGH').broken, ['anonymous suites (no certificate)']);
    assert.deepEqual(weaknesses('ALL:!ADH:!EXPORT56:RC4+RSA:+HIGH:+MEDIUM:+LOW:+SSLv2:+EXP').broken, [
      'export suites',
      'anonymous suites (no certificate)',
      'RC4',
      'DES',
      '3DES',
    ]);
    assert.deepEqual(weaknesses('NULL-SHA256').broken, ['NULL suites (no encryption)']);
    assert.deepEqual(weaknesses('DEFAULT').broken, []);
  });

  it('bans by !, removes by -, only reorders by +, joins by + between words', () => {
    assert.deepEqual(suiteNames('ECDHE-RSA-AES128-SHA:RC4-SHA:!RC4:RC4-SHA'), ['ECDHE-RSA-AES128-SHA']);
    assert.deepEqual(suiteNames('RC4-SHA:-RC4:+RC4'), []);
    assert.deepEqual(suiteNames('RC4-SHA:-RC4:RC4-SHA'), ['RC4-SHA']);
    assert.deepEqual(suiteNames('kRSA+ARIA'), ['ARIA128-GCM-SHA256', 'ARIA256-GCM-SHA384']);
    assert.deepEqual(suiteNames('EDH-RSA-DES-CBC3-SHA'), ['DHE-RSA-DES-CBC3-SHA']);
    assert.deepEqual(suiteNames('@STRENGTH:TLS_AES_128_GCM_SHA256:nonsense'), []);
  });
});
