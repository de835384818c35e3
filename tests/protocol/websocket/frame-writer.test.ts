import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ByteWriter } from '../../../src/bytes/byte-writer.ts';
import { FrameWriter } from '../../../src/protocol/websocket/frame-writer.ts';
import { BINARY, CLOSE, closePayload, frame, KEY, PING, PONG, TEXT } from './frames.ts';

const COMPRESSED_AND_FINAL = 0xc0;

const server = new FrameWriter();
const client = new FrameWriter(() => KEY.readInt32LE());

/** Around the borders of the head's size, and those from which a text counts as short or long. */
const SIZES = [
  0, 1, 47, 48, 49, 62, 63, 64, 124, 125, 126, 127, 4095, 4096, 4097, 32_767, 32_768, 65_534, 65_535, 65_536,
  65_537,
];

/** One, two, three and four bytes in UTF-8, and what becomes U+FFFD. */
const CHARACTERS = ['a', 'é', '€', '😀', '\ud800'];

describe('FrameWriter — RFC 6455 §5', () => {
  it('§5.7 writes the examples of the RFC', () => {
    assert.equal(written((out) => server.text('Hello', out)).toString('hex'), '810548656c6c6f');
    assert.equal(written((out) => client.text('Hello', out)).toString('hex'), '818537fa213d7f9f4d5158');
    assert.equal(
      written((out) => server.control(PING, Buffer.from('Hello'), out)).toString('hex'),
      '890548656c6c6f',
    );
    assert.equal(
      written((out) => client.control(PONG, Buffer.from('Hello'), out)).toString('hex'),
      '8a8537fa213d7f9f4d5158',
    );
  });

  for (const [role, writer, key] of [
    ['server', server, undefined],
    ['client', client, KEY],
  ] as const) {
    for (const size of SIZES) {
      it(`§5.2 ${role}: binary of ${size} bytes`, () => {
        const payload = Buffer.alloc(size, 'payload ');
        const expected = frame({ opcode: BINARY, payload, key });
        assert.deepEqual(
          written((out) => writer.bytes(BINARY, payload, out)),
          expected,
        );
      });

      it(`§5.2 ${role}: text of ${size} characters of every width`, () => {
        for (const character of CHARACTERS) {
          const text = character.repeat(size);
          const expected = frame({ opcode: TEXT, payload: text, key });
          assert.deepEqual(
            written((out) => writer.text(text, out)),
            expected,
            `of ${character}`,
          );
        }
      });
    }

    it(`§5.6 ${role}: one wide character at the beginning or end of a text does not hide`, () => {
      for (const size of SIZES) {
        for (const text of [`é${'a'.repeat(size)}`, `${'a'.repeat(size)}€`]) {
          const expected = frame({ opcode: TEXT, payload: text, key });
          assert.deepEqual(
            written((out) => writer.text(text, out)),
            expected,
          );
        }
      }
    });

    it(`§5.2 ${role}: whatever room the writer has left, text arrives whole`, () => {
      for (const character of CHARACTERS) {
        for (const size of [1, 20, 41, 42, 43, 60, 63, 125, 126]) {
          const text = character.repeat(size);
          const expected = frame({ opcode: TEXT, payload: text, key });
          for (let capacity = 1; capacity <= expected.length + 40; capacity++) {
            const out = new ByteWriter(capacity);
            out.bytes.fill(0xee);
            writer.text(text, out);
            assert.deepEqual(out.written(), expected, `${size} of ${character} in ${capacity}`);
          }
        }
      }
    });

    it(`§5.2 ${role}: frames are appended to what was written before`, () => {
      const out = new ByteWriter(1);
      out.writeLatin1('before');
      writer.text('é'.repeat(63), out);
      writer.bytes(BINARY, Buffer.from('bytes'), out);
      writer.close(1000, 'bye', out);
      const expected = [
        Buffer.from('before'),
        frame({ opcode: TEXT, payload: 'é'.repeat(63), key }),
        frame({ opcode: BINARY, payload: 'bytes', key }),
        frame({ opcode: CLOSE, payload: closePayload(1000, 'bye'), key }),
      ];
      assert.deepEqual(out.written(), Buffer.concat(expected));
    });
  }

  it('§5.2 writes the flags it is given', () => {
    const bytes = written((out) => server.bytes(TEXT, Buffer.from('x'), out, COMPRESSED_AND_FINAL));
    assert.deepEqual(bytes, frame({ opcode: TEXT, payload: 'x', rsv: 4 }));
  });

  it('§5.3 asks for a fresh key for every frame, and leaves the caller’s bytes alone', () => {
    const keys = [0x01020304, -1, 0];
    const fresh = new FrameWriter(() => keys.shift() ?? 7);
    const payload = Buffer.from('same');
    const bytes = written((out) => {
      for (let count = 0; count < 3; count++) fresh.bytes(BINARY, payload, out);
    });
    const expected = ['04030201', 'ffffffff', '00000000'].map((key) =>
      frame({ opcode: BINARY, payload: 'same', key: Buffer.from(key, 'hex') }),
    );
    assert.deepEqual(bytes, Buffer.concat(expected));
    assert.equal(payload.toString(), 'same');
  });

  it('§5.5 a ping or pong of 125 bytes is written, of 126 refused before anything is', () => {
    for (const opcode of [PING, PONG]) {
      const payload = Buffer.alloc(125, 'p');
      const expected = frame({ opcode, payload, key: KEY });
      assert.deepEqual(
        written((out) => client.control(opcode, payload, out)),
        expected,
      );
      const out = new ByteWriter(1);
      assert.throws(() => server.control(opcode, Buffer.alloc(126), out), {
        name: 'UsageError',
        code: 'E_WEBSOCKET_CONTROL',
        message: /at most 125 bytes, not 126/,
      });
      assert.equal(out.position, 0);
    }
  });

  it('§5.5.1 writes a close with code and reason, or empty', () => {
    assert.deepEqual(
      written((out) => server.close(1001, 'naïve', out)),
      frame({ opcode: CLOSE, payload: closePayload(1001, 'naïve') }),
    );
    assert.deepEqual(
      written((out) => client.close(undefined, 'not sent', out)),
      frame({ opcode: CLOSE, key: KEY }),
    );
  });

  it('§5.5 cuts a close reason at a character, to 123 bytes at most', () => {
    for (const character of CHARACTERS) {
      const width = Buffer.byteLength(character);
      for (let before = 0; before < 4; before++) {
        const reason = 'x'.repeat(before) + character.repeat(130);
        const kept = 'x'.repeat(before) + character.repeat(Math.floor((123 - before) / width));
        assert.deepEqual(
          written((out) => server.close(1000, reason, out)),
          frame({ opcode: CLOSE, payload: closePayload(1000, kept) }),
        );
      }
    }
  });

  it('§5.5 leaves a reason of exactly 123 bytes whole', () => {
    for (const reason of ['x'.repeat(123), '€'.repeat(41)]) {
      assert.deepEqual(
        written((out) => server.close(1000, reason, out)),
        frame({ opcode: CLOSE, payload: closePayload(1000, reason) }),
      );
    }
  });
});

function written(write: (out: ByteWriter) => void): Buffer {
  const out = new ByteWriter(16);
  write(out);
  return out.written();
}
