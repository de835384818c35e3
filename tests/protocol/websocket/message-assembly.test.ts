import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sumOf } from '../../../src/bytes/mask.ts';
import { sourceOf } from '../../../src/bytes/source.ts';
import { type AssemblyOptions, MessageAssembly } from '../../../src/protocol/websocket/message-assembly.ts';
import { deflate } from '../../../src/protocol/websocket/permessage-deflate.ts';

const MAX = 1024 * 1024;
/** The largest block that a message is collected in. */
const BLOCK = 66_560;
const TEXT: AssemblyOptions = { text: true, compressed: false, maxMessage: MAX };
const BINARY: AssemblyOptions = { ...TEXT, text: false };
const DEFLATED_TEXT: AssemblyOptions = { ...TEXT, compressed: true };
const DEFLATED: AssemblyOptions = { ...BINARY, compressed: true };

describe('MessageAssembly — RFC 6455 §5.4', () => {
  it('§5.4 joins fragments', () => {
    assert.deepEqual(joined(BINARY, ['one, ', '', 'two']), Buffer.from('one, two'));
    assert.equal(joined(TEXT, ['one, ', '', 'two']), 'one, two');
  });

  it('§5.4 an empty message has no memory', () => {
    const assembly = new MessageAssembly(TEXT);
    assembly.expect(0);
    assert.equal(assembly.held, 0);
    assert.equal(assembly.finish(), '');
  });

  it('§5.4 takes the memory of a short frame at once', () => {
    const assembly = new MessageAssembly(BINARY);
    assembly.expect(1000);
    const sizes = new Set<number>();
    for (let count = 0; count < 1000; count++) {
      add(assembly, 'x');
      sizes.add(assembly.held);
    }
    assert.deepEqual([...sizes], [1000]);
  });

  it('§5.4 takes memory for what was received, not for what was announced', () => {
    const assembly = new MessageAssembly(BINARY);
    assembly.expect(MAX);
    add(assembly, 'ten bytes.');
    assert.ok(assembly.held <= 17 * 1024, `${assembly.held} bytes held`);
    for (let received = 10; received < MAX; received += 1000) {
      add(assembly, 'x'.repeat(Math.min(1000, MAX - received)));
      const most = Math.max(17 * 1024, 2 * assembly.length);
      assert.ok(assembly.held <= most, `${assembly.held} held for ${assembly.length}`);
    }
    assert.equal(assembly.length, MAX);
    assert.ok(assembly.held <= MAX + BLOCK, `${assembly.held} held at the end`);
  });

  it('§5.4 grows some twenty times for 100,000 fragments, not 100,000 times, and beyond the limit by a block at most', () => {
    const assembly = new MessageAssembly({ ...BINARY, maxMessage: 100_000 });
    const sizes = new Set<number>();
    for (let count = 0; count < 100_000; count++) {
      assembly.expect(1);
      add(assembly, 'x');
      sizes.add(assembly.held);
    }
    assert.ok(sizes.size <= 20, `${sizes.size} sizes`);
    assert.ok(Math.max(...sizes) <= 100_000 + BLOCK);
  });

  it('§8.1 refuses text at the first bad byte', () => {
    const assembly = new MessageAssembly(TEXT);
    assembly.expect(100);
    add(assembly, 'naïve');
    add(assembly, Buffer.from('e2', 'hex'));
    add(assembly, Buffer.from('82', 'hex'));
    assert.throws(() => add(assembly, Buffer.from('28', 'hex')), { closeCode: 1007 });
  });

  it('§8.1 refuses text that ends within a character', () => {
    const assembly = new MessageAssembly(TEXT);
    assembly.expect(2);
    add(assembly, Buffer.from('e282', 'hex'));
    assert.throws(() => assembly.finish(), { closeCode: 1007 });
  });

  it('§8.1 a character cut by ASCII is refused', () => {
    const assembly = new MessageAssembly(TEXT);
    assembly.expect(2);
    add(assembly, Buffer.from('c3', 'hex'));
    assert.throws(() => add(assembly, 'a'), { closeCode: 1007 });
  });

  it('§8.1 reads text as UTF-8 when any of its pieces was not ASCII', () => {
    assert.equal(joined(TEXT, [Buffer.from('61c3', 'hex'), Buffer.from('a962', 'hex'), 'c']), 'aébc');
    assert.equal(joined(TEXT, ['é', 'plain']), 'éplain');
  });

  it('§5.6 lets binary be anything', () => {
    assert.deepEqual(joined(BINARY, [Buffer.from('fffe', 'hex')]), Buffer.from('fffe', 'hex'));
  });

  it('RFC 7692 §7.2.2 expands when the message is whole', () => {
    const text = 'compressed, compressed, and compressed: é'.repeat(100);
    const bytes = squeeze(text);
    assert.equal(joined(DEFLATED_TEXT, [bytes]), text);
    assert.equal(joined(DEFLATED_TEXT, [bytes.subarray(0, 7), '', bytes.subarray(7)]), text);
    assert.deepEqual(joined(DEFLATED, [bytes]), Buffer.from(text));
  });

  it('RFC 7692 §7.2.2 knows that it is compressed', () => {
    assert.equal(new MessageAssembly(DEFLATED).compressed, true);
    assert.equal(new MessageAssembly(BINARY).compressed, false);
  });

  it('RFC 7692 §7.2.2 refuses text that is not UTF-8 once expanded', () => {
    assert.throws(() => joined(DEFLATED_TEXT, [squeeze(Buffer.from('61ff', 'hex'))]), { closeCode: 1007 });
  });

  it('RFC 7692 §8 refuses what expands beyond the limit', () => {
    const bytes = squeeze('x'.repeat(1001));
    assert.throws(() => joined({ ...DEFLATED, maxMessage: 1000 }, [bytes]), { closeCode: 1009 });
    assert.equal(joined({ ...DEFLATED_TEXT, maxMessage: 1001 }, [bytes]), 'x'.repeat(1001));
  });

  it('RFC 7692 §8 refuses what expands beyond the ratio', () => {
    const text = 'x'.repeat(1000);
    const bytes = squeeze(text);
    const exact = Math.ceil(1000 / bytes.length);
    assert.equal(joined({ ...DEFLATED_TEXT, maxInflateRatio: exact }, [bytes]), text);
    assert.throws(() => joined({ ...DEFLATED, maxInflateRatio: exact / 2 }, [bytes]), { closeCode: 1009 });
  });
});

function joined(options: AssemblyOptions, payloads: readonly (Buffer | string)[]): string | Buffer {
  const assembly = new MessageAssembly(options);
  for (const payload of payloads) {
    assembly.expect(Buffer.byteLength(payload));
    add(assembly, payload);
  }
  return assembly.finish();
}

/** Lends the bytes in the middle of others, and spoils them. */
function add(assembly: MessageAssembly, payload: Buffer | string): void {
  const { bytes, view } = sourceOf(
    Buffer.concat([
      Buffer.from('<'),
      typeof payload === 'string' ? Buffer.from(payload) : payload,
      Buffer.from('>'),
    ]),
  );
  const end = bytes.length - 1;
  assembly.append(bytes, 1, end, sumOf(view, 1, end - 1));
  bytes.fill(0xee);
}

function squeeze(content: string | Buffer): Buffer {
  return deflate(typeof content === 'string' ? Buffer.from(content) : content, {
    threshold: 0,
    level: 9,
    windowBits: 15,
  });
}
