import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { resolveLimits } from '../../src/connection/limits.ts';
import { duration, seconds, timeoutsFor } from '../../src/front/timeouts.ts';

describe('timeoutsFor', () => {
  it('follows from the defaults of the heartbeat: ping 25 s, dead after 60 s', () => {
    assert.deepEqual(timeoutsFor(resolveLimits({})), {
      pingMs: 25_000,
      silenceMs: 85_000,
      connectMs: 5_000,
      headMs: 10_000,
      keepAliveMs: 60_000,
      upstreamKeepAliveMs: 55_000,
    });
  });

  it('never lets the proxy cut before the worker does, and never keeps a connection that the worker closes', () => {
    const span = fc.integer({ min: 1, max: 10_000 });
    fc.assert(
      fc.property(span, span, span, (pingInterval, idleTimeout, keepAliveTimeout) => {
        const limits = resolveLimits({ pingInterval, idleTimeout, keepAliveTimeout });
        const timeouts = timeoutsFor(limits);
        assert.ok(timeouts.silenceMs > limits.idleMs);
        assert.ok(timeouts.silenceMs > limits.pingMs);
        assert.ok(timeouts.upstreamKeepAliveMs < limits.keepAliveMs && timeouts.upstreamKeepAliveMs > 0);
      }),
    );
  });
});

describe('how configurations write it', () => {
  it('is seconds where they are exact, else milliseconds', () => {
    assert.deepEqual([85_000, 4_250, 0.5].map(duration), ['85s', '4250ms', '1ms']);
  });

  it('is rounded up where there are only seconds', () => {
    assert.deepEqual([85_000, 4_250].map(seconds), [85, 5]);
  });
});
