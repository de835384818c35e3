/** Codecs of packages: `text`, `frame`, and those of one's own. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ByteWriter } from '../../src/bytes/byte-writer.ts';
import { sourceOf } from '../../src/bytes/source.ts';
import { ProtocolError, UsageError } from '../../src/errors.ts';
import type { Codec, CodecEvent } from '../../src/protocol/codec.ts';
import { defineProtocol } from '../../src/protocol/define-protocol.ts';
import { frameProtocol } from '../../src/protocol/frame-codec.ts';
import type { Protocol } from '../../src/protocol/protocol.ts';
import { textProtocol } from '../../src/protocol/text-codec.ts';
import { examineCodec } from '../../src/testing/codec-examination.ts';

const LIMITS = { maxPackageSize: 1024 };

/** A length of two bytes, little-endian, of the JSON behind it. */
const json = defineProtocol({
  input: (buffer) => (buffer.length < 2 ? 0 : 2 + buffer.readUInt16LE(0)),
  decode: (bytes): unknown => JSON.parse(bytes.toString('utf8', 2)),
  encode: (value: unknown) => jsonPackage(JSON.stringify(value)),
});

describe('Codec: text', () =>
  examineCodec(
    {
      make: () => textProtocol.makeCodec(LIMITS),
      boundaries: 'in the bytes',
      messages: ['héllo wörld\n', 'two\r\n', '\n', '\r\n', 'a\rb\r\r\n', ' spaced \t\n'].map((line) =>
        Buffer.from(line),
      ),
      heard: ['héllo wörld', 'two', '', '', 'a\rb', ' spaced \t'],
      show,
      broken: Buffer.from([0x61, 0xff, 0x0a]),
      sent: ['one', '', 'é'.repeat(100)],
      readAsPeer: (bytes) => bytes.toString().split('\n').slice(0, -1),
    },
    it,
  ));

describe('Codec: frame', () =>
  examineCodec(
    {
      make: () => frameProtocol.makeCodec(LIMITS),
      boundaries: 'in the bytes',
      messages: [
        Buffer.from('\0\0\0\x09hello', 'latin1'),
        Buffer.from('\0\0\0\x04', 'latin1'),
        Buffer.concat([Buffer.from([0, 0, 4, 0]), Buffer.alloc(1020, 'x')]),
      ],
      heard: ['hello', '', 'x'.repeat(1020)],
      show,
      broken: Buffer.from([0, 0, 0, 3]),
      sent: ['héllo', Buffer.from('bytes'), ''],
      read: ['héllo', 'bytes', ''],
      readAsPeer: readFrames,
    },
    it,
  ));

describe('Codec: defineProtocol', () =>
  examineCodec(
    {
      make: () => json.makeCodec(LIMITS),
      boundaries: 'in the bytes',
      messages: ['{"x":1}', '"é"', '[]'].map(jsonPackage),
      heard: [{ x: 1 }, 'é', []],
      show: (event) => (event.type === 'message' ? event.message : event),
      broken: jsonPackage('{"x":'),
      sent: [{ y: [1, 2] }, null],
      readAsPeer: (bytes) => hear(json, [bytes]),
    },
    it,
  ));

describe('the limit', () => {
  const cases: readonly [string, Protocol<unknown, never>, whole: Buffer, tooLong: Buffer][] = [
    ['text', textProtocol, Buffer.from(`${'x'.repeat(1023)}\n`), Buffer.from(`${'x'.repeat(1024)}\n`)],
    ['frame', frameProtocol, frameOf(1024), frameOf(1025)],
    ['defineProtocol', json, jsonPackage(`"${'x'.repeat(1020)}"`), jsonPackage(`"${'x'.repeat(1021)}"`)],
  ];
  for (const [name, protocol, whole, tooLong] of cases) {
    it(`${name}: a package of 1024 bytes is taken, one of 1025 is not, however it comes`, () => {
      for (const step of [1, 7, 2048]) {
        assert.equal(hear(protocol, pieces(whole, step)).length, 1);
        assert.throws(() => hear(protocol, pieces(tooLong, step)), { code: 'E_PACKAGE_TOO_LONG' });
      }
    });
  }

  it('is told as soon as it is known', () => {
    const code = 'E_PACKAGE_TOO_LONG';
    assert.throws(() => hear(frameProtocol, [Buffer.from([0xff, 0xff, 0xff, 0xff])]), {
      code,
      message: 'a package of 4294967295 bytes; 1024 are allowed',
    });
    assert.throws(() => hear(textProtocol, [Buffer.alloc(1024, 'x')]), {
      code,
      message: 'a package does not end within 1024 bytes',
    });
  });

  it('concerns one package, not what comes together', () => {
    const many = Buffer.from('0123456789abcde\n'.repeat(1000));
    assert.equal(hear(textProtocol, [many]).length, 1000);
  });
});

