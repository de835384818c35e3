import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ByteWriter } from '../../../src/bytes/byte-writer.ts';
import { webSocketCodecs } from '../../../src/protocol/websocket/websocket-codec.ts';
import { pieces } from '../http/cuts.ts';
import { bothWays, codec, cut, encoded, heard, MIB, refused, refusedAt } from './codecs.ts';
import {
  BINARY,
  CLOSE,
  CONTINUATION,
  closePayload,
  type Event,
  fragments,
  frame,
  hear,
  KEY,
  masked,
  message,
  PING,
  PONG,
  TEXT,
} from './frames.ts';

describe('WebSocketCodec — RFC 6455 §5.1, §5.2', () => {
  it('§5.7 reads the examples of the RFC', () => {
    const server = heard('818537fa213d7f9f4d5158 898537fa213d7f9f4d5158 8a8537fa213d7f9f4d5158');
    const hello = Buffer.from('Hello');
    const expected = [message('Hello'), { type: 'ping', payload: hello }, { type: 'pong', payload: hello }];
    assert.deepEqual(server, { events: expected, refused: undefined });

    const client = heard('810548656c6c6f 010348656c 80026c6f 890548656c6c6f', { role: 'client' });
    const events = [message('Hello'), message('Hello'), { type: 'ping', payload: hello }];
    assert.deepEqual(client, { events, refused: undefined });
  });

  for (const length of [0, 1, 125, 126, 127, 65_535, 65_536]) {
    it(`§5.2 a payload of ${length} bytes, text and binary, to both roles`, () => {
      const payload = Buffer.alloc(length, 'seven, ');
      for (const [role, key] of [
        ['server', KEY],
        ['client', undefined],
      ] as const) {
        const frames = [frame({ opcode: TEXT, payload, key }), frame({ opcode: BINARY, payload, key })];
        const expected = { events: [message(payload.toString()), message(payload)], refused: undefined };
        const bytes = Buffer.concat(frames);
        if (length < 1000) assert.deepEqual(heard(bytes, { role }), expected);
        else
          for (const size of [bytes.length, 1448, key ? 1 : 7])
            assert.deepEqual(cut(bytes, size, { role }), expected);
      }
    });
  }

  it('§5.2 a length that is not minimal: 1002', () => {
    for (const [length, extended] of [
      [0, 2],
      [125, 2],
      [0, 8],
      [125, 8],
      [126, 8],
      [65_535, 8],
    ] as const) {
      const bytes = masked(BINARY, Buffer.alloc(length), { extended });
      assert.deepEqual(cut(bytes, bytes.length), refused(1002));
      assert.deepEqual(cut(bytes, 1), refused(1002));
    }
  });

  it('§5.2 a length of 2^63: 1002 at its first byte, of 2^63 - 1: 1009 at the end of the head', () => {
    assert.equal(refusedAt(Buffer.from('82ff8000000000000000', 'hex')), 2);
    const most = Buffer.from('82ff7fffffffffffffff37fa213d', 'hex');
    assert.deepEqual(heard(most), refused(1009));
    assert.equal(refusedAt(most), 13);
  });

  it('§5.2 reserved bits and opcodes: 1002 at the first byte', () => {
    for (let first = 0; first < 256; first++) {
      const opcode = first & 0x0f;
      const final = first >= 0x80;
      const legal = (first & 0x70) === 0 && (final ? [1, 2, 8, 9, 10] : [1, 2]).includes(opcode);
      const index = refusedAt(Buffer.of(first, 0x80, 0, 0, 0, 0));
      assert.equal(index, legal ? undefined : 0, `first byte ${first.toString(16)}`);
    }
  });

  it('§5.1 a server refuses what is not masked, a client what is: 1002 at the second byte', () => {
    for (const opcode of [TEXT, BINARY, CLOSE, PING, PONG]) {
      assert.deepEqual(heard(frame({ opcode })), refused(1002));
      assert.equal(refusedAt(frame({ opcode, payload: 'x' })), 1);
      assert.deepEqual(heard(masked(opcode), { role: 'client' }), refused(1002));
      assert.equal(refusedAt(masked(opcode, 'x'), { role: 'client' }), 1);
    }
  });
});

