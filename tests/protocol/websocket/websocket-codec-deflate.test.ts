import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { describe, it } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';
import { pieces } from '../http/cuts.ts';
import { bothWays, codec, cut, DEFLATE, encoded, heard, MIB, refused, refusedAt } from './codecs.ts';
import {
  BINARY,
  CLOSE,
  CONTINUATION,
  fragments,
  frame,
  hear,
  masked,
  message,
  PING,
  PONG,
  TEXT,
} from './frames.ts';

describe('WebSocketCodec — RFC 7692', () => {
  const TEXT_OF_1000 = 'compressed '.repeat(100);

  it('§6.1 RSV1 without negotiation: 1002 at the first byte', () => {
    const bytes = masked(TEXT, squeezed('x'), { rsv: 4 });
    assert.deepEqual(heard(bytes), refused(1002));
    assert.equal(refusedAt(bytes), 0);
  });

  it('§6.1 RSV1 on a continuation or control frame: 1002 at its first byte', () => {
    const [first = Buffer.alloc(0)] = fragments(TEXT, [squeezed('text'), ''], 4);
    const bytes = Buffer.concat([first, masked(CONTINUATION, 'x', { rsv: 4 })]);
    assert.deepEqual(heard(bytes, { deflate: DEFLATE }), refused(1002));
    assert.equal(refusedAt(bytes, { deflate: DEFLATE }), first.length);
    for (const opcode of [CLOSE, PING, PONG]) {
      assert.equal(refusedAt(masked(opcode, '', { rsv: 4 }), { deflate: DEFLATE }), 0);
    }
  });

  it('§6.2 reads compressed and plain messages', () => {
    const bytes = Buffer.concat([
      masked(TEXT, squeezed(TEXT_OF_1000), { rsv: 4 }),
      masked(TEXT, 'plain'),
      masked(BINARY, squeezed(TEXT_OF_1000), { rsv: 4 }),
    ]);
    const events = [message(TEXT_OF_1000), message('plain'), message(Buffer.from(TEXT_OF_1000))];
    assert.deepEqual(heard(bytes, { deflate: DEFLATE }), { events, refused: undefined });
    assert.deepEqual(
      cut(frame({ opcode: TEXT, payload: squeezed('é'), rsv: 4 }), 1, { role: 'client', deflate: DEFLATE })
        .events,
      [message('é')],
    );
  });

  it('§7.2.3 reads "Hello" as the RFC writes it, whole and in fragments', () => {
    const hello = Buffer.from('f248cdc9c90700', 'hex');
    const bytes = Buffer.concat([
      masked(TEXT, hello, { rsv: 4 }),
      ...fragments(TEXT, [hello.subarray(0, 3), hello.subarray(3)], 4),
      ...fragments(TEXT, [hello.subarray(0, 1), '', hello.subarray(1), ''], 4),
    ]);
    assert.deepEqual(heard(bytes, { deflate: DEFLATE }).events, [
      message('Hello'),
      message('Hello'),
      message('Hello'),
    ]);
  });

  it('§6.1 control frames come between compressed fragments', () => {
    const payload = squeezed(TEXT_OF_1000);
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = fragments(
      TEXT,
      [payload.subarray(0, 5), payload.subarray(5)],
      4,
    );
    const bytes = Buffer.concat([first, masked(PING, 'p'), second]);
    const events = [{ type: 'ping', payload: Buffer.from('p') }, message(TEXT_OF_1000)];
    assert.deepEqual(heard(bytes, { deflate: DEFLATE }).events, events);
  });

  it('§7.2.3.6 an empty message is one octet; none is taken as well', () => {
    for (const payload of [Buffer.of(0), Buffer.alloc(0)]) {
      const bytes = Buffer.concat([masked(TEXT, payload, { rsv: 4 }), masked(BINARY, payload, { rsv: 4 })]);
      assert.deepEqual(heard(bytes, { deflate: DEFLATE }).events, [message(''), message(Buffer.alloc(0))]);
    }
  });

  it('§7.2.2 damaged or cut data: 1007, and so is expanded text that is not UTF-8', () => {
    const whole = squeezed(TEXT_OF_1000);
    for (const payload of [
      Buffer.from('ffffff', 'hex'),
      whole.subarray(0, 10),
      squeezed(Buffer.from('c3', 'hex')),
    ]) {
      assert.deepEqual(heard(masked(TEXT, payload, { rsv: 4 }), { deflate: DEFLATE }), refused(1007));
    }
  });

  it('§7.2.2 does not take memory for what expanding may give', () => {
    const server = codec({ deflate: DEFLATE, maxMessage: MIB });
    const [first = Buffer.alloc(0)] = fragments(BINARY, [zeros(MIB), ''], 4);
    hear(server, [first]);
    assert.ok(server.heldBytes <= 17 * 1024, `${server.heldBytes} bytes held`);
  });

  it('§8 a bomb stops at the limit: 1009, with little memory, twenty times', () => {
    const bomb = masked(BINARY, Buffer.alloc(MIB, zeros(MIB)), { rsv: 4 });
    const before = process.resourceUsage().maxRSS;
    for (let count = 0; count < 20; count++) {
      const codecOfOne = codec({ deflate: DEFLATE, maxMessage: MIB });
      assert.deepEqual(hear(codecOfOne, pieces(bomb, 65_536)), refused(1009));
      assert.equal(codecOfOne.heldBytes, 0);
    }
    const grown = (process.resourceUsage().maxRSS - before) / 1024;
    assert.ok(grown < 64, `${grown} MiB for bombs of 1 GiB`);
  });

  it('§8 the limit is that of the expanded message, exactly', () => {
    for (const opcode of [TEXT, BINARY]) {
      const bytes = masked(opcode, squeezed('x'.repeat(1000)), { rsv: 4 });
      assert.equal(heard(bytes, { deflate: DEFLATE, maxMessage: 1000 }).events.length, 1);
      assert.deepEqual(heard(bytes, { deflate: DEFLATE, maxMessage: 999 }), refused(1009));
    }
    const empty = masked(TEXT, Buffer.of(0), { rsv: 4 });
    assert.deepEqual(heard(empty, { deflate: DEFLATE, maxMessage: 0 }).events, [message('')]);
    const one = masked(TEXT, squeezed('x'), { rsv: 4 });
    assert.deepEqual(heard(one, { deflate: DEFLATE, maxMessage: 0 }), refused(1009));
  });

  it('§8 what is far too long to be compressed data of the limit is refused at the head: 1009', () => {
    const head = masked(BINARY, '', { rsv: 4, announced: 2000 });
    assert.equal(refusedAt(head, { deflate: DEFLATE, maxMessage: 1000 }), head.length - 1);
  });

  it('§8 what cannot be compressed passes at exactly maxMessage, whatever the sender’s window and memory', () => {
    const maxMessage = 300_000;
    const content = randomBytes(maxMessage);
    for (const windowBits of [9, 10, 11, 12, 13, 14, 15]) {
      for (const memLevel of [1, 8, 9]) {
        const bytes = deflateRawSync(content, { windowBits, memLevel, finishFlush: constants.Z_SYNC_FLUSH });
        const payload = bytes.subarray(0, -4);
        assert.ok(payload.length > maxMessage);
        const { events, refused } = hear(codec({ deflate: DEFLATE, maxMessage }), [
          masked(BINARY, payload, { rsv: 4 }),
        ]);
        assert.equal(refused, undefined, `window ${windowBits}, memory ${memLevel}`);
        assert.deepEqual(events, [message(content)]);
      }
    }
  });

  it('§8 maxInflateRatio refuses what grows more: 1009', () => {
    const options = { deflate: DEFLATE, maxInflateRatio: 20 };
    const json = JSON.stringify(Array.from({ length: 50 }, (_, id) => ({ id, name: `name ${id}` })));
    assert.deepEqual(heard(masked(TEXT, squeezed(json), { rsv: 4 }), options).events, [message(json)]);
    assert.deepEqual(heard(masked(TEXT, squeezed('x'.repeat(10_000)), { rsv: 4 }), options), refused(1009));
  });

  it('§7.2.1 sends compressed from the threshold on, in bytes', () => {
    const deflate = { ...DEFLATE, threshold: 100 };
    for (const [content, compressed] of [
      ['x'.repeat(99), false],
      ['x'.repeat(100), true],
      ['é'.repeat(49), false],
      ['é'.repeat(50), true],
      [Buffer.alloc(99), false],
      [Buffer.alloc(100), true],
    ] as const) {
      const [first = 0] = encoded(codec({ deflate }), [content]);
      assert.equal((first & 0x40) !== 0, compressed, `${content.length}`);
    }
  });

  it('§6 sends as it is what would not become shorter', () => {
    for (const content of ['', 'x', randomBytes(1000)]) {
      assert.deepEqual(encoded(codec({ deflate: DEFLATE }), [content]), encoded(codec(), [content]));
    }
  });

  for (const windowBits of [9, 10, 11, 12, 13, 14, 15]) {
    it(`§7.1.2 a window of ${windowBits} bits, in both directions`, () => {
      const messages = [TEXT_OF_1000, Buffer.alloc(70_000, 'binary '), 'short', '', 'naïve '.repeat(10_000)];
      for (const [from, to] of bothWays({ deflate: { ...DEFLATE, windowBits } })) {
        assert.deepEqual(hear(to, [encoded(from, messages)]).events, messages.map(message));
      }
    });
  }
});

/** As a sender compresses a message, made with zlib and not by the code under test. */
function squeezed(content: string | Buffer): Buffer {
  return deflateRawSync(content, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

/** Compressed zeros, which can be repeated. */
function zeros(size: number): Buffer {
  return deflateRawSync(Buffer.alloc(size), { level: 9, finishFlush: constants.Z_FULL_FLUSH });
}
