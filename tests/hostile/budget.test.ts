import assert from 'node:assert/strict';
import { describe } from 'node:test';
import * as frames from '../autobahn/frames.ts';
import { Peer } from './peer.ts';
import { siege } from './siege.ts';

const MIB = 1_048_576;
const LIMIT = 48 * MIB;
const CROWD = { options: { maxBuffered: LIMIT }, memory: LIMIT + 64 * MIB };

/** A masked message of so many bytes, of which only the first `sent` are here. */
function begun(size: number, sent: number): Buffer {
  return frames.binary(Buffer.alloc(size)).subarray(0, sent);
}

describe('bad input: more than maxBuffered, which is 48 MiB here', () => {
  siege('1,000 subscribers of a broadcast that never read', CROWD, async ({ server, target }) => {
    const deaf = await Peer.openMany(1000, target, { path: '/b' });
    for (const peer of deaf) peer.stopReading();
    const listener = await Peer.open(target, { path: '/b' });
    const message = frames.binary(Buffer.alloc(65_536));
    let most = 0;
    while (server.reports('closed').length < 200) {
      listener.send(message);
      assert.equal((await listener.next()).payload.length, 65_536);
      most = Math.max(most, (await server.standing()).held);
    }
    assert.ok(most <= LIMIT, `${most} bytes were held`);
    for (const { cause } of server.reports('closed'))
      assert.deepEqual([cause.by, cause.how], ['us', 'limit']);
    assert.ok(server.reports('closed').length < 700, 'only as many as must go');
    listener.send(message);
    assert.equal((await listener.next()).payload.length, 65_536);
  });

  siege(
    '1,000 half-sent messages: the largest get 1013, the others go on',
    CROWD,
    async ({ server, target }) => {
      const modest = await Peer.openMany(500, target);
      const greedy = await Peer.openMany(500, target);
      const [part, large] = [begun(16_000, 8_000), begun(MIB, MIB / 2)];
      for (const peer of modest) peer.send(part);
      for (const peer of greedy) peer.send(large);

      await server.reported('closed');
      const { held, connections } = await server.still();
      assert.ok(held <= LIMIT, `${held} bytes are held`);
      assert.ok(connections > 501, 'only as many as must go');
      const gone = greedy.filter((peer) => peer.ending !== undefined);
      assert.equal(connections, 1 + modest.length + greedy.length - gone.length);
      for (const peer of gone) assert.equal(await peer.closeCode(), 1013);

      const rest = frames.binary(Buffer.alloc(16_000)).subarray(8_000);
      for (const peer of modest) peer.send(rest);
      for (const peer of modest) assert.equal((await peer.next()).payload.length, 16_000);
    },
  );
});
