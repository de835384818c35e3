import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { codec, cut, heard, MIB, refused, refusedAt } from './codecs.ts';
import { BINARY, fragments, hear, masked, PING, TEXT } from './frames.ts';

describe('WebSocketCodec — limits (RFC 6455 §7.4.1, §10.4)', () => {
  it('§10.4 exactly maxMessage passes, one more is refused at the end of the head: 1009', () => {
    for (const maxMessage of [0, 1, 125, 126, 1000, 65_536]) {
      for (const opcode of [TEXT, BINARY]) {
        const exact = masked(opcode, Buffer.alloc(maxMessage, 'x'));
        assert.equal(cut(exact, exact.length, { maxMessage }).events.length, 1);
        assert.equal(cut(exact, 1000, { maxMessage }).events.length, 1);
        const head = masked(opcode, '', { announced: maxMessage + 1 });
        assert.deepEqual(heard(head, { maxMessage }), refused(1009));
        assert.equal(refusedAt(head, { maxMessage }), head.length - 1);
      }
    }
  });

  it('§10.4 fragments are added up', () => {
    const exact = fragments(TEXT, ['x'.repeat(60), 'y'.repeat(40), '']);
    assert.equal(heard(Buffer.concat(exact), { maxMessage: 100 }).events.length, 1);
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = fragments(TEXT, [
      'x'.repeat(60),
      'y'.repeat(41),
    ]);
    const bytes = Buffer.concat([first, second]);
    assert.deepEqual(heard(bytes, { maxMessage: 100 }), refused(1009));
    assert.equal(refusedAt(bytes, { maxMessage: 100 }), first.length + 5);
  });

  it('§10.4 control frames between do not count', () => {
    const [first = Buffer.alloc(0), second = Buffer.alloc(0)] = fragments(TEXT, [
      'x'.repeat(60),
      'y'.repeat(40),
    ]);
    const bytes = Buffer.concat([first, masked(PING, Buffer.alloc(125)), second]);
    assert.equal(heard(bytes, { maxMessage: 100 }).events.length, 2);
  });

  it('§10.4 memory grows with what was received, not with what was announced', () => {
    const server = codec({ maxMessage: MIB });
    const bytes = masked(TEXT, Buffer.alloc(MIB, 'x'));
    const head = bytes.length - MIB;
    hear(server, [Buffer.from(bytes.subarray(0, head + 10))]);
    assert.ok(server.heldBytes <= 17 * 1024, `${server.heldBytes} held for 10 bytes`);
    assert.ok(server.midMessage);
    for (let at = head + 10; at < bytes.length; at += 5000) {
      const piece = Buffer.from(bytes.subarray(at, at + 5000));
      const { events } = hear(server, [piece]);
      const most = Math.max(17 * 1024, 2 * (at + piece.length));
      assert.ok(server.heldBytes <= most, `${server.heldBytes} held for ${at + piece.length}`);
      assert.equal(events.length, at + 5000 < bytes.length ? 0 : 1);
    }
    assert.deepEqual([server.heldBytes, server.midMessage], [0, false]);
  });

  it('§10.4 a peer that leaves every message half sent holds little of each chunk', () => {
    const server = codec();
    const chunk = Buffer.concat([masked(BINARY, Buffer.alloc(60_000)), masked(BINARY, 'x')]);
    hear(server, [Buffer.from(chunk.subarray(0, 3))]);
    for (let count = 0; count < 3; count++) {
      const shifted = Buffer.concat([chunk.subarray(3), chunk.subarray(0, 3)]);
      assert.equal(hear(server, [shifted]).events.length, 2);
      assert.ok(server.heldBytes <= 16, `${server.heldBytes} held for 3 bytes`);
    }
  });

  it('§7.4.1 accept: binary where text is wanted, and text where binary is: 1003 at the first byte', () => {
    for (const [accept, wanted, other] of [
      ['text', TEXT, BINARY],
      ['binary', BINARY, TEXT],
    ] as const) {
      const good = Buffer.concat([...fragments(wanted, ['wan', 'ted']), masked(wanted, 'wanted')]);
      assert.equal(heard(good, { accept }).events.length, 2);
      assert.deepEqual(heard(masked(other, 'x'.repeat(1000)), { accept }), refused(1003));
      assert.equal(refusedAt(masked(other, 'x'), { accept }), 0);
      assert.equal(refusedAt(masked(other, 'x', { final: false }), { accept }), 0);
    }
    assert.equal(heard(Buffer.concat([masked(TEXT), masked(BINARY)]), { accept: 'both' }).events.length, 2);
  });
});
