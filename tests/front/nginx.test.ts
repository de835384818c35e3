import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resolveLimits } from '../../src/connection/limits.ts';
import { FORGEABLE } from '../../src/front/parts.ts';
import { effective, printed } from './configurations.ts';

describe('nginx', () => {
  const lines = effective(printed('nginx'));

  it('passes on one path exactly, to workers whose connections are kept', () => {
    assert.ok(lines.includes('location = /wss {'));
    assert.ok(lines.includes('proxy_pass http://usta_domain_com_wss;'));
    assert.ok(lines.includes('server 127.0.0.1:8282;'));
    assert.ok(lines.includes('keepalive 16;'));
    assert.ok(lines.includes('proxy_http_version 1.1;'));
    assert.deepEqual(lines.slice(lines.indexOf('location / {')), ['location / {', 'return 404;', '}', '}']);
  });

  it('passes on upgrades to WebSocket, and no other: plain requests stay plain', () => {
    const maps = lines.slice(0, lines.indexOf('upstream usta_domain_com_wss {'));
    assert.deepEqual(maps, [
      'map $http_upgrade $usta_upgrade {',
      "default       '';",
      '~*^websocket$ websocket;',
      '}',
      'map $usta_upgrade $usta_connection {',
      'default upgrade;',
      "''      '';",
      '}',
    ]);
    assert.ok(lines.includes('proxy_set_header Upgrade $usta_upgrade;'));
    assert.ok(lines.includes('proxy_set_header Connection $usta_connection;'));
  });

  it('sets one address header and empties every other', () => {
    assert.ok(lines.includes('proxy_set_header X-Forwarded-For $remote_addr;'));
    for (const name of FORGEABLE) assert.ok(lines.includes(`proxy_set_header ${name} '';`), name);
    assert.ok(!lines.some((line) => line.includes('$proxy_add_x_forwarded_for')));
  });

  it('passes Host, with the port where it is not the usual one', () => {
    assert.ok(lines.includes('proxy_set_header Host $host;'));
    assert.ok(
      effective(printed('nginx', { port: 8443 })).includes('proxy_set_header Host $host:$server_port;'),
    );
  });

  it('waits as long as the heartbeat says', () => {
    const { pingMs, idleMs } = resolveLimits({});
    for (const name of ['proxy_read_timeout', 'proxy_send_timeout']) {
      assert.ok(lines.includes(`${name} ${(pingMs + idleMs) / 1000}s;`), name);
    }
    const faster = effective(
      printed('nginx', { limits: resolveLimits({ pingInterval: 1.5, idleTimeout: 3 }) }),
    );
    assert.ok(faster.includes('proxy_read_timeout 4500ms;'));
  });

  it('speaks TLS 1.2 and 1.3 with AEAD suites only', () => {
    assert.ok(lines.includes('ssl_protocols TLSv1.2 TLSv1.3;'));
    const [suites = ''] = lines.filter((line) => line.startsWith('ssl_ciphers '));
    for (const suite of suites.slice('ssl_ciphers '.length, -1).split(':')) {
      assert.match(suite, /^ECDHE-(ECDSA|RSA)-(AES\d+-GCM-SHA\d+|CHACHA20-POLY1305)$/);
    }
  });

  it('is in the dialect of the version: `http2 on` since 1.25.1', () => {
    const older = effective(printed('nginx', { http2: true, version: '1.25.0' }));
    assert.ok(older.includes('listen 443 ssl http2;') && !older.includes('http2 on;'));
    const newer = effective(printed('nginx', { http2: true, version: '1.25.1' }));
    assert.ok(newer.includes('listen 443 ssl;') && newer.includes('http2 on;'));
    assert.ok(effective(printed('nginx', { http2: true })).includes('http2 on;'));
    assert.ok(!lines.some((line) => line.includes('http2')));
  });

  it('keeps the Upgrade header of plain answers from HTTP/2: RFC 9113 §8.2.2', () => {
    const both = effective(printed('nginx', { http2: true }));
    const at = both.indexOf('location = /wss {');
    assert.deepEqual(both.slice(at, at + 10), [
      'location = /wss {',
      'error_page 418 = @usta_domain_com_wss;',
      "if ($usta_upgrade = '') {",
      'return 418;',
      '}',
      'proxy_pass http://usta_domain_com_wss;',
      '}',
      'location @usta_domain_com_wss {',
      'proxy_hide_header Upgrade;',
      'proxy_pass http://usta_domain_com_wss;',
    ]);
    assert.ok(both.indexOf('proxy_set_header X-Forwarded-For $remote_addr;') < at);
  });

  it('has no `ssl on`, which nginx knows no more', () => {
    assert.ok(!lines.some((line) => /^ssl /.test(line)));
  });

  it('refuses a version that cannot read it', () => {
    assert.throws(() => printed('nginx', { version: '1.14.2' }), { code: 'E_VERSION' });
  });

  it('sends port 80 to https, unless told not to', () => {
    assert.ok(lines.includes('return 301 https://domain.com$request_uri;'));
    const moved = effective(printed('nginx', { port: 8443, plainPort: 8080 }));
    assert.ok(
      moved.includes('listen 8080;') && moved.includes('return 301 https://domain.com:8443$request_uri;'),
    );
    assert.ok(!printed('nginx', { plainPort: 0 }).includes('301'));
  });

  it('gives several workers their share by connections', () => {
    const several = effective(printed('nginx', { upstreams: ['127.0.0.1:8282', '[::1]:8283'] }));
    const at = several.indexOf('upstream usta_domain_com_wss {');
    assert.deepEqual(several.slice(at + 1, at + 5), [
      'zone usta_domain_com_wss 64k;',
      'least_conn;',
      'server 127.0.0.1:8282;',
      'server [::1]:8283;',
    ]);
  });

  it('listens on one address only when asked to', () => {
    assert.ok(lines.includes('listen [::]:443 ssl;'));
    const bound = effective(printed('nginx', { address: '127.0.0.1', plainPort: 0 }));
    assert.deepEqual(
      bound.filter((line) => line.startsWith('listen')),
      ['listen 127.0.0.1:443 ssl;'],
    );
  });
});
