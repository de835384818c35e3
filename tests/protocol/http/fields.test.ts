import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readFields } from '../../../src/protocol/http/fields.ts';

describe('readFields — RFC 9112 §5', () => {
  it('§5 reads lines up to the empty one', () => {
    assert.deepEqual(readFields('first line\r\nA: 1\r\nHost:b\r\n\r\nrest', 12), ['a', '1', 'host', 'b']);
    assert.deepEqual(readFields('\r\n', 0), []);
  });

  it('§5 takes a colon inside a value', () => {
    assert.deepEqual(readFields('A: b: c\r\n\r\n', 0), ['a', 'b: c']);
  });

  for (const [section, lines, message] of [
    ['§5', 'A\r\n\r\n', /no colon/],
    ['§5', 'A\r\nB: c\r\n\r\n', /no colon/],
    ['§5', ': a\r\n\r\n', /no name/],
    ['§5.1', 'A : b\r\n\r\n', /before its colon|and its colon/],
    ['§5.1', 'A B: c\r\n\r\n', /not allowed/],
    ['§5.1', 'Ä: c\r\n\r\n', /not allowed/],
    ['§5.2', 'A: b\r\n c\r\n\r\n', /folding/],
    ['§5.2', 'A: b\r\n\tc: d\r\n\r\n', /folding/],
    ['§5.2', ' : d\r\n\r\n', /folding/],
  ] as const) {
    it(`${section} refuses ${JSON.stringify(lines)}`, () => {
      assert.throws(() => readFields(lines, 0), { code: 'E_HTTP_PROTOCOL', status: 400, message });
    });
  }
});
