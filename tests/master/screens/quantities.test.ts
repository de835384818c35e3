import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  counted,
  formatBytes,
  formatLag,
  formatRate,
  formatUptime,
} from '../../../src/master/screens/quantities.ts';

describe('quantities', () => {
  it('sizes: B, KB, MB, GB, TB, with one decimal below a hundred', () => {
    const sizes: [number, string][] = [
      [0, '0B'],
      [226, '226B'],
      [1023, '1023B'],
      [1024, '1KB'],
      [1229, '1.2KB'],
      [102_400, '100KB'],
      [1_048_575, '1MB'],
      [13_107_200, '12.5MB'],
      [5e9, '4.7GB'],
      [3e15, '2728TB'],
    ];
    for (const [bytes, text] of sizes) assert.equal(formatBytes(bytes), text);
  });

  it('lags: milliseconds, and seconds from one on', () => {
    assert.equal(formatLag(0), '0ms');
    assert.equal(formatLag(0.00042), '0.4ms');
    assert.equal(formatLag(0.0123), '12ms');
    assert.equal(formatLag(0.9994), '999ms');
    assert.equal(formatLag(0.9999), '1s');
    assert.equal(formatLag(1.26), '1.3s');
  });

  it('uptimes: the two largest units', () => {
    assert.equal(formatUptime(0.4), '0 minutes 0 seconds');
    assert.equal(formatUptime(187.9), '3 minutes 7 seconds');
    assert.equal(formatUptime(3600 + 60), '1 hour 1 minute');
    assert.equal(formatUptime(2 * 86_400 + 4 * 3600 + 59), '2 days 4 hours');
  });

  it('rates: whole from ten on', () => {
    assert.equal(formatRate(0), '0');
    assert.equal(formatRate(0.44), '0.4');
    assert.equal(formatRate(1234.5), '1235');
  });

  it('counts: one, or more', () => {
    assert.equal(counted(1, 'worker'), '1 worker');
    assert.equal(counted(0, 'process', 'processes'), '0 processes');
  });
});
