import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LoadFailure } from '../../bench/load/failure.ts';
import { CLOSE, PING, serverFrame, type Talk, talk, VARIANTS } from '../../bench/load/frames.ts';
import { ReplyStream } from '../../bench/load/reply-stream.ts';

const SPOKEN = talk({ mode: 'echo', size: 10, inFlight: 1, path: '/', socketio: false });
const FRAME = 12;

/** The first `count` replies that a right server sends, from frame `first` on. */
function replies(spoken: Talk, first: number, count: number): Buffer {
  const all = Array.from({ length: count }, (_, index) => spoken.replies.run((first + index) % VARIANTS, 1));
  return Buffer.concat(all);
}

describe('ReplyStream', () => {
  it('counts replies wherever TCP cuts them', () => {
    const bytes = replies(SPOKEN, 5, 3);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const stream = new ReplyStream(SPOKEN, 5, unasked);
      const before = stream.accept(bytes.subarray(0, cut), cut);
      assert.equal(before, Math.floor(cut / FRAME));
      assert.equal(before + stream.accept(bytes.subarray(cut), bytes.length - cut), 3);
    }
  });

  it('goes round the ring of messages', () => {
    const stream = new ReplyStream(SPOKEN, 15, unasked);
    const bytes = replies(SPOKEN, 15, 40);
    assert.equal(stream.accept(bytes, bytes.length), 40);
    assert.throws(() => stream.accept(bytes, bytes.length), /wrong byte 2 /);
  });

  it('answers a ping between two replies, wherever TCP cuts it', () => {
    const ping = serverFrame(PING, Buffer.from('hey'));
    const bytes = Buffer.concat([replies(SPOKEN, 0, 1), ping, replies(SPOKEN, 1, 2)]);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const pongs: Buffer[] = [];
      const stream = new ReplyStream(SPOKEN, 0, (frame) => pongs.push(frame));
      const counts = [bytes.subarray(0, cut), bytes.subarray(cut)].map((part) =>
        stream.accept(part, part.length),
      );
      assert.equal((counts[0] ?? 0) + (counts[1] ?? 0), 3);
      assert.equal(pongs.length, 1);
      assert.equal(pongs[0]?.[0], 0x8a);
    }
  });

  it('does not take a ping inside a reply for one', () => {
    const stream = new ReplyStream(SPOKEN, 0, unasked);
    const bytes = Buffer.concat([replies(SPOKEN, 0, 1).subarray(0, 6), serverFrame(PING, Buffer.alloc(0))]);
    assert.throws(() => stream.accept(bytes, bytes.length), /wrong byte 6 of a reply frame of 12 bytes/);
  });

  it('finds every single wrong bit; one that makes a ping of a reply leaves a reply missing', () => {
    const right = replies(SPOKEN, 0, 2);
    for (let bit = 0; bit < right.length * 8; bit++) {
      const wrong = Buffer.from(right);
      wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      assert.ok(countOr(wrong, 0) < 2, `bit ${bit}`);
    }
  });

  it('reports the code of a close frame', () => {
    const stream = new ReplyStream(SPOKEN, 0, unasked);
    const close = serverFrame(CLOSE, Buffer.of(0x03, 0xe9));
    assert.throws(() => stream.accept(close, close.length), /code 1001/);
  });
});

/** How many replies a stream finds in `bytes`; `refused` when it refuses them. */
function countOr(bytes: Buffer, refused: number): number {
  try {
    return new ReplyStream(SPOKEN, 0, () => undefined).accept(bytes, bytes.length);
  } catch (error) {
    assert.ok(error instanceof LoadFailure);
    return refused;
  }
}

function unasked(): never {
  assert.fail('nothing was to be answered');
}
