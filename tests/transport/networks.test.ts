import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Networks } from '../../src/transport/networks.ts';

describe('networks', () => {
  it('RFC 4632 §3.1 has what its prefixes cover, of either version', () => {
    const networks = new Networks(['10.1.0.0/16', '192.0.2.7', '2001:db8::/32']);
    for (const host of ['10.1.255.255', '192.0.2.7', '2001:db8:1::1']) assert.ok(networks.hasIp(host), host);
    for (const host of ['10.2.0.0', '192.0.2.8', '2001:db9::1', '::1', '', 'localhost']) {
      assert.ok(!networks.hasIp(host), host);
    }
  });

  it('knows names for this machine and for private networks (RFC 1918, RFC 4193)', () => {
    const networks = new Networks(['loopback', 'private']);
    for (const host of ['127.3.2.1', '::1', '10.0.0.1', '172.31.0.1', '192.168.1.1', 'fd00::1']) {
      assert.ok(networks.hasIp(host), host);
    }
    assert.ok(!networks.hasIp('172.32.0.1'));
  });

  it('has peers of Unix sockets only when they are named', () => {
    const peer = { kind: 'unix', path: '' } as const;
    assert.ok(new Networks(['unix']).has(peer));
    assert.ok(!new Networks(['0.0.0.0/0', '::/0']).has(peer));
  });

  it('knows when it is everybody', () => {
    assert.ok(new Networks(['0.0.0.0/0']).hasEverybody);
    assert.ok(!new Networks(['10.0.0.0/8']).hasEverybody);
  });

  it('refuses what is no network, and names it', () => {
    for (const entry of [
      '',
      'proxy.example',
      '10.0.0.0/33',
      '::1/129',
      '10.0.0.0/',
      '10.0.0/8',
      '1.2.3.4/-1',
    ]) {
      assert.throws(
        () => new Networks([entry]),
        (error: Error) => error.message.startsWith(`"${entry}" is no`),
      );
    }
  });
});
