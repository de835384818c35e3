import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkFields, fieldValue, isNamed } from '../../../src/protocol/http/fields.ts';

const NONE = { host: [], 'content-length': [], 'transfer-encoding': [], expect: [] };

describe('checkFields — RFC 9112 §5', () => {
  it('§5 checks lines up to the empty one', () => {
    assert.deepEqual(checkFields('first line\r\nA: 1\r\nHost:b\r\n\r\n: rest', 12), { ...NONE, host: ['b'] });
    assert.deepEqual(checkFields('\r\n', 0), NONE);
  });

  it('§5 picks out what decides how a message is read, in any case, each line', () => {
    const text =
      'HOST: a\r\ncontent-Length:1\r\nTransfer-encoding: x \r\nexpect:\r\nhost:\tb:1 \r\nhosts: c\r\n' +
      'x-host: d\r\ncontent-lengti: 2\r\n\r\n';
    assert.deepEqual(checkFields(text, 0), {
      host: ['a', 'b:1'],
      'content-length': ['1'],
      'transfer-encoding': ['x'],
      expect: [''],
    });
  });

  it('§5.1 compares names without regard to case, and nothing else', () => {
    assert.ok(isNamed('x\r\nX-Y^: 1', 3, 'x-y^'));
    for (const line of ['x-y~: 1', 'X\rY^: 1', 'x-y: 1', 'x-y^ : 1', 'x-y^'])
      assert.ok(!isNamed(line, 0, 'x-y^'), line);
  });

  it('§5.5 a value has no whitespace at its ends', () => {
    assert.equal(fieldValue('A:\t b \t c \t\r', 2, 11), 'b \t c');
    assert.equal(fieldValue('A: \t ', 2, 5), '');
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
      assert.throws(() => checkFields(lines, 0), { code: 'E_HTTP_PROTOCOL', status: 400, message });
    });
  }
});
