import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { nextTick } from 'node:process';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { atEndOfTurn, currentTurn } from '../../src/transport/turn.ts';

describe('turn', { timeout: 5_000 }, () => {
  it('flushes after everything that this turn still does, in the order of asking', async () => {
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      atEndOfTurn({ flush: () => order.push('first') });
      atEndOfTurn({
        flush: () => {
          order.push('second');
          resolve();
        },
      });
      nextTick(() => order.push('tick'));
      queueMicrotask(() => order.push('microtask'));
      order.push('work');
    });
    assert.deepEqual(order.slice(-2), ['first', 'second']);
    assert.deepEqual(order.slice(0, 3).sort(), ['microtask', 'tick', 'work']);
  });

  it('flushes in the next turn what is asked for while flushing', async () => {
    const flushed: number[] = [];
    const turn = currentTurn();
    await new Promise<void>((resolve) => {
      atEndOfTurn({
        flush() {
          flushed.push(currentTurn());
          atEndOfTurn({
            flush() {
              flushed.push(currentTurn());
              resolve();
            },
          });
          assert.equal(flushed.length, 1);
        },
      });
    });
    assert.deepEqual(flushed, [turn + 1, turn + 2]);
  });

  it('tells turns apart also for those who only look', async () => {
    const before = currentTurn();
    assert.equal(currentTurn(), before);
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    const after = currentTurn();
    assert.ok(after > before);
    assert.equal(currentTurn(), after);
  });

  it('one that throws does not keep the others from theirs', async () => {
    const script = fileURLToPath(new URL('./fixtures/throwing-turn.js', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script]);
    assert.equal(stdout, 'before, caught: on purpose, after, last\n');
  });
});
