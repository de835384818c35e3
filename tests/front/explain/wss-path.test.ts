import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { looksLikeWss } from '../../../src/front/explain/wss-path.ts';

describe('looksLikeWss', () => {
  it('knows the usual names, in patterns too', () => {
    for (const path of [
      '/ws',
      '/wss',
      '/wss3',
      '/ws/',
      '/api/ws',
      '^/wss$',
      '/websocket',
      '/web-sockets',
      '/socket.io/',
      '^/socket\\.io/',
      '/sockjs',
      '/cable',
      '/action-cable',
      '/signalr/hub',
      '/app/ws',
      '/chat-ws',
      '/(ws|wss)$',
    ])
      assert.ok(looksLikeWss(path), path);
  });

  it('does not see them in other words', () => {
    for (const path of [
      '/',
      '/news',
      '/api',
      '/browser',
      '\\.php$',
      '/wsdl',
      '/reviews/',
      '/applications',
      '',
    ]) {
      assert.ok(!looksLikeWss(path), path);
    }
  });
});
