import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { judge } from '../../src/master/restart-policy.ts';

describe('judge', () => {
  it('lets a child go that was told to', () => {
    assert.deepEqual(judge({ expected: true, livedMs: 1, crashes: 9 }), { action: 'leave' });
  });

  it('restarts at once after a healthy life', () => {
    assert.deepEqual(judge({ expected: false, livedMs: 5_000, crashes: 0 }), {
      action: 'restart',
      afterMs: 0,
    });
  });

  it('backs off from 100 ms to 10 s when a child dies young', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8, 9, 40].map((crashes) =>
      judge({ expected: false, livedMs: 10, crashes }),
    );
    assert.deepEqual(
      waits.map((verdict) => verdict.action === 'restart' && verdict.afterMs),
      [100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000],
    );
  });
});
