import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FORGEABLE } from '../../src/front/parts.ts';
import { effective, printed } from './configurations.ts';

describe('caddy', () => {
  const lines = effective(printed('caddy', { version: '2.6.2' }));

  it('passes on one path exactly, capital letters told apart', () => {
    assert.ok(lines.includes('@usta path_regexp ^/wss$'));
    assert.ok(lines.includes('reverse_proxy 127.0.0.1:8282 {'));
    assert.ok(lines.includes('respond 404'));
    assert.ok(effective(printed('caddy', { path: '/v1.0' })).includes('@usta path_regexp ^/v1\\.0$'));
  });

  it('leaves the one address header to Caddy and deletes every other', () => {
    for (const name of FORGEABLE) assert.ok(lines.includes(`header_up -${name}`), name);
    assert.ok(!lines.some((line) => /X-Forwarded-For|trusted_proxies/.test(line)));
  });

  it('waits as long as the heartbeat says', () => {
    assert.ok(lines.includes('read_timeout 85s') && lines.includes('write_timeout 85s'));
    assert.ok(lines.includes('keepalive 55s'));
  });

  it('gets its certificate by itself, unless there is one', () => {
    assert.ok(lines.includes('tls {'));
    const given = effective(printed('caddy', { certificate: '/a.pem', key: '/a.key' }));
    assert.ok(given.includes('tls /a.pem /a.key {'));
  });

  it('keeps to HTTP/1.1 unless asked for more', () => {
    assert.ok(lines.includes('alpn http/1.1'));
    assert.ok(!effective(printed('caddy', { http2: true })).some((line) => line.startsWith('alpn')));
  });

  it('keeps open WebSockets over a reload from 2.7 on', () => {
    assert.ok(!lines.some((line) => line.startsWith('stream_close_delay')));
    assert.ok(effective(printed('caddy', { version: '2.7.0' })).includes('stream_close_delay 24h'));
  });

  it('sends PROXY headers from 2.7 on, before that it says what to use instead', () => {
    assert.throws(() => printed('caddy', { proxyProtocol: true, version: '2.6.2' }), {
      code: 'E_PROXY_PROTOCOL',
      message: /^caddy 2\.6\.2 cannot send PROXY headers.*X-Forwarded-For with trustProxy tells the same$/,
    });
    const newer = effective(printed('caddy', { proxyProtocol: true, version: '2.7.0' }));
    assert.ok(newer.includes('proxy_protocol v2') && newer.includes('keepalive off'));
  });

  it('redirects from a port of its own only where Caddy does not by itself', () => {
    assert.ok(!lines.some((line) => line.startsWith('redir')));
    const moved = effective(printed('caddy', { plainPort: 8080, port: 8443 }));
    assert.deepEqual(moved.slice(0, 3), [
      'http://domain.com:8080 {',
      'redir https://domain.com:8443{uri} permanent',
      '}',
    ]);
    assert.ok(moved.includes('domain.com:8443 {'));
  });
});
