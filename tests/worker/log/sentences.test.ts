import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Telemetry } from '../../../src/telemetry.ts';
import { SENTENCES } from '../../../src/worker/log/sentences.ts';

const failed = {
  remote: '203.0.113.7:5000',
  local: '0.0.0.0:443',
  reason: 'it does not accept the certificate',
};

function acme(state: Telemetry['usta:acme']['state']): string | undefined {
  const event = { state, domains: 'a.example', text: 'text', failures: 1, secondsLeft: 10 };
  return SENTENCES['usta:acme'](event).level;
}

describe('SENTENCES', () => {
  it('say who, what and why, and keep every field', () => {
    const { text, fields } = SENTENCES['usta:tls:failed']({ ...failed, cause: 'untrusted' });
    assert.equal(text, 'TLS with 203.0.113.7:5000 failed: it does not accept the certificate');
    assert.deepEqual(fields, { ...failed, cause: 'untrusted' });
    const refused = SENTENCES['usta:upgrade:refused']({
      remote: '1.2.3.4:5',
      status: 403,
      reason: 'foreign origin',
    });
    assert.equal(refused.text, '1.2.3.4:5 was refused with 403: foreign origin');
    const broken = SENTENCES['usta:connection:failed']({
      remote: '1.2.3.4:5',
      code: 1009,
      reason: 'too big',
    });
    assert.equal(broken.text, '1.2.3.4:5 was closed with 1009: too big');
  });

  it('give each event its level: who must act, and how soon', () => {
    assert.equal(SENTENCES['usta:tls:failed']({ ...failed, cause: 'hung-up' }).level, 'debug');
    assert.equal(SENTENCES['usta:tls:failed']({ ...failed, cause: 'name' }).level, 'warn');
    assert.equal(SENTENCES['usta:handler:failed']({ callback: 'onMessage', error: 1 }).level, 'error');
    assert.equal(SENTENCES['usta:certificate:kept']({ reason: 'x' }).level, 'error');
    assert.equal(SENTENCES['usta:certificate:renewed']({ daysLeft: 90 }).level, undefined);
    assert.deepEqual((['issued', 'waiting', 'failed', 'alarm', 'unusable'] as const).map(acme), [
      'info',
      'info',
      'warn',
      'error',
      'error',
    ]);
  });
});
