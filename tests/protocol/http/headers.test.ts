import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Headers } from '../../../src/protocol/http/headers.ts';

const headers = new Headers(
  'GET /\r\nHost: a\r\nX-One:1\r\ncookie:\tb \r\nx-one:\r\nX-ONE: 3\r\n\r\nX-Body: no',
  7,
);

describe('Headers — RFC 9110 §5', () => {
  it('§5.1 compares names without regard to case', () => {
    assert.equal(headers.get('HOST'), 'a');
    assert.ok(headers.has('Cookie'));
    assert.ok(!headers.has('cooki'));
    assert.equal(headers.get('absent'), undefined);
  });

  it('§5.2 joins lines of the same name, and gives them one by one', () => {
    assert.equal(headers.get('x-one'), '1, , 3');
    assert.deepEqual(headers.getAll('X-One'), ['1', '', '3']);
    assert.deepEqual(headers.getAll('absent'), []);
    assert.deepEqual([headers.count('x-one'), headers.count('host'), headers.count('absent')], [3, 1, 0]);
  });

  it('§5.3 keeps the order of arrival', () => {
    assert.deepEqual([...headers].slice(0, 3), [
      ['host', 'a'],
      ['x-one', '1'],
      ['cookie', 'b'],
    ]);
    assert.deepEqual([...new Headers()], []);
  });

  it('is not fooled by the names of objects', () => {
    assert.equal(headers.get('__proto__'), undefined);
    assert.equal(headers.get('constructor'), undefined);
    assert.equal(new Headers('__proto__: x\r\n\r\n').get('__proto__'), 'x');
  });

  it('is not fooled by a value that looks like a line', () => {
    assert.equal(new Headers('A: host: b\r\n\r\n').get('host'), undefined);
    assert.equal(new Headers('A: host: b\r\n\r\n').get('a: host'), undefined);
  });
});
