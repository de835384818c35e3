import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  endOfHost,
  endOfToken,
  isDigits,
  isFieldValue,
  isHost,
  isTarget,
  isToken,
  listElements,
  listHas,
  trimBlanks,
} from '../../../src/protocol/http/grammar.ts';

const EVERY_CODE: readonly number[] = Array.from({ length: 0x180 }, (_, code) => code);

describe('grammar — RFC 9110 §5, RFC 9112 §3', () => {
  it('RFC 9110 §5.5 a value is VCHAR, obs-text, SP and HTAB', () => {
    for (const code of EVERY_CODE) {
      const allowed = code === 9 || (code >= 0x20 && code <= 0x7e) || (code >= 0x80 && code <= 0xff);
      assert.equal(isFieldValue(`a${String.fromCharCode(code)}b`), allowed, `code ${code}`);
    }
  });

  it('RFC 9110 §5.5 a value has no whitespace at its ends, and may be empty', () => {
    assert.deepEqual(['', 'a', ' a', 'a ', '\ta', 'a\t', ' '].map(isFieldValue), [
      true,
      true,
      ...Array(5).fill(false),
    ]);
  });

  it('RFC 9110 §5.6.1 list elements are trimmed', () => {
    assert.deepEqual(listElements('a,\tb ,, c d'), ['a', 'b', '', 'c d']);
    assert.equal(trimBlanks('\t \u00a0a\v \t'), '\u00a0a\v', 'only SP and HTAB');
  });

  it('RFC 9110 §5.6.1 a list has a token or not', () => {
    for (const value of ['upgrade', 'Upgrade', 'keep-alive, UPGRADE', ',upgrade ,'])
      assert.ok(listHas(value, 'upgrade'), value);
    for (const value of [undefined, '', 'upgrades', 'x-upgrade', 'up grade', 'a;upgrade']) {
      assert.ok(!listHas(value, 'upgrade'), value);
    }
  });

  it('RFC 9110 §5.6.2 a token is letters, digits and fifteen signs', () => {
    for (const code of EVERY_CODE) {
      const character = String.fromCharCode(code);
      assert.equal(isToken(character), /^[A-Za-z0-9!#$%&'*+.^_`|~-]$/.test(character), `code ${code}`);
    }
    assert.ok(!isToken(''));
    assert.ok(isToken('a b', 2));
    assert.ok(isToken('a b', 0, 1));
    assert.deepEqual([endOfToken('ab;c', 0), endOfToken('ab;c', 2), endOfToken('ab', 0)], [2, 2, 2]);
  });

  it('RFC 9110 §7.2 a host, with a port or without', () => {
    for (const host of ['a', 'a.b', '[::1]', '[::1]:80', 'a:80', 'a:', '%20', '1.2.3.4:0'])
      assert.ok(isHost(host), host);
    for (const address of [
      '::',
      '1::',
      '1:2:3:4:5:6:7:8',
      '1:2:3:4:5:6:7::',
      '::1.2.3.4',
      '1:2:3:4:5:6:1.2.3.255',
    ])
      assert.ok(isHost(`[${address}]`), address);
    for (const address of [
      '1.2.3.4::',
      '::1.2.3',
      '::1.2.3.256',
      '::1.2.3.04',
      '1:2:3:4:5:6:7:1.2.3.4',
      '1:2:3:4:5:6:7::8',
      ':1',
      '1:',
    ])
      assert.ok(!isHost(`[${address}]`), address);
    for (const host of [
      '',
      ':80',
      'a b',
      'a/b',
      'a@b',
      'a:b',
      'a:-1',
      'a:123456',
      '::1',
      '[]',
      '[::1',
      '[::1]x',
      '[g::]',
      'a%',
      '%4g',
      'é',
    ]) {
      assert.ok(!isHost(host), host);
    }
    assert.deepEqual(['a:80', 'a', '[::1]:80', '[::1]'].map(endOfHost), [1, 1, 5, 5]);
  });

  it('RFC 9112 §3.2 a target is visible ASCII without " < > #', () => {
    for (const code of EVERY_CODE) {
      const allowed = code > 0x20 && code < 0x7f && !'"<>#'.includes(String.fromCharCode(code));
      assert.equal(isTarget(`/${String.fromCharCode(code)}`), allowed, `code ${code}`);
    }
  });

  it('digits are ASCII digits', () => {
    assert.deepEqual(
      ['', '0123456789', '1 ', '-1', '1٣', 'a1'].map((text) => isDigits(text)),
      [true, true, false, false, false, false],
    );
    assert.ok(isDigits('a1', 1));
  });
});
