import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Utf8Validator } from '../../src/bytes/utf8.ts';
import { UTF8_SEQUENCES, type Utf8Sequence } from './utf8-sequences.ts';

/** Beginnings of encoded characters, as numbers: `0x1e282` is e2 82. */
const BEGINNINGS = beginnings();

describe('Utf8Validator — RFC 3629 §4', () => {
  for (const { title, bytes, verdict } of UTF8_SEQUENCES) {
    it(`judges ${title}`, () => {
      assert.equal(judge(bytes, 1), verdict, 'byte by byte');
      for (const size of [2, 3, 4, 5, 7, bytes.length + 1])
        assert.equal(judge(bytes, size), coarse(verdict, size));
    });
  }

  it('takes exactly the beginnings of encoded characters, of all that 256 bytes can form', () => {
    const wrong: string[] = [];
    const check = (bytes: readonly number[]): boolean => {
      const expected = BEGINNINGS.has(keyOf(bytes));
      if ((judge(Buffer.from(bytes), 1) !== bytes.length - 1) !== expected)
        wrong.push(Buffer.from(bytes).toString('hex'));
      return expected && bytes.length < lengthOf(bytes[0] ?? 0);
    };
    const extend = (bytes: readonly number[], next: readonly number[]): void => {
      for (const byte of next) {
        const longer = [...bytes, byte];
        if (check(longer)) extend(longer, longer.length < 3 ? EVERY_BYTE : BORDERS);
      }
    };
    extend([], EVERY_BYTE);
    assert.deepEqual(wrong, []);
  });

  it('says whether the text may end here', () => {
    const validator = new Utf8Validator();
    const euro = Buffer.from('€');
    const seen = [validator.complete];
    for (let at = 0; at < 3; at++) {
      assert.ok(validator.push(euro, at, at + 1));
      seen.push(validator.complete);
    }
    assert.deepEqual(seen, [true, false, false, true]);
  });

  it('looks at nothing outside of the piece', () => {
    const bytes = Buffer.from('ff80c3a9ff80', 'hex');
    const validator = new Utf8Validator();
    assert.ok(validator.push(bytes, 2, 4));
    assert.ok(validator.push(bytes, 4, 4), 'an empty piece');
    assert.ok(validator.complete);
  });

  it('passes any text in any cuts, and fails in the piece that holds the first bad byte', () => {
    const character = fc.oneof(
      fc.integer({ min: 0, max: 0xd7ff }),
      fc.integer({ min: 0xe000, max: 0x10ffff }),
      fc.integer({ min: 0x20, max: 0x7f }),
    );
    const good = fc
      .array(character, { maxLength: 40 })
      .map((codes) => Buffer.from(String.fromCodePoint(...codes)));
    const cuts = fc.array(fc.nat(200), { maxLength: 6 });
    fc.assert(
      fc.property(good, fc.constantFrom('', 'ff', '80', 'c0', 'f5'), cuts, (text, bad, at) => {
        const bytes = Buffer.concat([text, Buffer.from(bad, 'hex')]);
        const edges = [0, ...at.map((edge) => edge % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
        const validator = new Utf8Validator();
        for (const [index, edge] of edges.slice(1).entries()) {
          const holdsBad = bad !== '' && edge > text.length;
          assert.equal(validator.push(bytes, edges[index] ?? 0, edge), !holdsBad);
          if (holdsBad) return;
        }
        assert.ok(validator.complete);
      }),
    );
  });
});

const EVERY_BYTE = Array.from({ length: 256 }, (_, byte) => byte);
const BORDERS = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0xbf, 0xc0, 0xff];

/** The verdict, as exact as pieces of `size` bytes can be: a number is the offset of the piece that was refused. */
function judge(bytes: Buffer, size: number): Utf8Sequence['verdict'] {
  const validator = new Utf8Validator();
  for (let at = 0; at < bytes.length; at += size) {
    if (!validator.push(bytes, at, Math.min(at + size, bytes.length))) return at;
  }
  return validator.complete ? 'valid' : 'cut';
}

function coarse(verdict: Utf8Sequence['verdict'], size: number): Utf8Sequence['verdict'] {
  return typeof verdict === 'number' ? verdict - (verdict % size) : verdict;
}

/** Made from the characters themselves: 64 that follow each other differ in their last byte only. */
function beginnings(): Set<number> {
  const found = new Set<number>();
  for (let code = 0; code <= 0x10ffff; code += code < 0x80 ? 1 : 64) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const bytes = [...Buffer.from(String.fromCodePoint(code))];
    for (let length = 1; length < bytes.length; length++) found.add(keyOf(bytes.slice(0, length)));
    if (bytes.length === 1) found.add(keyOf(bytes));
    else for (let last = 0x80; last <= 0xbf; last++) found.add(keyOf([...bytes.slice(0, -1), last]));
  }
  return found;
}

function keyOf(bytes: readonly number[]): number {
  return bytes.reduce((key, byte) => key * 256 + byte, 1);
}

function lengthOf(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}
