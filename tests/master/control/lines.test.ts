import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LineReader } from '../../../src/master/control/lines.ts';

const TEXT = Buffer.from('{"a":1}\n\nçöp\n');

describe('LineReader', () => {
  it('reads the same lines wherever the stream is cut', () => {
    for (let cut = 0; cut <= TEXT.length; cut++) {
      const reader = new LineReader(16);
      reader.push(TEXT.subarray(0, cut));
      reader.push(TEXT.subarray(cut));
      assert.deepEqual(
        [reader.pull(), reader.pull(), reader.pull(), reader.pull()],
        ['{"a":1}', '', 'çöp', undefined],
      );
    }
  });

  it('keeps a copy of what it was lent', () => {
    const reader = new LineReader(16);
    const lent = Buffer.from('half');
    reader.push(lent);
    lent.fill(0);
    reader.push(Buffer.from(' done\n'));
    assert.equal(reader.pull(), 'half done');
  });

  it('takes a line of the longest length, and refuses one more byte', () => {
    const reader = new LineReader(4);
    reader.push(Buffer.from('1234\n12345\n'));
    assert.equal(reader.pull(), '1234');
    assert.throws(() => reader.pull(), RangeError);
  });

  it('refuses a line that is too long before its end has come, and keeps none of it', () => {
    const reader = new LineReader(1000);
    for (let sent = 0; sent < 100_000_000; sent += 100_000) reader.push(Buffer.alloc(100_000, 'x'));
    reader.push(Buffer.from('\nnext\n'));
    assert.throws(() => reader.pull(), /longer than 1000 bytes/);
    assert.throws(() => reader.pull(), RangeError);
  });
});
