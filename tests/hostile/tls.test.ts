import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe } from 'node:test';
import { Peer } from './peer.ts';
import { siege } from './siege.ts';

/** The beginning of a ClientHello: a record of 512 bytes is announced, a part of it follows. */
const HALF_HELLO = Buffer.concat([Buffer.from('1603010200010001fc0303', 'hex'), Buffer.alloc(100, 7)]);
/** The first byte of an alert record. */
const TLS_ALERT = '\u0015';
const overTls = { tls: true };

describe('bad input: TLS handshakes (RFC 8446 §4, §5.1)', { concurrency: 4 }, () => {
  siege(
    'a silent peer, half a ClientHello and one that drips are ended after handshakeTimeout',
    overTls,
    async ({ target }) => {
      const begun = performance.now();
      const silent = await Peer.plain(target);
      const half = await Peer.plain(target);
      half.send(HALF_HELLO);
      const dripping = await Peer.plain(target);
      dripping.send(HALF_HELLO.subarray(0, 1));
      let sent = 1;
      const drip = setInterval(() => dripping.send(HALF_HELLO.subarray(sent, ++sent)), 50);
      await Promise.all([silent.ended(), half.ended(), dripping.ended()]);
      clearInterval(drip);
      const took = performance.now() - begun;
      assert.ok(took >= 1000 && took < 3000, `it took ${took} ms`);
      for (const peer of [silent, half, dripping]) assert.equal(peer.received.length, 0);
    },
  );

  siege('100 silent peers at once', overTls, async ({ target }) => {
    const peers = await Promise.all(Array.from({ length: 100 }, () => Peer.plain(target)));
    for (const [index, peer] of peers.entries()) if (index % 2 === 0) peer.send(HALF_HELLO);
    await Promise.all(peers.map((peer) => peer.ended()));
  });

  siege(
    'who speaks TLS and then says nothing has upgradeTimeout for the request: 408',
    overTls,
    async ({ target }) => {
      const silent = await Peer.connect(target);
      assert.match(await silent.last(), /^HTTP\/1\.1 408 /);
    },
  );

  siege('TLS 1.1 and a damaged ClientHello are refused', overTls, async ({ server, target }) => {
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await assert.rejects(Peer.connect(target, old), { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' });
    await assert.rejects(Peer.connect(target, { maxVersion: 'TLSv1.2', ciphers: 'AES128-SHA' }));

    const damaged = await Peer.plain(target);
    damaged.send(Buffer.concat([Buffer.from('1603010080', 'hex'), randomBytes(100_000)]));
    await damaged.ended();
    await server.logged(/TLS with 127\.0\.0\.1:\d+ failed/);
  });
});

describe('bad input: no TLS on a TLS port', () => {
  siege('plain HTTP is answered 400 that names the URLs to use', overTls, async ({ target }) => {
    const peer = await Peer.plain(target);
    peer.send(`GET /chat?room=1 HTTP/1.1\r\nHost: localhost:${target.port}\r\n\r\n`);
    const answer = await peer.last();
    assert.match(answer, /^HTTP\/1\.1 400 /);
    assert.ok(answer.includes(`https://localhost:${target.port}/chat?room=1`), answer);
    assert.ok(answer.includes(`wss://localhost:${target.port}/chat?room=1`), answer);
  });

  siege('100 kB of noise is answered 400 or closed, on 20 connections', overTls, async ({ target }) => {
    for (let round = 0; round < 20; round++) {
      const peer = await Peer.plain(target);
      peer.send(randomBytes(100_000));
      const answer = await peer.last();
      assert.ok(answer === '' || answer.startsWith(TLS_ALERT) || answer.startsWith('HTTP/1.1 4'), answer);
    }
  });

  siege(
    'an endless line is answered, and no callback hears of any of this',
    overTls,
    async ({ server, target }) => {
      const peer = await Peer.plain(target);
      peer.send(Buffer.alloc(1_000_000, 'a'));
      assert.match(await peer.last(), /^HTTP\/1\.1 400 .*this port speaks TLS/s);
      peer.finish();
      await server.stood(({ connections }) => connections === 1);
      assert.deepEqual(server.reports('closed'), []);
    },
  );
});
