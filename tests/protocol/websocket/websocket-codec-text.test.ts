import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UTF8_SEQUENCES } from '../../bytes/utf8-sequences.ts';
import { cut, heard, refused, refusedAt } from './codecs.ts';
import { BINARY, CONTINUATION, fragments, masked, message, PING, TEXT } from './frames.ts';

describe('WebSocketCodec — RFC 6455 §5.6, §8.1', () => {
  for (const { title, bytes, verdict } of UTF8_SEQUENCES) {
    it(`§8.1 ${title}`, () => {
      const frames = masked(TEXT, bytes);
      const end = frames.length - 1;
      const expected =
        verdict === 'valid' ? { events: [message(bytes.toString())], refused: undefined } : refused(1007);
      assert.deepEqual(heard(frames), expected);
      const index =
        verdict === 'valid' ? undefined : verdict === 'cut' ? end : frames.length - bytes.length + verdict;
      assert.equal(refusedAt(frames), index);
    });

    it(`§8.1 ${title}: in the middle of a frame and of a message`, () => {
      const begun = masked(TEXT, 'bégun', { final: false });
      const payload = Buffer.concat([bytes, Buffer.alloc(1000, 'a')]);
      const middle = masked(CONTINUATION, payload, { final: false });
      const frames = Buffer.concat([begun, middle]);
      const start = frames.length - payload.length;
      const bad = verdict === 'cut' ? bytes.length : verdict;
      assert.equal(refusedAt(frames), bad === 'valid' ? undefined : start + bad);
      if (bad === 'valid') return;
      assert.deepEqual(
        heard(frames.subarray(0, start + bad + 1)),
        refused(1007),
        'not one byte more is needed',
      );
    });
  }

  it('§8.1 a character may be cut by fragments, also with a ping between', () => {
    const text = 'κόσμε€😀';
    const bytes = Buffer.from(text);
    for (let at = 1; at < bytes.length; at++) {
      const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = fragments(TEXT, [
        bytes.subarray(0, at),
        bytes.subarray(at),
      ]);
      assert.deepEqual(cut(Buffer.concat([first, second]), 1).events, [message(text)]);
      const { events } = cut(Buffer.concat([first, masked(PING), second]), 1000);
      assert.deepEqual(events, [{ type: 'ping', payload: Buffer.alloc(0) }, message(text)]);
    }
  });

  it('§8.1 a cut character does not pass into the next message', () => {
    const bytes = Buffer.concat([
      masked(TEXT, Buffer.from('61c3', 'hex')),
      masked(TEXT, Buffer.from('a9', 'hex')),
    ]);
    assert.deepEqual(heard(bytes), refused(1007));
    const fragmented = Buffer.concat([...fragments(TEXT, [Buffer.from('c3', 'hex'), '']), masked(TEXT, 'x')]);
    assert.deepEqual(heard(fragmented), refused(1007));
  });

  it('§5.6 keeps a byte order mark, and every character of every plane', () => {
    const planes = Array.from({ length: 17 }, (_, plane) =>
      String.fromCodePoint(plane * 0x10000 + 0x1f, plane * 0x10000 + 0xfffd),
    );
    const text = `\ufeff${planes.join('')}\u0000`;
    assert.deepEqual(heard(masked(TEXT, text)).events, [message(text)]);
  });

  it('§5.6 binary is not looked at', () => {
    const payload = Buffer.from('fffec080', 'hex');
    assert.deepEqual(heard(Buffer.concat(fragments(BINARY, [payload, payload]))).events, [
      message(Buffer.concat([payload, payload])),
    ]);
  });

  it('§8.1 text of 300 KiB cut anywhere', () => {
    const text = '€uro and 😀, '.repeat(18_000);
    const bytes = masked(TEXT, text);
    for (const size of [1, 1447, 65_536]) {
      assert.deepEqual(cut(bytes, size).events, [message(text)]);
    }
  });
});
