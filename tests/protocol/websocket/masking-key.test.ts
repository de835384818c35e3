import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { randomMaskingKey } from '../../../src/protocol/websocket/masking-key.ts';

/** More than one filling of the pool. */
const COUNT = 5000;

describe('randomMaskingKey — RFC 6455 §10.3', () => {
  it('§5.3 gives 32 bits', () => {
    for (let count = 0; count < COUNT; count++) {
      const key = randomMaskingKey();
      assert.equal(key | 0, key);
    }
  });

  it('§10.3 does not repeat itself', () => {
    const keys = new Set(Array.from({ length: COUNT }, () => randomMaskingKey()));
    // Chance repeats 0.003 of 5,000 keys of 32 bits; five repeats are no chance.
    assert.ok(keys.size > COUNT - 5, `${COUNT - keys.size} of ${COUNT} were repeated`);
  });

  it('§10.3 uses every bit about as often as not', () => {
    const ones = new Array<number>(32).fill(0);
    for (let count = 0; count < COUNT; count++) {
      const key = randomMaskingKey();
      for (let bit = 0; bit < 32; bit++) ones[bit] = (ones[bit] ?? 0) + ((key >>> bit) & 1);
    }
    // Ten standard deviations (35 each) around one half.
    assert.ok(
      ones.every((count) => Math.abs(count - COUNT / 2) < 354),
      ones.join(' '),
    );
  });
});
