import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { resolveLimits } from '../../../src/connection/limits.ts';
import { apacheSeconds, nginxSeconds, PING_SECONDS } from '../../../src/front/explain/seconds.ts';

describe('seconds', () => {
  it('reads nginx’s times', () => {
    const times = {
      '60': 60,
      '75s': 75,
      '500ms': 0.5,
      '1h30m': 5_400,
      '1d 2h': 93_600,
      '1M': 2_592_000,
      '0': 0,
    };
    for (const [text, seconds] of Object.entries(times)) assert.equal(nginxSeconds(text), seconds, text);
    for (const text of ['', 's', '1x', '$a', '-1', '1'.repeat(100)])
      assert.equal(nginxSeconds(text), undefined, text);
  });

  it('reads Apache’s times', () => {
    const times = { '60': 60, '500ms': 0.5, '5min': 300, '5mi': 300, '2m': 120, '1h': 3_600, '30S': 30 };
    for (const [text, seconds] of Object.entries(times)) assert.equal(apacheSeconds(text), seconds, text);
    for (const text of ['', '1d', '-1']) assert.equal(apacheSeconds(text), undefined, text);
  });

  it('knows the ping interval that the connections have', () => {
    assert.equal(PING_SECONDS * 1000, resolveLimits({}).pingMs);
  });
});
