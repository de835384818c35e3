import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { restartDelay, wasHealthy } from '../../src/master/restart-policy.ts';

describe('the restart policy', () => {
  it('holds five seconds for a healthy life', () => {
    assert.deepEqual([4_999, 5_000].map(wasHealthy), [false, true]);
  });

  it('starts another at once after a healthy life', () => {
    assert.equal(restartDelay(0), 0);
  });

  it('backs off from 100 ms to 10 s when children die young', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 9, 40].map(restartDelay);
    assert.deepEqual(waits, [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000]);
  });
});
