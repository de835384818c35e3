import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as frames from '../autobahn/frames.ts';
import { Fortress } from './fortress.ts';
import { Peer } from './peer.ts';
import { siege } from './siege.ts';

/** @returns milliseconds until the next frame. */
async function pinged(peer: Peer, since: number): Promise<number> {
  await peer.next();
  return performance.now() - since;
}

describe('bad input: silence (RFC 6455 §5.5.2, §5.5.3)', { concurrency: 2 }, () => {
  const options = { pingInterval: 0.25, idleTimeout: 1 };

  siege(
    'who answers no ping is cut off after idleTimeout; who answers lives',
    { options },
    async ({ server, target }) => {
      const dead = await Peer.openMany(10, target);
      const alive = await Peer.open(target);
      let pongs = 0;
      while (server.reports('closed').length < dead.length) {
        const { opcode, payload } = await alive.next();
        assert.equal(opcode, frames.OPCODE.ping);
        alive.send(frames.pong(payload));
        pongs++;
      }
      assert.ok(pongs >= 3, `${pongs} pings came before the dead were found`);
      for (const peer of dead) {
        const { cause } = await server.reported('closed', ({ port }) => port === peer.port);
        assert.deepEqual(
          [cause.by, cause.how, cause.reason],
          ['network', 'deadline', 'nothing heard for 1 s'],
        );
        assert.ok(cause.idle >= 1 && cause.idle < 3, `after ${cause.idle} s`);
      }
      assert.equal(alive.ending, undefined);
    },
  );

  siege(
    'pings of many connections are spread over the interval',
    { options: { pingInterval: 1 } },
    async ({ target }) => {
      const peers = await Peer.openMany(64, target);
      const begun = performance.now();
      const times = await Promise.all(peers.map((peer) => pinged(peer, begun)));
      const early = times.filter((time) => time < 500).length;
      assert.ok(early > 10 && early < 54, `${early} of 64 came in the first half of the interval`);
    },
  );
});

describe('bad input: close handshakes that do not end (RFC 6455 §7.1.1)', () => {
  siege(
    'who does not answer our close frame, or does not end, is cut off after closeTimeout',
    {},
    async ({ server, target }) => {
      const silent = await Peer.open(target, { path: '/closes' });
      const talking = await Peer.open(target, { path: '/closes' });
      const lingering = await Peer.open(target, { path: '/closes' });
      const deaf = (await Peer.open(target, { path: '/closes' })).stopReading();
      for (const peer of [silent, talking, lingering, deaf]) peer.send(frames.text('close'));
      for (const peer of [silent, talking, lingering]) assert.equal(await peer.closeCode(), 1000);
      const talk = setInterval(() => talking.send(frames.text('and another thing')), 20);
      lingering.send(frames.close(1000));

      for (const peer of [silent, talking, deaf, lingering]) {
        const { cause } = await server.reported('closed', ({ port }) => port === peer.port);
        assert.equal(cause.sent?.code, 1000);
        assert.ok(cause.age >= 1 && cause.age < 3, `after ${cause.age} s`);
      }
      clearInterval(talk);
    },
  );
});

describe('bad input: peers that do not leave when the server stops', { concurrency: 2 }, () => {
  it('stop: 1001 to all, and after drainTimeout the process has ended', { timeout: 20_000 }, async () => {
    const server = await Fortress.start({ tls: true, options: { drainTimeout: 1, closeTimeout: 30 } });
    const polite = await Peer.open(server.ws);
    const stubborn = await Peer.open(server.wss);
    const deaf = (await Peer.open(server.ws)).stopReading();
    const serving = await Peer.plain(server.ws);
    serving.send('GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const handshaking = await Peer.plain(server.wss);
    await server.stood(({ waiting }) => waiting === 1);

    const begun = performance.now();
    const stopped = server.stop();
    assert.equal(await polite.closeCode(), 1001);
    polite.send(frames.close(1001));
    assert.equal(await polite.ended(), 'fin');
    assert.equal(await stubborn.closeCode(), 1001);
    assert.equal(await stopped, 0);
    const took = performance.now() - begun;
    assert.ok(took >= 1000 && took < 3000, `it took ${took} ms`);
    for (const peer of [stubborn, serving, handshaking]) await peer.ended();
    deaf.startReading();
    await deaf.ended();
    Peer.endAll(server.ws, server.wss);
  });

  it('stop: when all leave at once, so does the process', { timeout: 20_000 }, async () => {
    const server = await Fortress.start({ options: { drainTimeout: 30 } });
    const peers = await Peer.openMany(20, server.ws);
    const begun = performance.now();
    const stopped = server.stop();
    for (const peer of peers) {
      assert.equal(await peer.closeCode(), 1001);
      peer.send(frames.close(1001));
      await peer.ended();
      peer.finish();
    }
    Peer.endAll(server.ws);
    assert.equal(await stopped, 0);
    assert.ok(performance.now() - begun < 3000);
  });
});
