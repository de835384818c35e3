import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resolveLimits } from '../../src/connection/limits.ts';

const MIB = 1_048_576;

describe('resolveLimits', () => {
  it('bounds everything by default', () => {
    assert.deepEqual(resolveLimits({}), {
      maxMessage: MIB,
      maxBody: 10 * MIB,
      softQueue: MIB,
      hardQueue: 8 * MIB,
      overflow: 'close',
      readPauseQueue: 65_536,
      stallMs: 10_000,
      handshakeMs: 10_000,
      upgradeMs: 10_000,
      minBodyRate: 240,
      answerMs: Number.POSITIVE_INFINITY,
      keepAliveMs: 60_000,
      pingMs: 25_000,
      idleMs: 60_000,
      closeMs: 5_000,
      drainMs: 30_000,
      turnMessages: 1_000,
      turnBytes: 262_144,
      messagesPerSecond: Number.POSITIVE_INFINITY,
      connectionsPerIp: Number.POSITIVE_INFINITY,
    });
  });

  it('takes seconds and keeps milliseconds', () => {
    const limits = resolveLimits({
      stallTimeout: 1,
      handshakeTimeout: 2,
      upgradeTimeout: 3,
      keepAliveTimeout: 4,
      pingInterval: 0,
      idleTimeout: 0.5,
      closeTimeout: 6,
      drainTimeout: 7,
    });
    const { stallMs, handshakeMs, upgradeMs, keepAliveMs, pingMs, idleMs, closeMs, drainMs } = limits;
    const all = [stallMs, handshakeMs, upgradeMs, keepAliveMs, pingMs, idleMs, closeMs, drainMs];
    assert.deepEqual(all, [1000, 2000, 3000, 4000, 0, 500, 6000, 7000]);
  });

  it('maxPackageSize is the limit of messages and of bodies', () => {
    const { maxMessage, maxBody } = resolveLimits({ maxPackageSize: 100 });
    assert.deepEqual([maxMessage, maxBody], [100, 100]);
  });

  it('the hard limit of the send queue is never below the soft one', () => {
    assert.equal(resolveLimits({ maxSendBufferSize: 20 * MIB }).hardQueue, 20 * MIB);
    assert.equal(resolveLimits({ maxSendBufferSize: 100 }).hardQueue, 8 * MIB);
    assert.equal(resolveLimits({ maxQueued: 2 * MIB }).hardQueue, 2 * MIB);
    const { softQueue, hardQueue } = resolveLimits({ maxQueued: 100 });
    assert.deepEqual([softQueue, hardQueue], [100, 100]);
  });
});