describe('WebSocketCodec — RFC 6455 §5.3', () => {
  it('§5.3 unmasks at every alignment, in one piece and cut anywhere', () => {
    for (let offset = 0; offset < 9; offset++) {
      for (let length = 0; length < 20; length++) {
        const payload = Buffer.from(Array.from({ length }, (_, index) => 0x80 + index));
        const expected = [message('x'.repeat(offset)), message(payload)];
        const bytes = Buffer.concat([masked(TEXT, 'x'.repeat(offset)), masked(BINARY, payload)]);
        for (const size of [1, 2, 3, 5, 7, bytes.length]) assert.deepEqual(cut(bytes, size).events, expected);
      }
    }
  });

  it('§5.3 takes any key, and another one for each frame', () => {
    const keys = ['00000000', 'ffffffff', '80000000', '00000080', '01020304'].map((hex) =>
      Buffer.from(hex, 'hex'),
    );
    const frames = keys.map((key, index) =>
      frame({
        opcode: index === 0 ? TEXT : CONTINUATION,
        payload: 'wörld',
        key,
        final: index === keys.length - 1,
      }),
    );
    assert.deepEqual(heard(Buffer.concat(frames)), {
      events: [message('wörld'.repeat(5))],
      refused: undefined,
    });
  });

  it('§5.3 a client masks with the key it was given, a server not at all', () => {
    const client = codec({ role: 'client', maskingKey: () => KEY.readInt32LE() });
    const written = encoded(client, ['Hello', Buffer.from('bytes'), 'é'.repeat(4097)]);
    const expected = [masked(TEXT, 'Hello'), masked(BINARY, 'bytes'), masked(TEXT, 'é'.repeat(4097))];
    assert.deepEqual(written, Buffer.concat(expected));
    assert.deepEqual(encoded(codec(), ['Hello']), frame({ opcode: TEXT, payload: 'Hello' }));
  });

  it('§5.3 without one, a client’s key is another for every frame', () => {
    const client = codec({ role: 'client' });
    const keys = new Set(Array.from({ length: 100 }, () => encoded(client, ['']).toString('hex', 2)));
    assert.ok(keys.size > 95, `${keys.size} keys for 100 frames`);
  });

  it('frames of a server are alike for all of its connections, those of a client for none', () => {
    const shared = webSocketCodecs({ role: 'server', maxMessage: 1 });
    assert.ok(shared().dialect);
    assert.equal(shared().dialect, shared().dialect);
    assert.notEqual(shared().dialect, codec().dialect);
    assert.equal(codec({ role: 'client' }).dialect, undefined);
  });
});

describe('WebSocketCodec — RFC 6455 §5.4', () => {
  it('§5.4 joins fragments of text and binary', () => {
    for (const [opcode, expected] of [
      [TEXT, 'one two thrée'],
      [BINARY, Buffer.from('one two thrée')],
    ] as const) {
      const bytes = Buffer.concat(fragments(opcode, ['one ', '', 'two ', 'thrée']));
      assert.deepEqual(heard(bytes), { events: [message(expected)], refused: undefined });
    }
  });

  it('§5.4 a message may begin and end with an empty fragment, or be nothing else', () => {
    const bytes = Buffer.concat([...fragments(TEXT, ['', 'x', '']), ...fragments(BINARY, ['', '', ''])]);
    assert.deepEqual(heard(bytes).events, [message('x'), message(Buffer.alloc(0))]);
  });

  it('§5.4 control frames come between fragments, and are heard first', () => {
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = fragments(TEXT, ['frag', 'ments']);
    const bytes = Buffer.concat([first, masked(PING, 'ping'), masked(PONG), second, masked(TEXT, 'next')]);
    assert.deepEqual(heard(bytes).events, [
      { type: 'ping', payload: Buffer.from('ping') },
      { type: 'pong', payload: Buffer.alloc(0) },
      message('fragments'),
      message('next'),
    ]);
  });

  it('§5.4 a close between fragments ends it all', () => {
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = fragments(TEXT, ['frag', 'ments']);
    assert.deepEqual(heard(Buffer.concat([first, masked(CLOSE), second])).events, [{ type: 'end' }]);
  });

  it('§5.4 a continuation of nothing: 1002 at its first byte', () => {
    for (const final of [true, false]) {
      const orphan = masked(CONTINUATION, 'orphan', { final });
      const bytes = Buffer.concat([masked(TEXT, 'whole'), orphan]);
      assert.deepEqual(heard(bytes), { events: [message('whole')], refused: 1002 });
      assert.equal(refusedAt(orphan), 0);
    }
  });

  it('§5.4 a new message inside of a message: 1002 at its first byte', () => {
    for (const opcode of [TEXT, BINARY]) {
      const [first = Buffer.alloc(0)] = fragments(TEXT, ['begun', '']);
      const bytes = Buffer.concat([first, masked(opcode, 'new')]);
      assert.deepEqual(heard(bytes), refused(1002));
      assert.equal(refusedAt(bytes), first.length);
    }
  });

  for (const [title, payload] of [
    ['empty', ''],
    ['1-byte', 'x'],
  ] as const) {
    it(`§5.4 100,000 ${title} fragments take memory for their bytes, some twenty times, and not for their number`, () => {
      const server = codec({ maxMessage: MIB });
      const held = new Set<number>();
      const first = masked(TEXT, payload, { final: false });
      const next = masked(CONTINUATION, payload, { final: false });
      for (let count = 0; count < 100_000; count++) {
        assert.deepEqual(hear(server, [Buffer.from(count === 0 ? first : next)]).events, []);
        held.add(server.heldBytes);
      }
      assert.ok(held.size <= 25, `${held.size} sizes of memory`);
      assert.ok(Math.max(...held) <= 2 * 100_000 * payload.length, `${Math.max(...held)} bytes held`);
      const { events } = hear(server, [masked(CONTINUATION, '')]);
      assert.deepEqual(events, [message(payload.repeat(100_000))]);
      assert.equal(server.heldBytes, 0);
    });
  }

  it('§5.4 4 MiB in fragments of 64 bytes', () => {
    const payload = Buffer.alloc(4 * MIB, 'sixty-four bytes ');
    const parts = pieces(payload, 64);
    const server = codec({ maxMessage: payload.length });
    const held = new Set<number>();
    const events: Event[] = [];
    for (const piece of fragments(BINARY, parts)) {
      events.push(...hear(server, [piece]).events);
      held.add(server.heldBytes);
    }
    assert.ok(held.size <= payload.length / 65_536 + 12, `${held.size} sizes of memory`);
    assert.deepEqual(events, [message(payload)]);
  });
});

