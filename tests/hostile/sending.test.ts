import assert from 'node:assert/strict';
import { describe } from 'node:test';
import * as frames from '../autobahn/frames.ts';
import { Peer } from './peer.ts';
import { siege } from './siege.ts';

const MIB = 1_048_576;
const KIB16 = 16_384;

/** Takes binary messages until the close frame. @returns how many there were, and the code. */
async function drain(peer: Peer): Promise<{ messages: number; code: number }> {
  for (let messages = 0; ; messages++) {
    const { opcode, payload } = await peer.next();
    if (opcode === frames.OPCODE.close) return { messages, code: payload.readUInt16BE() };
    assert.equal(payload.length, KIB16);
  }
}

describe('bad input: peers that do not read', () => {
  siege(
    'a send queue has 8 MiB; then send() answers false, and 1013 follows the whole stream',
    {},
    async ({ server, target }) => {
      const peer = (await Peer.open(target, { path: '/push' })).stopReading();
      peer.send(frames.text(String(KIB16)));
      const { accepted, queued } = await server.reported('refused', ({ port }) => port === peer.port);
      assert.ok(queued >= 8 * MIB && queued < 8 * MIB + 2 * KIB16, `${queued} bytes were queued`);
      assert.equal(server.reports('full').length, 1);
      peer.startReading();
      assert.deepEqual(await drain(peer), { messages: accepted, code: 1013 });
      const { cause } = await server.reported('closed', ({ port }) => port === peer.port);
      assert.deepEqual([cause.by, cause.how, cause.sent?.code], ['us', 'limit', 1013]);
    },
  );

  const small = { maxSendBufferSize: 65_536, maxQueued: MIB };
  siege('30 of them, who stay deaf, are cut off', { options: small }, async ({ server, target }) => {
    const peers = await Peer.openMany(30, target, { path: '/push' });
    for (const peer of peers) peer.stopReading().send(frames.text(String(KIB16)));
    for (const peer of peers) {
      const { cause } = await server.reported('closed', ({ port }) => port === peer.port);
      assert.deepEqual([cause.how, cause.sent?.code], ['limit', 1013]);
    }
  });

  siege(
    '30 subscribers of a broadcast, up to 8 MiB each, share its memory',
    {},
    async ({ server, target }) => {
      const deaf = await Peer.openMany(30, target, { path: '/b' });
      for (const peer of deaf) peer.stopReading();
      const talker = await Peer.open(target, { path: '/b' });
      const message = frames.binary(Buffer.alloc(KIB16));
      let longest = 0;
      while (server.reports('closed').length < 30) {
        talker.send(message);
        await talker.next();
        longest = Math.max(longest, (await server.standing()).longest);
      }
      assert.ok(longest >= 8 * MIB && longest < 8 * MIB + 2 * KIB16, `${longest} bytes were queued`);
      for (const { cause } of server.reports('closed')) assert.equal(cause.sent?.code, 1013);
    },
  );

  siege(
    '30 that send for echoes and never read are not read: 64 KiB and one message each',
    {},
    async ({ server, target }) => {
      const peers = await Peer.openMany(30, target);
      const message = frames.binary(Buffer.alloc(KIB16));
      const count = 768;
      const flood = Buffer.concat(Array<Buffer>(count).fill(message));
      for (const peer of peers) peer.stopReading().send(flood);
      const { longest, connections } = await server.still();
      assert.ok(longest > 65_536 && longest <= 65_536 + KIB16 + 10, `${longest} bytes were queued`);
      assert.equal(connections, 31);
      for (const peer of peers) assert.ok(peer.stuck > 0);

      const [repentant] = peers;
      repentant?.startReading();
      for (let echoes = 0; echoes < count; echoes++)
        assert.equal((await repentant?.next())?.payload.length, KIB16);
    },
  );

  const stalling = { maxSendBufferSize: 65_536, stallTimeout: 1 };
  siege(
    'a queue over its soft limit that stands still for stallTimeout: 1013',
    { options: stalling },
    async (siege) => {
      const { server, target } = siege;
      const peer = (await Peer.open(target, { path: '/volley' })).stopReading();
      peer.send(frames.text(`500x${KIB16}`));
      await server.reported('full');
      await server.logged(/was closed with 1013: the peer does not read/);
      assert.deepEqual(server.reports('refused'), []);
      peer.startReading();
      assert.deepEqual(await drain(peer), { messages: 500, code: 1013 });
    },
  );

  const dropping = { maxSendBufferSize: 65_536, overflow: 'drop' } as const;
  siege(
    "overflow: 'drop' refuses and keeps the connection",
    { options: dropping },
    async ({ server, target }) => {
      const peer = (await Peer.open(target, { path: '/push' })).stopReading();
      peer.send(frames.text(String(KIB16)));
      const { accepted, queued } = await server.reported('refused');
      assert.ok(queued >= 65_536 && queued < 65_536 + 2 * KIB16, `${queued} bytes were queued`);
      const { message } = await server.reported('error');
      assert.equal(message, 'send queue is full');
      peer.startReading();
      for (let count = 0; count < accepted; count++) assert.equal((await peer.next()).payload.length, KIB16);
      await server.reported('drained');
      peer.send(frames.ping('still there?'));
      assert.equal((await peer.next()).payload.toString(), 'still there?');
    },
  );
});

describe('and the reverse: peers that read get everything', () => {
  for (const tls of [false, true]) {
    const over = tls ? 'wss' : 'ws';

    siege(`a message of 4 MiB arrives whole over ${over}`, { tls }, async ({ target }) => {
      const peer = await Peer.open(target, { path: '/volley' });
      peer.send(frames.text(`1x${4 * MIB}`));
      assert.ok((await peer.next()).payload.equals(Buffer.alloc(4 * MIB)));
    });

    siege(`2,000 × 1 KiB sent in one turn arrive whole over ${over}`, { tls }, async ({ target }) => {
      const peer = await Peer.open(target, { path: '/volley' });
      peer.send(frames.text('2000x1024'));
      for (let index = 0; index < 2000; index++) {
        const expected = Buffer.alloc(1024, index);
        expected.writeUInt32BE(index);
        assert.ok((await peer.next()).payload.equals(expected), `message ${index}`);
      }
    });
  }

  siege('what is sent in one turn, shared and not, leaves and reading goes on', {}, async ({ target }) => {
    const peer = await Peer.open(target, { path: '/both' });
    for (let round = 0; round < 3; round++) {
      peer.send(frames.binary(Buffer.alloc(40_000, round)));
      for (let twice = 0; twice < 2; twice++) assert.equal((await peer.next()).payload[0], round);
    }
  });
});
