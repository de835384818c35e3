import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sourceOf } from '../../src/bytes/source.ts';

describe('sourceOf', () => {
  it('sees the same memory twice, also in the middle of a larger buffer', () => {
    const larger = Buffer.from('..abcd..');
    const { bytes, view } = sourceOf(larger.subarray(2, 6));
    assert.equal(view.byteLength, 4);
    assert.equal(view.getUint8(0), bytes[0]);
    view.setUint8(3, 0x44);
    assert.equal(bytes.toString(), 'abcD');
    assert.equal(larger.toString(), '..abcD..');
  });
});
