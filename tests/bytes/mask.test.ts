import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isAsciiSum, mask, sumOf, turnKey } from '../../src/bytes/mask.ts';
import { sourceOf } from '../../src/bytes/source.ts';

/** Of RFC 6455 §5.7, as it lies in memory, and read little-endian. */
const KEY = Buffer.from('37fa213d', 'hex');
const KEY_NUMBER = KEY.readInt32LE();

const EDGE = 0x5a;

describe('mask — RFC 6455 §5.3', () => {
  it('§5.7 unmasks the example of the RFC', () => {
    const { bytes, view } = sourceOf(Buffer.from('7f9f4d5158', 'hex'));
    mask(view, 0, 5, KEY_NUMBER);
    assert.equal(bytes.toString(), 'Hello');
  });

  it('§5.3 follows octet i XOR key[i MOD 4], at every alignment and length, and touches nothing else', () => {
    for (let start = 0; start < 9; start++) {
      for (let length = 0; length < 40; length++) {
        const { bytes, view } = sourceOf(Buffer.alloc(start + length + 9, EDGE));
        const payload = Buffer.from(Array.from({ length }, (_, index) => (index * 37 + 11) & 0xff));
        payload.copy(bytes, start);
        mask(view, start, length, KEY_NUMBER);
        assert.deepEqual(bytes.subarray(start, start + length), byTheBook(payload, KEY));
        const edges = [...bytes.subarray(0, start), ...bytes.subarray(start + length)];
        assert.ok(
          edges.every((byte) => byte === EDGE),
          `neighbours of ${length} at ${start}`,
        );
      }
    }
  });

  it('§5.3 does it with any key, and undoes itself', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 50 }),
        fc.uint8Array({ minLength: 4, maxLength: 4 }),
        (payload, key) => {
          const { bytes, view } = sourceOf(Buffer.from(payload));
          const number = Buffer.from(key).readInt32LE();
          mask(view, 0, bytes.length, number);
          assert.deepEqual(bytes, byTheBook(Buffer.from(payload), Buffer.from(key)));
          mask(view, 0, bytes.length, number);
          assert.deepEqual(bytes, Buffer.from(payload));
        },
      ),
    );
  });

  it('§5.3 goes on in the middle with a turned key', () => {
    const payload = Buffer.from('The quick brown fox jumps over the lazy dog');
    for (const key of [KEY, Buffer.from('00000080', 'hex'), Buffer.from('ffffffff', 'hex')]) {
      for (let cut = 0; cut <= payload.length; cut++) {
        const { bytes, view } = sourceOf(Buffer.from(payload));
        const number = key.readInt32LE();
        mask(view, 0, cut, number);
        mask(view, cut, payload.length - cut, turnKey(number, cut));
        assert.deepEqual(bytes, byTheBook(payload, key), `cut at ${cut}`);
      }
    }
  });

  it('§5.3 a key that was turned may be turned again', () => {
    for (let first = 0; first < 9; first++) {
      for (let second = 0; second < 9; second++) {
        const twice = turnKey(turnKey(KEY_NUMBER, first), second);
        assert.equal(twice | 0, turnKey(KEY_NUMBER, first + second) | 0);
      }
    }
  });

  it('tells by the sum of the result whether all of it is ASCII', () => {
    for (let length = 0; length < 20; length++) {
      for (let odd = -1; odd < length; odd++) {
        const payload = Buffer.alloc(length, 0x7f);
        if (odd >= 0) payload[odd] = 0x80;
        const { view } = sourceOf(byTheBook(payload, KEY));
        assert.equal(isAsciiSum(mask(view, 0, length, KEY_NUMBER)), odd < 0, `${odd} of ${length}`);
      }
    }
  });
});

describe('sumOf', () => {
  it('tells by the sum whether all is ASCII, and changes nothing', () => {
    for (let start = 0; start < 5; start++) {
      for (let length = 0; length < 20; length++) {
        for (let odd = -1; odd < length; odd++) {
          const payload = Buffer.alloc(length, 0x61);
          if (odd >= 0) payload[odd] = 0xc3;
          const { bytes, view } = sourceOf(Buffer.alloc(start + length + 5, 0xff));
          payload.copy(bytes, start);
          const before = Buffer.from(bytes);
          assert.equal(isAsciiSum(sumOf(view, start, length)), odd < 0, `${odd} of ${length} at ${start}`);
          assert.deepEqual(bytes, before);
        }
      }
    }
  });

  it('equals what mask() tells of the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (payload) => {
        const { view } = sourceOf(Buffer.from(payload));
        assert.equal(sumOf(view, 0, payload.length), mask(view, 0, payload.length, 0));
      }),
    );
  });
});

/** @see RFC 6455 §5.3: transformed-octet-i = original-octet-i XOR masking-key-octet-(i MOD 4) */
function byTheBook(payload: Buffer, key: Buffer): Buffer {
  return Buffer.from(payload.map((octet, index) => octet ^ (key[index % 4] ?? 0)));
}
