import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ByteWriter } from '../../src/bytes/byte-writer.ts';

/** Texts around the length from which native code writes, and what is hard to write. */
const TEXTS = [
  '',
  'a',
  'x'.repeat(47),
  'x'.repeat(48),
  'x'.repeat(49),
  'é',
  `${'x'.repeat(47)}é`,
  `${'x'.repeat(48)}é`,
  '€'.repeat(48),
  '\u0000\u007f\u0080\u07ff\u0800\uffff',
  '😀'.repeat(24),
  '😀'.repeat(25),
  '\ud800',
  '\udc00\ud800',
  `x\ud83d${'y'.repeat(60)}\udc00`,
];

describe('ByteWriter', () => {
  it('begins empty', () => {
    assert.equal(new ByteWriter(16).written().length, 0);
  });

  it('reserve() keeps what was written, and its memory while that suffices', () => {
    const writer = new ByteWriter(4);
    const { bytes } = writer;
    writer.writeLatin1('abc');
    writer.reserve(1);
    assert.equal(writer.bytes, bytes);
    writer.reserve(2);
    assert.notEqual(writer.bytes, bytes);
    assert.equal(writer.written().toString(), 'abc');
  });

  it('reserve() grows by doubling, or at once to what is needed', () => {
    const writer = new ByteWriter(4);
    writer.reserve(5);
    assert.equal(writer.bytes.length, 8);
    writer.reserve(1000);
    assert.equal(writer.bytes.length, 1000);
  });

  it('view and bytes are the same memory, also after growing', () => {
    const writer = new ByteWriter(0);
    for (const size of [0, 1, 100]) {
      writer.reserve(size);
      assert.equal(writer.view.byteLength, writer.bytes.length);
      if (size === 0) continue;
      writer.view.setUint8(size - 1, 0x61);
      assert.equal(writer.bytes[size - 1], 0x61);
    }
  });

  it('lets code in a hurry write through bytes and view', () => {
    const writer = new ByteWriter(0);
    writer.reserve(3);
    writer.bytes[writer.position++] = 0x61;
    writer.view.setUint16(writer.position, 0x6263);
    writer.position += 2;
    assert.equal(writer.written().toString(), 'abc');
  });

  it('writeBytes() takes any bytes', () => {
    const writer = new ByteWriter(1);
    writer.writeBytes(Buffer.from('ab'));
    writer.writeBytes(new Uint8Array(Buffer.from('.cd.')).subarray(1, 3));
    writer.writeBytes(new Uint8Array(0));
    assert.equal(writer.written().toString(), 'abcd');
  });

  it('writeLatin1() writes one byte per character', () => {
    const writer = new ByteWriter(1);
    writer.writeLatin1('Aé\xff');
    assert.deepEqual([...writer.written()], [0x41, 0xe9, 0xff]);
  });

  for (const text of TEXTS) {
    it(`writeUtf8() writes ${JSON.stringify(text)}, its size known or not`, () => {
      const expected = Buffer.from(text);
      const guessing = new ByteWriter(1);
      guessing.writeLatin1('<');
      guessing.writeUtf8(text);
      guessing.writeLatin1('>');
      assert.deepEqual(guessing.written().subarray(1, -1), expected);
      assert.equal(guessing.written().at(-1), 0x3e);

      const knowing = new ByteWriter(1);
      knowing.writeUtf8(text, expected.length);
      assert.deepEqual(knowing.written(), expected);
      assert.ok(knowing.bytes.length <= Math.max(2, expected.length), 'no more room than was asked for');
    });
  }

  it('reset() begins anew in the same memory', () => {
    const writer = new ByteWriter(1);
    writer.writeLatin1('abcdef');
    const { bytes } = writer;
    writer.reset();
    assert.equal(writer.written().length, 0);
    writer.writeLatin1('xyz');
    assert.equal(writer.bytes, bytes);
    assert.equal(writer.written().toString(), 'xyz');
  });

  it('writes what it was given, in that order, whatever its capacity', () => {
    const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 70 });
    const text = fc.oneof(
      fc.string({ maxLength: 70 }),
      units.map((codes) => String.fromCharCode(...codes)),
    );
    const piece = fc.oneof(text, fc.uint8Array({ maxLength: 70 }));
    fc.assert(
      fc.property(fc.nat(64), fc.array(piece, { maxLength: 20 }), (capacity, pieces) => {
        const writer = new ByteWriter(capacity);
        for (const one of pieces) {
          if (typeof one === 'string') writer.writeUtf8(one);
          else writer.writeBytes(one);
        }
        const expected = pieces.map((one) => (typeof one === 'string' ? Buffer.from(one) : one));
        assert.deepEqual(writer.written(), Buffer.concat(expected));
      }),
    );
  });
});
