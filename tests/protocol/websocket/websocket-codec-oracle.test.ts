/** Our reading and writing against that of `ws`, and of one role against the other. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { pieces } from '../http/cuts.ts';
import { bothWays, codec, DEFLATE, encoded, MIB } from './codecs.ts';
import {
  BINARY,
  CLOSE,
  CONTINUATION,
  closePayload,
  type FrameParts,
  frame,
  hear,
  KEY,
  masked,
  message,
  PING,
  PONG,
  TEXT,
} from './frames.ts';
import { oracleDeflates, oracleHears } from './oracle.ts';

const MAX_MESSAGE = 200;

const ascii = fc.nat(130).map((length) => Buffer.alloc(length, 'some text '));
const bad = fc.constantFrom('ff', 'c3', '61c0af', 'eda080').map((hex) => Buffer.from(hex, 'hex'));
const closing = fc.oneof(
  fc.constantFrom(Buffer.alloc(0), Buffer.of(3), closePayload(1000, Buffer.of(0xff))),
  fc.integer({ min: 990, max: 1020 }).map((code) => closePayload(code, 'bye')),
  fc.integer({ min: 2990, max: 5010 }).map((code) => closePayload(code)),
);

/** Mostly legal frames. Text that is not UTF-8 comes whole, since `ws` looks at it only when it is. */
const frames: fc.Arbitrary<FrameParts> = fc.oneof(
  { weight: 9, arbitrary: parts(fc.constantFrom(TEXT, BINARY, CONTINUATION, CONTINUATION), ascii) },
  { weight: 3, arbitrary: parts(fc.constantFrom(PING, PONG), ascii).map((one) => ({ ...one, final: true })) },
  { weight: 1, arbitrary: closing.map((payload) => ({ opcode: CLOSE, payload })) },
  { weight: 1, arbitrary: bad.map((payload) => ({ opcode: TEXT, payload })) },
  { weight: 1, arbitrary: parts(fc.nat(15), fc.constant(Buffer.from('x')), fc.nat(7)) },
);

describe('WebSocketCodec, compared with ws', () => {
  for (const [role, key] of [
    ['server', KEY],
    ['client', undefined],
  ] as const) {
    it(`as ${role} hears the same of any frames, and refuses them with the same code`, async () => {
      const wrongKey = key ? undefined : KEY;
      const sequence = fc.array(fc.tuple(frames, fc.integer({ min: 0, max: 40 })), {
        minLength: 1,
        maxLength: 8,
      });
      await fc.assert(
        fc.asyncProperty(sequence, async (list) => {
          const bytes = Buffer.concat(
            list.map(([one, dice]) => frame({ ...one, key: dice === 0 ? wrongKey : key })),
          );
          const expected = await oracleHears(Buffer.from(bytes), { role, maxMessage: MAX_MESSAGE });
          const ours = codec({ role, maxMessage: MAX_MESSAGE });
          assert.deepEqual(hear(ours, [Buffer.from(bytes)]), expected);
        }),
        { numRuns: 300 },
      );
    });
  }

  it('ws reads what we write, in both roles, plain and compressed', async () => {
    const messages = [
      '',
      'tom',
      'é'.repeat(63),
      Buffer.alloc(70_000, 'b'),
      '😀'.repeat(5000),
      'x'.repeat(65_536),
    ];
    for (const deflate of [false, true]) {
      for (const [role, peer] of [
        ['server', 'client'],
        ['client', 'server'],
      ] as const) {
        const bytes = encoded(codec({ role, ...(deflate ? { deflate: DEFLATE } : {}) }), messages);
        const { events } = await oracleHears(bytes, { role: peer, maxMessage: MIB, deflate });
        assert.deepEqual(events, messages.map(message));
      }
    }
  });

  it('we read what ws has compressed', async () => {
    for (const content of [Buffer.alloc(0), Buffer.from('tom'), Buffer.alloc(70_000, 'compressed ')]) {
      const bytes = masked(BINARY, await oracleDeflates(content), { rsv: 4 });
      assert.deepEqual(hear(codec({ deflate: DEFLATE }), [bytes]).events, [message(content)]);
    }
  });
});

describe('WebSocketCodec, there and back', () => {
  const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 50 });
  const borders = fc.constantFrom(125, 126, 127, 4096, 4097, 65_535, 65_536);
  const size = fc.oneof(fc.nat(300), fc.nat(70_000), borders);
  const character = fc.constantFrom('a', 'é', '€', '😀', '\ud800', 'aé');
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 50 }),
    units.map((codes) => String.fromCharCode(...codes)),
    fc.tuple(character, size).map(([unit, length]) => unit.repeat(length / unit.length)),
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    size.map((length) => new Uint8Array(length).fill(0xa5)),
  );
  const messages = fc.array(fc.oneof(text, bytes), { maxLength: 6 });
  const chunk = fc.oneof(
    fc.integer({ min: 1, max: 100 }),
    fc.integer({ min: 1000, max: 70_000 }),
    fc.constant(MIB),
  );

  for (const deflate of [undefined, { ...DEFLATE, threshold: 64 }]) {
    it(`any messages arrive equal${deflate ? ', compressed' : ''}, lone surrogates as U+FFFD`, () => {
      fc.assert(
        fc.property(messages, chunk, (sent, chunkSize) => {
          const expected = sent.map((one) =>
            message(typeof one === 'string' ? `${Buffer.from(one)}` : Buffer.from(one)),
          );
          for (const [from, to] of bothWays(deflate ? { deflate } : {})) {
            const heard = hear(to, pieces(encoded(from, sent), chunkSize));
            assert.deepEqual(heard, { events: expected, refused: undefined });
            assert.deepEqual([to.heldBytes, to.midMessage], [0, false]);
          }
        }),
        { numRuns: 40 },
      );
    });
  }
});

function parts(
  opcode: fc.Arbitrary<number>,
  payload: fc.Arbitrary<Buffer>,
  rsv: fc.Arbitrary<number> = fc.constant(0),
): fc.Arbitrary<FrameParts> {
  return fc.record({ opcode, payload, rsv, final: fc.boolean() });
}
