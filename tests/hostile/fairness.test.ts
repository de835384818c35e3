import assert from 'node:assert/strict';
import { describe } from 'node:test';
import * as frames from '../autobahn/frames.ts';
import { Peer } from './peer.ts';
import { siege } from './siege.ts';

const FLOOD = 100_000;

describe('bad input: one that takes more than its share', () => {
  siege(
    '100,000 messages are there at once: the others have their turn long before the last',
    {},
    async (siege) => {
      const { server, target } = siege;
      const flooder = await Peer.open(target, { path: '/quiet' });
      const other = await Peer.open(target, { path: '/swallowed' });
      const flood = Buffer.concat(Array<Buffer>(FLOOD).fill(frames.text('.')));
      await server.ask('nap');
      flooder.send(flood);
      other.send(frames.text('how many so far?'));
      const before = Number((await other.next()).payload.toString());
      assert.ok(before <= FLOOD / 10, `${before} messages were taken before the other had its turn`);
      let swallowed = 0;
      while (swallowed < FLOOD) {
        other.send(frames.text('and now?'));
        swallowed = Number((await other.next()).payload.toString());
      }
      const { held } = await server.stoodSoon((standing) => standing.held === 0);
      assert.equal(held, 0, 'what was taken in later turns is not held any more');
    },
  );

  siege('20 that flood echoes and read them', {}, async ({ bystander, target }) => {
    const flooders = await Peer.openMany(20, target);
    const count = 5000;
    const flood = Buffer.concat(Array<Buffer>(count).fill(frames.text('x'.repeat(32))));
    for (const peer of flooders) peer.send(flood);
    await bystander.more(3);
    for (const peer of flooders) {
      for (let echoes = 0; echoes < count; echoes++) assert.equal((await peer.next()).payload.length, 32);
    }
  });
});

describe('bad input: more connections than maxConnections', () => {
  siege(
    'the next ones wait outside, unread, and are served when others leave',
    { options: { maxConnections: 5 } },
    async (siege) => {
      const { server, target } = siege;
      const inside = await Peer.openMany(4, target);
      const outside = [await Peer.plain(target), await Peer.plain(target)];
      for (const peer of outside) peer.send('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
      await server.logged(/5 connections are open, which is the limit; more have to wait/);
      for (const peer of inside) peer.send(frames.text('still here'));
      for (const peer of inside) assert.equal((await peer.next()).payload.toString(), 'still here');
      assert.equal((await server.standing()).connections, 5);
      for (const peer of outside) assert.equal(peer.received.length, 0);

      inside[0]?.destroy();
      for (const peer of outside) assert.match(await peer.last(), /^HTTP\/1\.1 200 /);
    },
  );

  siege(
    '500 that come, wait and leave again',
    { options: { maxConnections: 5 } },
    async ({ server, target }) => {
      const inside = await Peer.openMany(4, target);
      const crowd = await Promise.all(Array.from({ length: 500 }, () => Peer.plain(target)));
      assert.equal((await server.standing()).connections, 5);
      for (const peer of crowd) peer.destroy();
      inside[0]?.destroy();
      const late = await Peer.open(target);
      late.send(frames.text('room at last'));
      assert.equal((await late.next()).payload.toString(), 'room at last');
    },
  );
});
