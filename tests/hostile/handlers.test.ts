import assert from 'node:assert/strict';
import { describe } from 'node:test';
import * as frames from '../autobahn/frames.ts';
import { Peer, upgradeRequest } from './peer.ts';
import { siege } from './siege.ts';

const HANDLER_FAILED = 3;

describe('bad input: handlers that fail', () => {
  siege(
    'onMessage throws or rejects: 1011 for that connection, onError is told',
    {},
    async ({ server, target }) => {
      const neighbours = await Peer.openMany(5, target);
      for (const path of ['/throws', '/rejects']) {
        const peer = await Peer.open(target, { path });
        peer.send(Buffer.concat([frames.text('first'), frames.text('second')]));
        assert.equal(await peer.closeCode(), 1011);
        assert.equal(await peer.ended(), 'fin');
        peer.finish();
        const { code, message } = await server.reported('error', ({ port }) => port === peer.port);
        assert.deepEqual([code, message], [HANDLER_FAILED, 'onMessage: onMessage was told to fail']);
        const { cause } = await server.reported('closed', ({ port }) => port === peer.port);
        assert.deepEqual([cause.by, cause.how, cause.sent?.code], ['us', 'handler', 1011]);
      }
      for (const peer of neighbours) peer.send(frames.text('and you?'));
      for (const peer of neighbours) assert.equal((await peer.next()).payload.toString(), 'and you?');
      await server.logged(/onMessage failed: Error: onMessage was told to fail/);
    },
  );

  siege('onWebSocketConnect throws or rejects: 500', {}, async ({ server, target }) => {
    for (const path of ['/connect-throws', '/connect-rejects']) {
      const peer = await Peer.plain(target);
      peer.send(`${upgradeRequest({ path })}what follows`);
      assert.match(await peer.last(), /^HTTP\/1\.1 500 /);
      peer.finish();
      const { message } = await server.reported('error', ({ port }) => port === peer.port);
      assert.equal(message, 'onWebSocketConnect: onWebSocketConnect was told to fail');
      const { cause } = await server.reported('closed', ({ port }) => port === peer.port);
      assert.equal(cause.how, 'handler');
    }
  });

  siege('onConnect throws: that connection ends', {}, async ({ server, target }) => {
    await server.ask('fail-next-connect');
    const peer = await Peer.plain(target);
    await peer.ended();
    peer.finish();
    const { cause } = await server.reported('closed', ({ port }) => port === peer.port);
    assert.deepEqual([cause.by, cause.how], ['us', 'handler']);
  });

  siege('onClose throws: onError is told, and that is all', {}, async ({ server, target }) => {
    const peer = await Peer.open(target, { path: '/close-throws' });
    peer.destroy();
    const { code, message } = await server.reported('error', ({ port }) => port === peer.port);
    assert.deepEqual([code, message], [HANDLER_FAILED, 'onClose: onClose was told to fail']);
  });

  siege('1,000 messages in one go to a handler that always throws', {}, async ({ server, target }) => {
    const peers = await Peer.openMany(30, target, { path: '/throws' });
    const flood = Buffer.concat(Array<Buffer>(1000).fill(frames.text('again')));
    for (const peer of peers) peer.send(flood);
    for (const peer of peers) assert.equal(await peer.closeCode(), 1011);
    assert.equal(server.reports('error').length, peers.length, 'a connection fails once');
  });
});
