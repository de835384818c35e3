import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ByteWriter } from '../../src/bytes/byte-writer.ts';
import { sourceOf } from '../../src/bytes/source.ts';
import { RawCodec } from '../../src/protocol/raw-codec.ts';

describe('RawCodec', () => {
  it('takes what arrived together for one message', () => {
    const codec = new RawCodec();
    push(codec, 'one');
    assert.deepEqual(codec.pull(), { type: 'message', message: Buffer.from('one') });
    push(codec, 'two');
    push(codec, 'three');
    assert.deepEqual(codec.pull(), { type: 'message', message: Buffer.from('twothree') });
    assert.equal(codec.pull(), undefined);
  });

  it('holds what nobody has pulled, and is never within a message', () => {
    const codec = new RawCodec();
    push(codec, 'waiting');
    codec.retain();
    assert.deepEqual([codec.heldBytes, codec.midMessage], [7, false]);
    codec.pull();
    assert.equal(codec.heldBytes, 0);
  });

  it('sends text as UTF-8 and bytes as they are', () => {
    const out = new ByteWriter(1);
    const codec = new RawCodec();
    codec.encode('é\ud800', out);
    codec.encode(Uint8Array.of(0, 255), out);
    assert.equal(out.written().toString('hex'), 'c3a9efbfbd00ff');
  });

  it('has one dialect: all of its connections are sent the same bytes', () => {
    assert.equal(new RawCodec().dialect, new RawCodec().dialect);
    assert.equal(typeof new RawCodec().dialect, 'function');
  });
});

function push(codec: RawCodec, text: string): void {
  const bytes = Buffer.from(text);
  codec.push(sourceOf(bytes), 0, bytes.length);
}
