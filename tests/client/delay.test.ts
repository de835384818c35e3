import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CloseManner, isPassing } from '../../src/client/close-cause.ts';
import { delayAfter } from '../../src/client/delay.ts';
import { FakeWorld, stage } from './stage.ts';

const rule = { minDelay: 1, maxDelay: 30, spread: 5 };
const almostOne = 1 - Number.EPSILON;

function bound(failures: number, code: number = 1006): number {
  const how: CloseManner = code === 1006 ? 'broken' : 'frame';
  return delayAfter({ how, code, reason: '', wasOpen: true, failures }, rule, almostOne);
}

describe('the delay before the next attempt', () => {
  it('is below a bound that doubles with each failure, up to maxDelay', () => {
    assert.deepEqual(
      [0, 1, 2, 3, 4, 5, 6, 7, 5000].map((failures) => Math.round(bound(failures))),
      [1, 1, 2, 4, 8, 16, 30, 30, 30],
    );
  });

  it('is full jitter: anything from 0 on', () => {
    assert.equal(
      delayAfter({ how: 'broken', code: 1006, reason: '', wasOpen: true, failures: 9 }, rule, 0),
      0,
    );
  });

  it('is spread after a close frame with 1001, 1012 or 1013, and never less than the failures ask for', () => {
    for (const code of [1001, 1012, 1013]) assert.equal(Math.round(bound(0, code)), 5, String(code));
    assert.equal(Math.round(bound(0, 1011)), 1);
    assert.equal(Math.round(bound(5, 1012)), 16);
  });

  it('is spread evenly when 1,000 clients are told 1012 at once', async () => {
    const world = new FakeWorld();
    const random = dice(20_260_101);
    world.random = random;
    const clients = await Promise.all(Array.from({ length: 1_000 }, () => stage({}, world)));
    for (const { socket } of clients) socket.opens();
    await world.pass(60);
    for (const { socket } of clients) socket.ends(1012);

    const tenths = new Array<number>(10).fill(0);
    for (const { cause } of clients) {
      const tenth = Math.floor((cause.retryIn ?? Number.NaN) * 2);
      tenths[tenth] = (tenths[tenth] ?? 0) + 1;
    }
    assert.equal(tenths.length, 10);
    for (const count of tenths) assert.ok(count > 65 && count < 135, `uneven: ${tenths}`);

    await world.pass(2.5);
    const early = clients.filter(({ sockets }) => sockets.length === 2).length;
    assert.ok(early > 430 && early < 570, `${early} in the first half`);
    await world.pass(2.5);
    assert.ok(clients.every(({ sockets }) => sockets.length === 2));
  });
});

describe('isPassing', () => {
  it('takes every code for the last word but those of something passing', () => {
    const passing = [];
    for (let code = 1000; code < 5000; code++) {
      if (isPassing({ how: 'frame', code, reason: '' })) passing.push(code);
    }
    assert.deepEqual(passing, [1001, 1005, 1006, 1011, 1012, 1013, 1014, 1015]);
  });
});

/** Numbers that look random and are the same each time. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
