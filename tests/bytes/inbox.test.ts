import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Inbox } from '../../src/bytes/inbox.ts';
import { sourceOf } from '../../src/bytes/source.ts';

describe('Inbox', () => {
  it('is empty at first', () => {
    const inbox = new Inbox();
    assert.deepEqual([inbox.length, inbox.held, inbox.take().length], [0, 0, 0]);
    inbox.retain();
    assert.equal(inbox.held, 0);
  });

  it('reads what is lent where it lies', () => {
    const inbox = new Inbox();
    const lent = Buffer.from('..abc..');
    inbox.push(sourceOf(lent), 2, 5);
    assert.deepEqual([unread(inbox), inbox.held], ['abc', 0]);
    inbox.view.setUint8(inbox.position, 0x41);
    assert.equal(lent.toString(), '..Abc..');
  });

  it('retain() copies what is left, and only that', () => {
    const inbox = lending('0123456789', 7);
    inbox.retain();
    assert.deepEqual([unread(inbox), inbox.held], ['789', 3]);
  });

  it('retain() with nothing left holds nothing, not even the lender', () => {
    const inbox = new Inbox();
    const idle = inbox.bytes;
    inbox.push(sourceOf(Buffer.from('abc')), 0, 3);
    inbox.position = inbox.end;
    inbox.retain();
    assert.equal(inbox.held, 0);
    assert.equal(inbox.bytes, idle);
  });

  it('a loan that has ended may be scribbled over', () => {
    const inbox = new Inbox();
    const lent = Buffer.from('abc');
    inbox.push(sourceOf(lent), 0, 3);
    inbox.retain();
    lent.fill(0xee);
    assert.equal(unread(inbox), 'abc');
  });

  it('a second loan is added to what is unread of the first', () => {
    const first = Buffer.from('abc');
    const inbox = new Inbox();
    inbox.push(sourceOf(first), 1, 3);
    inbox.push(sourceOf(Buffer.from('.def')), 1, 4);
    first.fill(0xee);
    assert.equal(unread(inbox), 'bcdef');
  });

  it('a second loan after everything was read takes the place of the first', () => {
    const inbox = lending('abc', 3);
    inbox.push(sourceOf(Buffer.from('def')), 0, 3);
    assert.deepEqual([unread(inbox), inbox.held], ['def', 0]);
  });

  it('take() gives bytes of its own and leaves nothing', () => {
    const lent = Buffer.from('abcdef');
    const inbox = new Inbox();
    inbox.push(sourceOf(lent), 0, 6);
    inbox.position = 2;
    const taken = inbox.take();
    lent.fill(0xee);
    assert.deepEqual([taken.toString(), inbox.length, inbox.held], ['cdef', 0, 0]);
  });

  it('a slow sender of 1 MiB moves it some twenty times, not a million times', () => {
    const inbox = new Inbox();
    const byte = sourceOf(Buffer.from('x'));
    let moves = 0;
    for (let count = 0; count < 1_048_576; count++) {
      const before = inbox.bytes;
      inbox.push(byte, 0, 1);
      inbox.retain();
      if (inbox.bytes !== before) moves++;
    }
    assert.equal(inbox.length, 1_048_576);
    assert.ok(moves <= 30, `${moves} moves`);
    assert.ok(inbox.held <= 2 * 1_048_576, `${inbox.held} bytes held`);
  });

  it('a large chunk behind a small rest takes no more memory than both', () => {
    const inbox = lending('ab', 1);
    inbox.retain();
    inbox.push(sourceOf(Buffer.alloc(65_536)), 0, 65_536);
    assert.equal(inbox.held, 65_537);
  });

  it('what has been read does not stay for the sake of a few bytes behind it', () => {
    const inbox = lending('ab', 1);
    inbox.retain();
    inbox.push(sourceOf(Buffer.alloc(65_536, 'c')), 0, 65_536);
    inbox.position = inbox.end - 3;
    inbox.retain();
    assert.deepEqual([unread(inbox), inbox.held], ['ccc', 3]);
  });

  it('gives every byte once and in order, whatever is pushed, read, retained and taken', () => {
    const step = fc.record({
      push: fc.uint8Array({ maxLength: 300 }),
      read: fc.nat(400),
      retain: fc.boolean(),
      take: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
    });
    fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => behavesLikeAQueue(steps)));
  });
});

interface Step {
  readonly push: Uint8Array;
  readonly read: number;
  readonly retain: boolean;
  readonly take: boolean;
}

function behavesLikeAQueue(steps: readonly Step[]): void {
  const inbox = new Inbox();
  let expected = Buffer.alloc(0);
  for (const { push, read, retain, take } of steps) {
    const lent = Buffer.concat([Buffer.from('<'), push, Buffer.from('>')]);
    inbox.push(sourceOf(lent), 1, 1 + push.length);
    expected = Buffer.concat([expected, push]);

    const count = Math.min(read, inbox.length);
    inbox.position += count;
    expected = expected.subarray(count);

    inbox.retain();
    if (retain) inbox.retain();
    lent.fill(0xee);
    assert.equal(unread(inbox), expected.toString('latin1'));
    for (let at = 0; at < inbox.length; at++) {
      assert.equal(inbox.view.getUint8(inbox.position + at), expected[at], 'view and bytes agree');
    }
    assert.ok(inbox.held <= inbox.length * 4, `${inbox.held} held for ${inbox.length}`);
    if (take) {
      assert.deepEqual(inbox.take(), Buffer.from(expected));
      expected = Buffer.alloc(0);
    }
  }
}

/** An inbox to which `text` was lent and that has read `read` bytes of it. */
function lending(text: string, read: number): Inbox {
  const inbox = new Inbox();
  const bytes = Buffer.from(text);
  inbox.push(sourceOf(bytes), 0, bytes.length);
  inbox.position += read;
  return inbox;
}

function unread(inbox: Inbox): string {
  return inbox.bytes.toString('latin1', inbox.position, inbox.end);
}
