import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import process from 'node:process';
import { describe, it } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { deflate, END, inflate, maxDeflated } from '../../../src/protocol/websocket/permessage-deflate.ts';

const MIB = 1024 * 1024;
const LEVEL_6 = { threshold: 0, level: 6, windowBits: 15 };

/** The messages "Hello" of RFC 7692 §7.2.3. */
const HELLO: readonly (readonly [title: string, hex: string])[] = [
  ['§7.2.3.1 one compressed block', 'f248cdc9c90700'],
  ['§7.2.3.3 a block with no compression', '000500faff48656c6c6f00'],
  ['§7.2.3.4 a block with BFINAL set', 'f348cdc9c9070000'],
  ['§7.2.3.5 two blocks', 'f24805000000ffffcac9c90700'],
];

describe('permessage-deflate — RFC 7692 §7.2', () => {
  it('§7.2.1 leaves out the four octets at the end', () => {
    assert.equal(deflate(Buffer.from('Hello'), LEVEL_6).toString('hex'), 'f248cdc9c90700');
  });

  it('§7.2.3.6 an empty message is one octet', () => {
    assert.equal(deflate(Buffer.alloc(0), LEVEL_6).toString('hex'), '00');
    assert.equal(expand('00').length, 0);
  });

  it('§7.2.2 takes a payload without any octet for an empty message', () => {
    assert.equal(expand('').length, 0);
  });

  for (const [title, hex] of HELLO) {
    it(`${title}: expands`, () => assert.equal(expand(hex).toString(), 'Hello'));
  }

  it('§7.2.1 data may go on behind a block with BFINAL set', () => {
    const first = deflateRawSync('Hel').toString('hex');
    const second = deflateRawSync('lo').toString('hex');
    assert.equal(expand(`${first}${second}00`).toString(), 'Hello');
    assert.equal(expand(first + deflate(Buffer.from('lo'), LEVEL_6).toString('hex')).toString(), 'Hello');
  });

  it('§7.2.1 takes it when nothing follows a block with BFINAL set', () => {
    assert.equal(expand(deflateRawSync('Hello').toString('hex')).toString(), 'Hello');
  });

  it('§7.2.1 data that begins anew a hundred times is enough: 1008', () => {
    const empty = '0300';
    assert.equal(expand(empty.repeat(100)).length, 0);
    assert.throws(() => expand(empty.repeat(500_000)), { closeCode: 1008 });
  });

  it('§7.2.1 a limit counts what was expanded before the data began anew', () => {
    const part = deflateRawSync('12345').toString('hex');
    assert.equal(expand(`${part}${part}00`, 10).toString(), '1234512345');
    assert.throws(() => expand(`${part}${part}00`, 9), { closeCode: 1009 });
    assert.throws(() => expand(`${part}${part}00`, 5), { closeCode: 1009 });
  });

  for (const windowBits of [9, 10, 11, 12, 13, 14, 15]) {
    it(`§7.1.2 a window of ${windowBits} bits`, () => {
      const bytes = Buffer.concat([
        Buffer.alloc(50_000, 'lorem ipsum '),
        randomBytes(1000),
        Buffer.alloc(50_000),
      ]);
      for (const level of [1, 6, 9]) {
        const compressed = deflate(bytes, { threshold: 0, level, windowBits });
        assert.ok(compressed.length < 5000);
        assert.deepEqual(expandBytes(compressed, bytes.length), bytes);
      }
    });

    it(`§7.1.2 a window of ${windowBits} bits: maxDeflated() is enough for what cannot be compressed`, () => {
      for (const size of [0, 1, 100, 20_000, 300_000]) {
        for (const memLevel of [1, 5, 8, 9]) {
          const options = { windowBits, memLevel, finishFlush: constants.Z_SYNC_FLUSH };
          const { length } = deflateRawSync(randomBytes(size), options);
          assert.ok(length <= maxDeflated(size), `${length} for ${size} with memory level ${memLevel}`);
        }
      }
    });
  }

  it('§7.2 expands what it has compressed', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3000 }), fc.integer({ min: 1, max: 9 }), (content, level) => {
        const bytes = Buffer.from(content);
        assert.deepEqual(expandBytes(deflate(bytes, { ...LEVEL_6, level }), bytes.length), bytes);
      }),
    );
  });

  it('§7.2.2 no message needs another one before it', () => {
    const text = Buffer.from('the same text, '.repeat(20));
    const first = deflate(text, LEVEL_6);
    assert.deepEqual(deflate(text, LEVEL_6), first);
    assert.deepEqual(expandBytes(first, 1000), text);
    assert.deepEqual(expandBytes(first, 1000), text);
  });

  for (const [title, hex] of [
    ['a reserved block type', 'ff'],
    ['a length that contradicts itself', '000500fafe48656c6c6f00'],
    ['a distance before the beginning', '4a0401'],
    ['random octets', 'deadbeefcafebabe'],
    ['octets behind the end that are no block', 'f348cdc9c907ffff'],
  ] as const) {
    it(`§7.2.2 ${title}: 1007`, () => {
      assert.throws(() => expand(hex), { closeCode: 1007, code: 'E_WEBSOCKET_PROTOCOL' });
    });
  }

  it('§7.2.2 a cut message is refused, not delivered in part: 1007', () => {
    for (const content of ['{"amount": 1000, "currency": "TRY"}', 'lorem ipsum dolor '.repeat(200), 'aaaa']) {
      const whole = deflate(Buffer.from(content), LEVEL_6);
      for (let length = 1; length < whole.length - 1; length++) {
        assert.throws(
          () => expandBytes(whole.subarray(0, length), MIB),
          { closeCode: 1007 },
          `${length} octets`,
        );
      }
    }
  });

  it('§7.2.2 nor does a cut block with BFINAL set end in what is appended: 1007', () => {
    const whole = deflateRawSync('Hello');
    for (let length = 1; length < whole.length; length++) {
      assert.throws(
        () => expandBytes(whole.subarray(0, length), MIB),
        { closeCode: 1007 },
        `${length} octets`,
      );
    }
  });

  it('§7.2.2 an error keeps its cause', () => {
    assert.throws(
      () => expand('ff'),
      (error: Error) => error.cause instanceof Error,
    );
  });

  it('§8 stops at the limit, and not one byte before', () => {
    for (const size of [0, 1, 999, 16_384, 65_536, 100_000]) {
      const compressed = deflate(Buffer.alloc(size, 'ab'), LEVEL_6);
      assert.equal(expandBytes(compressed, size).length, size);
      if (size > 0) assert.throws(() => expandBytes(compressed, size - 1), { closeCode: 1009 });
    }
  });

  it('§8 a bomb of 4 GiB costs the limit, not its size: 1009', () => {
    const bomb = Buffer.alloc(4_200_000, zeros(MIB));
    const before = process.resourceUsage().maxRSS;
    assert.throws(() => expandBytes(bomb, MIB), { closeCode: 1009 });
    const grown = (process.resourceUsage().maxRSS - before) / 1024;
    assert.ok(grown < 32, `${grown} MiB`);
  });

  it('short messages that are kept hold a kilobyte each at most', () => {
    const kept = Array.from({ length: 1000 }, () => expand('f248cdc9c90700'));
    const memory = [...new Set(kept.map(({ buffer }) => buffer))].reduce(
      (sum, one) => sum + one.byteLength,
      0,
    );
    assert.ok(memory < 1.2 * MIB, `${memory} bytes for ${kept.length} messages`);
  });
});

/** As a message arrives: without the octets that its sender leaves out. */
function expand(hex: string, limit: number = MIB): Buffer {
  return expandBytes(Buffer.from(hex, 'hex'), limit);
}

function expandBytes(payload: Buffer, limit: number): Buffer {
  return inflate(Buffer.concat([payload, END]), limit);
}

/** Blocks that expand to so many zeros and can be repeated. */
function zeros(size: number): Buffer {
  return deflateRawSync(Buffer.alloc(size), { level: 9, finishFlush: constants.Z_FULL_FLUSH });
}
