import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Inbox } from '../../../src/bytes/inbox.ts';
import { sourceOf } from '../../../src/bytes/source.ts';
import { BodyBuffer } from '../../../src/protocol/http/body-buffer.ts';

describe('BodyBuffer', () => {
  it('takes no more than asked, and keeps what it took', () => {
    const buffer = new BodyBuffer(100);
    const lent = Buffer.from('hello world');
    const inbox = new Inbox();
    inbox.push(sourceOf(lent), 0, lent.length);
    assert.equal(buffer.takeFrom(inbox, 5), 5);
    assert.equal(inbox.length, 6);
    assert.equal(buffer.takeFrom(inbox, 100), 6);
    lent.fill(0);
    assert.equal(buffer.written().toString(), 'hello world');
    assert.equal(buffer.length, 11);
  });

  it('moves its bytes a logarithmic number of times, and never passes its ceiling', () => {
    const buffer = new BodyBuffer(100_000);
    const inbox = new Inbox();
    const sizes = new Set<number>();
    for (let index = 0; index < 100_000; index++) {
      inbox.push(sourceOf(Buffer.of(index & 0xff)), 0, 1);
      buffer.takeFrom(inbox, 1);
      sizes.add(buffer.held);
    }
    assert.ok(sizes.size <= 20, `${sizes.size} sizes`);
    assert.equal(buffer.held, 100_000);
    assert.ok(buffer.written().every((byte, index) => byte === (index & 0xff)));
  });
});
