import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { printable, printableJson } from '../../../src/worker/log/printable.ts';

describe('printable', () => {
  it('shows what would end a line, move the cursor or turn the text', () => {
    assert.equal(printable('a\nb\r\tc'), 'a\\nb\\r\\tc');
    assert.equal(printable('\u001b[2J\u0000\u007f\u009b'), '\\u001b[2J\\u0000\\u007f\\u009b');
    assert.equal(printable('a\u2028b\u2029c\u202ed\u2066e'), 'a\\u2028b\\u2029c\\u202ed\\u2066e');
  });

  it('leaves words of every script alone', () => {
    for (const text of ['çağrı', '聊天', 'C:\\new\\table', '"quoted"', '🚀'])
      assert.equal(printable(text), text);
  });

  it('leaves nothing that a terminal obeys, whatever is given', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        assert.doesNotMatch(printable(text), /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });
});

describe('printableJson', () => {
  it('means the same as before, on one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = printableJson(JSON.stringify({ text }));
        assert.doesNotMatch(json, /[\p{Cc}\u2028\u2029]/u);
        assert.deepEqual(JSON.parse(json), { text });
      }),
    );
  });
});
