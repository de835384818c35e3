import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { BlockList } from '../../src/bytes/block-list.ts';

describe('BlockList', () => {
  it('joins what was appended, however it was cut', () => {
    const pieces = fc.array(fc.integer({ min: 0, max: 90_000 }), { maxLength: 12 });
    const property = fc.property(pieces, fc.integer({ min: 0, max: 40_000 }), (sizes, expected) => {
      const list = new BlockList();
      const parts = sizes.map((size, index) => Buffer.alloc(size, index + 1));
      for (const part of parts) list.append(part, 0, part.length, expected);
      const whole = Buffer.concat(parts);
      assert.equal(list.length, whole.length);
      assert.ok(list.join().equals(whole));
      assert.ok(list.joinForNow().equals(whole));
      list.drop();
    });
    fc.assert(property, { numRuns: 200 });
  });

  it('takes a part of the bytes it is given', () => {
    const list = new BlockList();
    list.append(Buffer.from('abcdef'), 2, 4, 0);
    assert.equal(list.join().toString(), 'cd');
  });

  it('holds at most twice what it contains, above its first block', () => {
    const list = new BlockList();
    const piece = Buffer.alloc(1_000);
    for (let count = 0; count < 1_000; count++) {
      list.append(piece, 0, piece.length, 0);
      assert.ok(list.held <= Math.max(16_640, 2 * list.length), `${list.held} held for ${list.length}`);
    }
    list.drop();
    assert.deepEqual([list.length, list.held], [0, 0]);
  });

  it('takes what is expected of a short list at once, and no more', () => {
    const list = new BlockList();
    for (let count = 0; count < 500; count++) {
      list.append(Buffer.from('x'), 0, 1, 500);
      assert.equal(list.held, 500);
    }
  });

  it('uses the memory of a dropped list again', () => {
    const first = new BlockList();
    first.append(Buffer.alloc(16_000), 0, 16_000, 16_000);
    assert.ok(first.joinsInPlace);
    const memory = first.join().buffer;
    first.drop();
    const second = new BlockList();
    second.append(Buffer.alloc(16_000), 0, 16_000, 16_000);
    assert.equal(second.join().buffer, memory);
    second.drop();
  });
});
