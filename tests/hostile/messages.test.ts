import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';
import * as frames from '../autobahn/frames.ts';
import { Peer } from './peer.ts';
import { siege } from './siege.ts';

const MIB = 1_048_576;
const DEFLATE = { fields: ['Sec-WebSocket-Extensions: permessage-deflate'] };

/** The head of a masked frame, with a key of zeros, and whatever payload it announces. */
function headOnly(first: number, length: number): Buffer {
  const head = Buffer.alloc(14);
  head[0] = first;
  head[1] = 0x80 | 127;
  head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

/** So many zeros, compressed: about a thousandth of the size. */
function bomb(size: number): Buffer {
  const deflated = deflateRawSync(Buffer.alloc(size), { finishFlush: constants.Z_SYNC_FLUSH });
  return frames.frame(frames.OPCODE.binary, deflated.subarray(0, -4), { rsv: 4 });
}

describe('bad input: messages over maxPackageSize (RFC 6455 §5.2, §7.4.1)', () => {
  siege('a frame over 1 MiB is refused at its head with 1009; 1 MiB passes', {}, async ({ target }) => {
    for (const announced of [MIB + 1, 2 ** 32, 2 ** 52]) {
      const large = await Peer.open(target);
      large.send(headOnly(0x82, announced));
      assert.equal(await large.closeCode(), 1009);
      assert.equal(await large.ended(), 'fin');
    }
    const largest = await Peer.open(target);
    largest.send(headOnly(0x82, MIB));
    largest.send(Buffer.alloc(MIB, 7));
    assert.ok((await largest.next()).payload.equals(Buffer.alloc(MIB, 7)));
  });

  siege('fragments are added up: 1009 at the one that passes the limit', {}, async ({ target }) => {
    const peer = await Peer.open(target);
    const half = Buffer.alloc(MIB / 2);
    peer.send(frames.binary(half, { final: false }));
    peer.send(frames.continuation(half, { final: false }));
    peer.send(frames.continuation('', { final: false }));
    peer.send(headOnly(0x00, 65_536));
    assert.equal(await peer.closeCode(), 1009);
  });

  siege('30 that send 10 MiB after their 1009 are not listened to', {}, async ({ target }) => {
    const peers = await Peer.openMany(30, target);
    const noise = Buffer.alloc(10 * MIB);
    for (const peer of peers) {
      peer.send(headOnly(0x82, 11 * MIB));
      peer.send(noise);
    }
    for (const peer of peers) assert.equal(await peer.closeCode(), 1009);
  });

  siege('100,000 fragments of one byte are one message', {}, async ({ target }) => {
    const peer = await Peer.open(target);
    const first = frames.text('a', { final: false });
    const next = frames.continuation('a', { final: false });
    peer.send(Buffer.concat([first, ...Array<Buffer>(99_998).fill(next), frames.continuation('a')]));
    assert.equal((await peer.next()).payload.length, 100_000);
  });

  siege(
    '300,000 empty fragments in a message, on each of ten connections',
    {},
    async ({ server, target }) => {
      const peers = await Peer.openMany(10, target);
      const empty = frames.continuation('', { final: false });
      const flood = Buffer.concat([frames.text('', { final: false }), ...Array<Buffer>(300_000).fill(empty)]);
      for (const peer of peers) peer.send(flood);
      await server.stood(({ read }) => read > flood.length * 10);
      for (const peer of peers) peer.send(frames.continuation('end'));
      for (const peer of peers) assert.equal((await peer.next()).payload.toString(), 'end');
    },
  );

  siege('30 messages of 1 MiB in fragments of one byte, none finished', {}, async ({ server, target }) => {
    const peers = await Peer.openMany(30, target);
    const tiny = Buffer.concat(Array<Buffer>(150_000).fill(frames.continuation('a', { final: false })));
    for (const peer of peers) peer.send(Buffer.concat([frames.text('a', { final: false }), tiny]));
    const { held } = await server.stood(({ read }) => read > tiny.length * 30);
    assert.ok(held < 30 * 2 * 262_144, `${held} bytes are held for 30 × 150 kB`);
  });
});

describe('bad input: frames that break the protocol (RFC 6455 §5, §8.1)', () => {
  siege('each kind has its close code', { options: { accept: 'text' } }, async ({ target }) => {
    const cases: readonly (readonly [code: number, frame: Buffer])[] = [
      [1002, Buffer.of(0x81, 0x00)],
      [1002, frames.frame(3)],
      [1002, frames.text('a', { rsv: 2 })],
      [1002, frames.ping('a', { final: false })],
      [1002, frames.continuation('a')],
      [1002, frames.close(1005)],
      [1003, frames.binary(Buffer.alloc(4))],
      [1007, frames.text(Buffer.of(0xff))],
      [1007, frames.close(1000, Buffer.of(0xff))],
    ];
    for (const [code, frame] of cases) {
      const peer = await Peer.open(target);
      peer.send(frame);
      assert.equal(await peer.closeCode(), code, frame.toString('hex'));
      assert.equal(await peer.ended(), 'fin');
    }
  });

  siege(
    '100 kB of noise behind the handshake closes its connection, on each of 30',
    {},
    async ({ server, target }) => {
      const peers = await Peer.openMany(30, target);
      const noise = Buffer.alloc(100_000, 0xf5);
      for (const peer of peers) peer.send(noise);
      for (const peer of peers) assert.equal(await peer.closeCode(), 1002);
      for (const peer of peers) peer.finish();
      const { cause } = await server.reported('closed', ({ port }) => port === peers[0]?.port);
      assert.deepEqual([cause.by, cause.how, cause.sent?.code], ['peer', 'protocol', 1002]);
    },
  );
});

describe('bad input: floods', () => {
  siege(
    '30,000 pings are answered, and one who sends millions and reads no pong is not read',
    {},
    async ({ server, target }) => {
      const ping = frames.ping('?');
      const flood = Buffer.concat(Array<Buffer>(100_000).fill(ping));
      const reader = await Peer.open(target);
      reader.send(flood.subarray(0, ping.length * 30_000));
      for (let count = 0; count < 30_000; count++)
        assert.equal((await reader.next()).opcode, frames.OPCODE.pong);

      const deaf = (await Peer.open(target)).stopReading();
      for (let round = 0; round < 30; round++) deaf.send(flood);
      const { longest } = await server.still();
      assert.ok(longest > 65_536 && longest < 2 * 65_536, `${longest} bytes of pongs wait`);
      assert.ok(deaf.stuck > 0);
    },
  );
});

describe('bad input: inflate bombs (RFC 7692 §7.2.2)', () => {
  const options = { deflate: true };

  siege('one that would be 64 MiB is stopped at 1 MiB with 1009', { options }, async ({ target }) => {
    const peer = await Peer.open(target, DEFLATE);
    peer.send(bomb(64 * MIB));
    assert.equal(await peer.closeCode(), 1009);
    assert.equal(await peer.ended(), 'fin');
  });

  siege('20 at once, and 20 that stay just below the limit', { options }, async ({ target }) => {
    const bombs = await Peer.openMany(20, target, DEFLATE);
    const legal = await Peer.openMany(20, target, { ...DEFLATE, path: '/quiet' });
    const [over, under] = [bomb(64 * MIB), bomb(MIB)];
    for (const peer of bombs) peer.send(over);
    for (const peer of legal) peer.send(Buffer.concat([under, frames.ping('done')]));
    for (const peer of bombs) assert.equal(await peer.closeCode(), 1009);
    for (const peer of legal) assert.equal((await peer.next()).payload.toString(), 'done');
  });

  siege(
    'maxInflateRatio refuses what it would accept without it',
    { options: { deflate: true, maxInflateRatio: 100 } },
    async (siege) => {
      const peer = await Peer.open(siege.target, DEFLATE);
      peer.send(bomb(MIB / 2));
      assert.equal(await peer.closeCode(), 1009);
    },
  );

  siege('damaged compressed data: 1007', { options }, async ({ target }) => {
    const peer = await Peer.open(target, DEFLATE);
    peer.send(frames.text(Buffer.from('ffffffff', 'hex'), { rsv: 4 }));
    assert.equal(await peer.closeCode(), 1007);
  });
});
