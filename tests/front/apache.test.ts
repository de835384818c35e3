import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FORGEABLE } from '../../src/front/parts.ts';
import { effective, printed } from './configurations.ts';

describe('apache', () => {
  const lines = effective(printed('apache'));

  it('passes on one path exactly, upgrades to WebSocket with it', () => {
    assert.ok(
      lines.includes(
        'ProxyPassMatch "^/wss$" "http://127.0.0.1:8282" upgrade=websocket connectiontimeout=5 timeout=85 ttl=55',
      ),
    );
    assert.ok(lines.includes('RedirectMatch 404 "^(?!/wss$)"'));
    assert.ok(
      effective(printed('apache', { path: '/v1.0/ws' })).some((line) => line.includes('"^/v1\\.0/ws$"')),
    );
  });

  it('takes the forged headers out and lets Apache add the address', () => {
    for (const name of ['X-Forwarded-For', ...FORGEABLE])
      assert.ok(lines.includes(`RequestHeader unset ${name}`), name);
    assert.ok(!lines.some((line) => line.startsWith('ProxyAddHeaders')));
  });

  it('passes Host', () => {
    assert.ok(lines.includes('ProxyPreserveHost On'));
  });

  it('waits as long as the heartbeat says', () => {
    assert.ok(lines.includes('Timeout 85'));
  });

  it('speaks TLS 1.2 and 1.3, and HTTP/2 only when asked to', () => {
    assert.ok(lines.includes('SSLProtocol -all +TLSv1.2 +TLSv1.3'));
    assert.ok(lines.includes('Protocols http/1.1'));
    assert.ok(effective(printed('apache', { http2: true })).includes('Protocols h2 http/1.1'));
  });

  it('names the modules that it needs', () => {
    assert.match(printed('apache'), /a2enmod ssl headers alias proxy proxy_http &&/);
    assert.match(
      printed('apache', { http2: true, upstreams: ['a:1', 'b:2'] }),
      /a2enmod .* proxy_balancer lbmethod_byrequests lbmethod_bybusyness slotmem_shm http2 &&/,
    );
  });

  it('opens ports that are not the usual ones', () => {
    assert.ok(!lines.some((line) => line.startsWith('Listen')));
    const moved = effective(printed('apache', { port: 8443, plainPort: 0 }));
    assert.deepEqual(moved.slice(0, 2), ['Listen 8443', '<VirtualHost *:8443>']);
  });

  it('balances several workers', () => {
    const several = effective(printed('apache', { upstreams: ['127.0.0.1:8282', '127.0.0.1:8283'] }));
    assert.ok(several.includes('<Proxy "balancer://usta-domain-com-wss">'));
    assert.ok(several.includes('ProxyPassMatch "^/wss$" "balancer://usta-domain-com-wss"'));
    assert.equal(several.filter((line) => /^BalancerMember .* upgrade=websocket /.test(line)).length, 2);
  });

  it('cannot send PROXY headers, and says what to use instead', () => {
    assert.throws(() => printed('apache', { proxyProtocol: true }), {
      code: 'E_PROXY_PROTOCOL',
      message: /X-Forwarded-For with trustProxy tells the same, or take haproxy or nginx$/,
    });
  });

  it('refuses a version without upgrade=websocket', () => {
    assert.throws(() => printed('apache', { version: '2.4.46' }), { message: /it needs 2\.4\.47 or newer/ });
  });
});