describe('WebSocketCodec — RFC 6455 §5.5', () => {
  it('§5.5 control frames carry up to 125 bytes, any bytes', () => {
    for (const length of [0, 1, 124, 125]) {
      const payload = Buffer.alloc(length, Buffer.from('ff00fe80', 'hex'));
      const { events } = heard(Buffer.concat([masked(PING, payload), masked(PONG, payload)]));
      assert.deepEqual(events, [
        { type: 'ping', payload },
        { type: 'pong', payload },
      ]);
    }
  });

  it('§5.5 126 bytes or a fragment: 1002', () => {
    for (const opcode of [CLOSE, PING, PONG]) {
      const long = masked(opcode, Buffer.alloc(126));
      assert.deepEqual(heard(long), refused(1002));
      assert.equal(refusedAt(long), 1);
      assert.deepEqual(heard(masked(opcode, 'x', { final: false })), refused(1002));
    }
  });

  it('§5.5.2, §5.5.3 writes pings and pongs that the other role reads', () => {
    for (const [from, to] of bothWays()) {
      const out = new ByteWriter(1);
      from.encodePing(Buffer.from('are you there?'), out);
      from.encodePong(Buffer.alloc(125, 'y'), out);
      assert.deepEqual(hear(to, [out.written()]).events, [
        { type: 'ping', payload: Buffer.from('are you there?') },
        { type: 'pong', payload: Buffer.alloc(125, 'y') },
      ]);
      assert.throws(() => from.encodePing(Buffer.alloc(126), out), { code: 'E_WEBSOCKET_CONTROL' });
      assert.throws(() => from.encodePong(Buffer.alloc(126), out), { code: 'E_WEBSOCKET_CONTROL' });
    }
  });

  it('§5.5.1 a close may be empty, have a code, or a code and a reason', () => {
    for (const [payload, expected] of [
      [Buffer.alloc(0), { type: 'end' }],
      [closePayload(1000), { type: 'end', code: 1000, reason: '' }],
      [closePayload(4999, 'bye, wörld'), { type: 'end', code: 4999, reason: 'bye, wörld' }],
      [closePayload(1001, 'x'.repeat(123)), { type: 'end', code: 1001, reason: 'x'.repeat(123) }],
    ] as const) {
      assert.deepEqual(heard(masked(CLOSE, payload)), { events: [expected], refused: undefined });
    }
  });

  it('§5.5.1 half a code: 1002', () => {
    assert.deepEqual(heard(masked(CLOSE, Buffer.of(3))), refused(1002));
  });

  it('§5.5.1 a reason that is not UTF-8, or cut: 1007', () => {
    for (const hex of ['ff', 'c0af', 'eda080', '61e282']) {
      assert.deepEqual(heard(masked(CLOSE, closePayload(1000, Buffer.from(hex, 'hex')))), refused(1007));
    }
  });

  it('§5.5.1 nothing is read after a close', () => {
    const bytes = Buffer.concat([
      masked(CLOSE, closePayload(1000)),
      masked(TEXT, 'late'),
      Buffer.from('ffff', 'hex'),
    ]);
    assert.deepEqual(heard(bytes), { events: [{ type: 'end', code: 1000, reason: '' }], refused: undefined });
    const server = codec();
    hear(server, [bytes]);
    assert.deepEqual([server.rest().length, server.heldBytes, server.midMessage], [0, 0, false]);
  });

  it('§7.4 every code, allowed or 1002', () => {
    for (const code of [
      ...range(0, 1100),
      ...range(2990, 3010),
      ...range(3990, 4010),
      ...range(4990, 5010),
      65_535,
    ]) {
      const allowed =
        (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
      const { events, refused } = hear(codec(), [masked(CLOSE, closePayload(code))]);
      assert.deepEqual([events.length, refused], allowed ? [1, undefined] : [0, 1002], `code ${code}`);
    }
  });

  it('§5.5.1 writes a close that the other role reads', () => {
    for (const [code, reason, expected] of [
      [undefined, '', { type: 'end' }],
      [1001, 'restart', { type: 'end', code: 1001, reason: 'restart' }],
      [4000, '€'.repeat(60), { type: 'end', code: 4000, reason: '€'.repeat(41) }],
    ] as const) {
      for (const [from, to] of bothWays()) {
        const out = new ByteWriter(1);
        from.encodeClose(code, reason, out);
        assert.deepEqual(hear(to, [out.written()]).events, [expected]);
      }
    }
  });
});

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}
