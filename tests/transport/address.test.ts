import assert from 'node:assert/strict';
import { platform } from 'node:process';
import { describe, it } from 'node:test';
import {
  formatAddress,
  isLoopback,
  isOfThisMachine,
  isTooLong,
  plainIp,
} from '../../src/transport/address.ts';

describe('address', () => {
  it('is told as people write it', () => {
    assert.equal(formatAddress({ kind: 'ip', host: '127.0.0.1', port: 80 }), '127.0.0.1:80');
    assert.equal(formatAddress({ kind: 'ip', host: 'localhost', port: 8443 }), 'localhost:8443');
    assert.equal(formatAddress({ kind: 'ip', host: '::1', port: 80 }), '[::1]:80');
    assert.equal(formatAddress({ kind: 'unix', path: '/run/a.sock' }), 'unix:/run/a.sock');
    assert.equal(formatAddress({ kind: 'ip', host: '', port: 0 }), 'unknown');
  });

  it('RFC 4291 §2.5.5.2 tells an IPv4-mapped address plain, and leaves all others', () => {
    assert.equal(plainIp('::ffff:192.0.2.1'), '192.0.2.1');
    for (const host of ['192.0.2.1', '::1', '::', '2001:db8::1', '::ffff:1', ''])
      assert.equal(plainIp(host), host);
  });

  it('knows a path that no socket can have, counted in bytes', () => {
    const room = platform === 'linux' ? 107 : 103;
    assert.equal(isTooLong({ kind: 'unix', path: 'x'.repeat(room) }), false);
    assert.equal(isTooLong({ kind: 'unix', path: 'x'.repeat(room + 1) }), true);
    assert.equal(isTooLong({ kind: 'unix', path: 'ş'.repeat(room / 2 + 1) }), true);
    assert.equal(isTooLong({ kind: 'ip', host: 'x'.repeat(200), port: 80 }), false);
  });

  it('loopback is 127.0.0.0/8, ::1 and localhost', () => {
    for (const host of ['127.0.0.1', '127.9.9.9', '::1', '[::1]', 'localhost'])
      assert.ok(isLoopback(host), host);
    for (const host of ['', '10.0.0.1', '127.evil.example', 'localhost.evil.example', '::2']) {
      assert.ok(!isLoopback(host), host);
    }
  });

  it('peers of this machine come by loopback or by a Unix socket', () => {
    assert.ok(isOfThisMachine({ kind: 'unix', path: '' }));
    assert.ok(isOfThisMachine({ kind: 'ip', host: '127.0.0.1', port: 1 }));
    assert.ok(!isOfThisMachine({ kind: 'ip', host: '192.0.2.1', port: 1 }));
  });
});
