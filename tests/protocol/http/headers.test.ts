import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Headers, knownName } from '../../../src/protocol/http/headers.ts';

const headers = new Headers(['host', 'a', 'x-one', '1', 'cookie', 'b', 'x-one', '', 'x-one', '3']);

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
    assert.equal(new Headers(['__proto__', 'x']).get('__proto__'), 'x');
  });

  it('knows the everyday spellings of everyday names', () => {
    assert.equal(knownName('Sec-WebSocket-Key'), 'sec-websocket-key');
    assert.equal(knownName('host'), 'host');
    assert.equal(knownName('X-Mine'), undefined);
  });
});
