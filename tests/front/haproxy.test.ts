import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FORGEABLE } from '../../src/front/parts.ts';
import { effective, printed } from './configurations.ts';

describe('haproxy', () => {
  const lines = effective(printed('haproxy'));

  it('passes on one path of one name, and answers 404 to the rest', () => {
    for (const line of [
      'acl usta_domain_com_wss_host hdr(host),field(1,:),lower -m str domain.com',
      'acl usta_domain_com_wss_path path /wss',
      'use_backend usta_domain_com_wss if usta_domain_com_wss_host usta_domain_com_wss_path',
      'default_backend usta_domain_com_wss_elsewhere',
    ]) {
      assert.ok(lines.includes(line), line);
    }
    assert.deepEqual(lines.slice(-3), [
      'backend usta_domain_com_wss_elsewhere',
      'mode http',
      'http-request return status 404',
    ]);
  });

  it('sets one address header and deletes every other', () => {
    assert.ok(lines.includes('http-request set-header X-Forwarded-For %[src]'));
    for (const name of FORGEABLE) assert.ok(lines.includes(`http-request del-header ${name}`), name);
  });

  it('gives an open WebSocket the time that the heartbeat says', () => {
    for (const name of ['client', 'server', 'tunnel']) assert.ok(lines.includes(`timeout ${name} 85s`), name);
  });

  it('speaks TLS 1.2 and 1.3, and HTTP/2 only when asked to', () => {
    const [bind = ''] = lines.filter((line) => line.startsWith('bind :443'));
    assert.match(bind, / ssl crt \/etc\/haproxy\/server\.pem ssl-min-ver TLSv1\.2 ciphers ECDHE-/);
    assert.match(bind, / alpn http\/1\.1$/);
    assert.ok(
      effective(printed('haproxy', { http2: true })).some((line) => line.endsWith(' alpn h2,http/1.1')),
    );
  });

  it('sends PROXY headers of version 2 when asked to', () => {
    assert.ok(lines.includes('server worker1 127.0.0.1:8282'));
    const options = { proxyProtocol: true, upstreams: ['127.0.0.1:1', '[::1]:2'] };
    const servers = effective(printed('haproxy', options)).filter((line) => line.startsWith('server '));
    assert.deepEqual(servers, [
      'server worker1 127.0.0.1:1 check send-proxy-v2',
      'server worker2 [::1]:2 check send-proxy-v2',
    ]);
  });

  it('needs 2.2', () => {
    assert.throws(() => printed('haproxy', { version: '2.0.33' }), { message: /it needs 2\.2\.0 or newer/ });
  });
});
