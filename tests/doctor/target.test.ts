import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isLoopbackHost, isPrivateHost, readTarget } from '../../src/doctor/target.ts';

describe('the URL that is examined', () => {
  it('is read with the defaults of its scheme', () => {
    const { url, ...rest } = readTarget('wss://Shop.Example/a?b=c#d');
    assert.equal(url, 'wss://shop.example/a?b=c');
    assert.deepEqual(rest, {
      scheme: 'wss',
      secure: true,
      upgrade: true,
      host: 'shop.example',
      isAddress: false,
      port: 443,
      path: '/a?b=c',
      authority: 'shop.example',
    });
    const { port, secure, upgrade, authority } = readTarget('http://shop.example:8080');
    assert.deepEqual(
      { port, secure, upgrade, authority },
      { port: 8080, secure: false, upgrade: false, authority: 'shop.example:8080' },
    );
  });

  it('knows addresses, also IPv6 without its brackets, and international names as DNS has them', () => {
    const { host, isAddress, authority } = readTarget('ws://[2001:DB8::1]:81/');
    assert.deepEqual([host, isAddress, authority], ['2001:db8::1', true, '[2001:db8::1]:81']);
    assert.equal(readTarget('wss://şirket.example/').host, 'xn--irket-idb.example');
  });

  it('refuses what is none, with what was probably meant', () => {
    assert.throws(() => readTarget('shop.example/wss'), {
      code: 'E_DOCTOR_URL',
      message: /did you mean wss:\/\/shop\.example\/wss/,
    });
    assert.throws(() => readTarget('shop.example:8282'), {
      message: /did you mean wss:\/\/shop\.example:8282/,
    });
    for (const text of ['ftp://shop.example/', 'wss:', '', 'wss://a:b@shop.example/']) {
      assert.throws(() => readTarget(text), { code: 'E_DOCTOR_URL' }, text);
    }
  });

  it('tells hosts that only this machine or its network can reach', () => {
    for (const host of [
      'localhost',
      'a.local',
      '10.1.2.3',
      '172.16.0.1',
      '192.168.1.1',
      '::1',
      'fd00::1',
      'fe80::1',
    ]) {
      assert.ok(isPrivateHost(host), host);
    }
    for (const host of ['shop.example', '172.32.0.1', '8.8.8.8', '2001:db8::1'])
      assert.ok(!isPrivateHost(host), host);
    assert.deepEqual(['localhost', '127.1.2.3', '::1', '10.0.0.1'].map(isLoopbackHost), [
      true,
      true,
      true,
      false,
    ]);
  });
});
