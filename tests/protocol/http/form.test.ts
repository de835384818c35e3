import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readForm } from '../../../src/protocol/http/form.ts';
import { readParameterized } from '../../../src/protocol/http/parameters.ts';

const TYPE = 'application/x-www-form-urlencoded';

describe('readForm', () => {
  it('reads names and values, decoded', () => {
    const form = readForm(`${TYPE}; charset=UTF-8`, Buffer.from('a=1&b=%C3%A9+x&a=2&c'));
    assert.deepEqual(
      [...form],
      [
        ['a', '1'],
        ['b', 'é x'],
        ['a', '2'],
        ['c', ''],
      ],
    );
    assert.deepEqual([...readForm(TYPE, Buffer.from(''))], []);
  });

  it('refuses another type or charset with 415', () => {
    for (const type of [undefined, 'text/plain', `${TYPE}x`, `${TYPE}; charset=latin1`, `${TYPE}; =`])
      assert.throws(() => readForm(type, Buffer.from('a=1')), { status: 415 }, type);
  });

  it('refuses more fields than are allowed with 413', () => {
    assert.equal(readForm(TYPE, Buffer.from('a&b'), { maxFields: 2 }).size, 2);
    assert.throws(() => readForm(TYPE, Buffer.from('a&b&c'), { maxFields: 2 }), { status: 413 });
    assert.throws(() => readForm(TYPE, Buffer.alloc(1000, '&')), { status: 413 });
  });
});

describe('readParameterized — RFC 9110 §5.6.6', () => {
  const read = (text: string) => {
    const found = readParameterized(text);
    return found && [found.value, ...[...found.parameters].flat()];
  };

  it('reads tokens and quoted strings', () => {
    assert.deepEqual(read('Text/HTML'), ['text/html']);
    assert.deepEqual(read('a/b;C=d; e="f;g" ;; h = 1'), undefined);
    assert.deepEqual(read('a/b;C=d; e="f;g" ;; h=1 '), ['a/b', 'c', 'd', 'e', 'f;g', 'h', '1']);
    assert.deepEqual(read('a; b=1; B=2;'), ['a', 'b', '1']);
  });

  it('takes a backslash for an escape only where it escapes', () => {
    assert.deepEqual(read(String.raw`a; b="C:\dir\\\"x\".txt"`), ['a', 'b', String.raw`C:\dir\"x".txt`]);
  });

  it('knows what is malformed', () => {
    for (const text of ['a; b', 'a; b=', 'a; b="c', 'a; b="c"d', 'a; b=c d', 'a; =c', String.raw`a; b="c\"`])
      assert.equal(read(text), undefined, text);
  });
});
