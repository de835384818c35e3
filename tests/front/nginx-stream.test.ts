import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { effective, printed } from './configurations.ts';

describe('nginx with --proxy-protocol', () => {
  const lines = effective(printed('nginx', { proxyProtocol: true }));

  it('is a raw stream with a PROXY header', () => {
    assert.equal(lines[0], 'stream {');
    for (const line of [
      'proxy_protocol on;',
      'proxy_pass usta_domain_com_wss;',
      'proxy_timeout 85s;',
      'ssl_alpn http/1.1;',
    ]) {
      assert.ok(lines.includes(line), line);
    }
  });

  it('has a cache of TLS sessions of its own: one of the http context cannot be shared', () => {
    assert.ok(lines.includes('ssl_session_cache shared:usta_stream:10m;'));
  });

  it('says that the worker has to look at the path, and whom it believes', () => {
    assert.ok(
      printed('nginx', { proxyProtocol: true }).includes(
        "new Worker('websocket://127.0.0.1:8282', { path: '/wss', proxyProtocol: ['127.0.0.1'] });",
      ),
    );
  });

  it('cannot speak HTTP/2, and says so', () => {
    assert.throws(() => printed('nginx', { proxyProtocol: true, http2: true }), {
      code: 'E_PROXY_HTTP2',
      message: /leave out --http2 or --proxy-protocol$/,
    });
  });
});