describe('defineProtocol', () => {
  const line = { input: (buffer: Buffer) => buffer.indexOf('\n') + 1, encode: (text: string) => text };

  it('asks input again only when more has come', () => {
    const asked: number[] = [];
    const codec = defineProtocol({
      input(buffer) {
        asked.push(buffer.length);
        return buffer.length < 3 ? 0 : 5;
      },
      decode: String,
      encode: String,
    }).makeCodec(LIMITS);
    for (const piece of ['a', 'b', 'c', 'd', 'e']) {
      lend(codec, Buffer.from(piece));
      const event = codec.pull();
      assert.equal(event?.type, piece === 'e' ? 'message' : undefined);
      assert.equal(codec.pull(), undefined);
      codec.retain();
    }
    assert.deepEqual(asked, [1, 2, 3]);
  });

  it('gives decode bytes to keep', () => {
    const codec = defineProtocol({ ...line, decode: (bytes) => bytes }).makeCodec(LIMITS);
    const lent = Buffer.from('one\n');
    lend(codec, lent);
    const event = codec.pull();
    lent.fill(0);
    assert.deepEqual(event, { type: 'message', message: Buffer.from('one\n') });
  });

  it('takes a negative length for the end of the peer', () => {
    const protocol = defineProtocol({ ...line, input: () => -1, decode: String });
    assert.throws(() => hear(protocol, [Buffer.from('x')]), { code: 'E_PROTOCOL' });
  });

  it('holds the peer responsible for what it throws on purpose, and for what cannot be parsed', () => {
    for (const fail of [
      () => JSON.parse('{'),
      () => decodeURIComponent('%'),
      () => new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.of(0xff)),
      () => {
        throw new ProtocolError('not a move');
      },
    ]) {
      assert.throws(
        () => hear(defineProtocol({ ...line, decode: fail }), [Buffer.from('x\n')]),
        ProtocolError,
      );
      assert.throws(
        () => hear(defineProtocol({ ...line, input: fail, decode: String }), [Buffer.from('x')]),
        ProtocolError,
      );
    }
  });

  it('holds you responsible for everything else', () => {
    const bug = (): never => {
      throw new TypeError('a bug');
    };
    assert.throws(() => hear(defineProtocol({ ...line, decode: bug }), [Buffer.from('x\n')]), TypeError);
    for (const wrong of [Number.NaN, 1.5, '1', undefined])
      assert.throws(
        () =>
          hear(defineProtocol({ ...line, input: () => wrong as number, decode: String }), [Buffer.from('x')]),
        { code: 'E_INPUT' },
      );
    const codec = defineProtocol({ ...line, decode: String, encode: () => 1 as never }).makeCodec(LIMITS);
    assert.throws(() => codec.encode('x', new ByteWriter(8)), UsageError);
  });

  it('has one dialect: what is sent to all is encoded once', () => {
    assert.equal(json.makeCodec(LIMITS).dialect, json.makeCodec(LIMITS).dialect);
    assert.notEqual(
      json.makeCodec(LIMITS).dialect,
      defineProtocol({ ...line, decode: String }).makeCodec(LIMITS).dialect,
    );
  });
});

function show(event: CodecEvent<unknown>): unknown {
  return event.type === 'message' ? String(event.message) : event;
}

function hear(protocol: Protocol<unknown, never>, chunks: readonly Buffer[]): unknown[] {
  const codec = protocol.makeCodec(LIMITS);
  const heard: unknown[] = [];
  for (const chunk of chunks) {
    lend(codec, chunk);
    for (let event = codec.pull(); event; event = codec.pull())
      heard.push(event.type === 'message' ? event.message : event);
    codec.retain();
  }
  return heard;
}

function lend(codec: Codec<unknown, never>, bytes: Buffer): void {
  codec.push(sourceOf(bytes), 0, bytes.length);
}

function pieces(bytes: Buffer, step: number): Buffer[] {
  const count = Math.ceil(bytes.length / step);
  return Array.from({ length: count }, (_, index) => bytes.subarray(index * step, (index + 1) * step));
}

function jsonPackage(text: string): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(2);
  head.writeUInt16LE(body.length);
  return Buffer.concat([head, body]);
}

function frameOf(size: number): Buffer {
  const frame = Buffer.alloc(size, 'x');
  frame.writeUInt32BE(size);
  return frame;
}

function readFrames(bytes: Buffer): string[] {
  const read: string[] = [];
  for (let at = 0; at < bytes.length; at += bytes.readUInt32BE(at))
    read.push(bytes.toString('utf8', at + 4, at + bytes.readUInt32BE(at)));
  return read;
}
