import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { RateLimit } from '../../../src/worker/log/rate-limit.ts';

describe('RateLimit', () => {
  beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
  afterEach(() => mock.timers.reset());

  it('lets so many pass in a second, and tells the rest when it is over', () => {
    const told: number[] = [];
    const limit = new RateLimit(3, (surplus) => told.push(surplus));
    assert.deepEqual(
      [1, 2, 3, 4, 5].map(() => limit.admits()),
      [true, true, true, false, false],
    );
    mock.timers.tick(999);
    assert.deepEqual(told, []);
    mock.timers.tick(1);
    assert.deepEqual(told, [2]);
    assert.equal(limit.admits(), true);
  });

  it('tells nothing where none was held back', () => {
    const told: number[] = [];
    const limit = new RateLimit(3, (surplus) => told.push(surplus));
    limit.admits();
    mock.timers.tick(5000);
    assert.deepEqual(told, []);
  });
});
