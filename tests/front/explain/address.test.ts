import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isEverybody, parseTarget, reachOf } from '../../../src/front/explain/address.ts';

describe('addresses of workers', () => {
  it('are taken apart', () => {
    assert.deepEqual(parseTarget('http://127.0.0.1:8282'), {
      scheme: 'http',
      host: '127.0.0.1',
      port: 8282,
      uri: undefined,
    });
    assert.deepEqual(parseTarget('HTTPS://[::1]/a/b'), {
      scheme: 'https',
      host: '::1',
      port: undefined,
      uri: '/a/b',
    });
    assert.deepEqual(parseTarget('ws://[::1]:1?a'), { scheme: 'ws', host: '::1', port: 1, uri: '?a' });
    assert.deepEqual(parseTarget('http://unix:/run/a.sock:/b'), {
      scheme: 'http',
      host: '',
      port: undefined,
      uri: '/b',
    });
    assert.deepEqual(parseTarget('http://unix:/run/a.sock'), {
      scheme: 'http',
      host: '',
      port: undefined,
      uri: undefined,
    });
    for (const text of ['', '!', '127.0.0.1:1', '$a', '://a', '1a://b'])
      assert.equal(parseTarget(text), undefined, text);
  });

  it('are near or far', () => {
    const reach = {
      '': 'unix',
      'unix:/a': 'unix',
      localhost: 'loopback',
      '127.9.9.9': 'loopback',
      '::1': 'loopback',
      '::ffff:127.0.0.1': 'loopback',
      '0.0.0.0': 'any',
      '::': 'any',
      '*': 'any',
      '10.1.1.1': 'private',
      '172.16.0.1': 'private',
      '172.32.0.1': 'public',
      '192.168.1.1': 'private',
      '100.64.0.1': 'private',
      '169.254.1.1': 'private',
      'fe80::1': 'private',
      'fd12::1': 'private',
      '2001:db8::1': 'public',
      '203.0.113.1': 'public',
      worker: 'name',
      'a.example.com': 'name',
      '1.2.3': 'name',
    };
    for (const [host, expected] of Object.entries(reach)) assert.equal(reachOf(host), expected, host);
  });

  it('know a network that holds everybody', () => {
    for (const one of ['0.0.0.0/0', '::/0', '0.0.0.0/0.0.0.0', '128.0.0.0/1', 'all'])
      assert.ok(isEverybody(one), one);
    for (const one of ['10.0.0.0/8', 'fd00::/8', '127.0.0.1', '', 'unix:']) assert.ok(!isEverybody(one), one);
  });
});
