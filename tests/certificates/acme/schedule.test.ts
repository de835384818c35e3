import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  alarmReason,
  pollDelay,
  retryDelay,
  span,
  whenToRenew,
} from '../../../src/certificates/acme/schedule.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** 90 days from day 0. */
const LIFE = { notBefore: 0, notAfter: 90 * DAY };

describe('whenToRenew', () => {
  it('is when a third of the life is left, or a little later', () => {
    assert.equal(whenToRenew({ ...LIFE, now: 0, random: 0 }), 60 * DAY);
    assert.equal(whenToRenew({ ...LIFE, now: 0, random: 1 }), 61.5 * DAY);
    assert.equal(whenToRenew({ notBefore: 0, notAfter: 6 * DAY, now: 0, random: 0 }), 4 * DAY);
  });

  it('is at once when that has passed', () => {
    assert.equal(whenToRenew({ ...LIFE, now: 80 * DAY, random: 0.5 }), 80 * DAY);
    assert.equal(whenToRenew({ ...LIFE, now: 400 * DAY, random: 0.5 }), 400 * DAY);
  });

  it('RFC 9773 §4.2 is a random moment of the suggested window', () => {
    const suggestedWindow = { start: 20 * DAY, end: 24 * DAY };
    assert.equal(whenToRenew({ ...LIFE, suggestedWindow, now: 0, random: 0 }), 20 * DAY);
    assert.equal(whenToRenew({ ...LIFE, suggestedWindow, now: 0, random: 0.25 }), 21 * DAY);
    assert.equal(whenToRenew({ ...LIFE, suggestedWindow, now: 22 * DAY, random: 0.25 }), 22 * DAY, 'at once');
  });

  it('is never now or later than a tenth before the end, whatever is suggested', () => {
    const time = fc.integer({ min: -1e15, max: 1e15 });
    const property = fc.property(
      time,
      time,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (start, length, random) => {
        const suggestedWindow = { start, end: start + Math.abs(length) + 1 };
        const at = whenToRenew({ ...LIFE, suggestedWindow, now: 5 * DAY, random });
        assert.ok(at >= 5 * DAY && at <= 81 * DAY, `${at}`);
      },
    );
    fc.assert(property);
  });
});

describe('retryDelay', () => {
  const wait = (failures: number, more: object = {}): number =>
    retryDelay({ failures, passing: false, retryAfterMs: undefined, random: 0.5, ...more });

  it('doubles from ten minutes to six hours for what a person has to mend', () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 1000].map((failures) => Math.round(wait(failures) / MINUTE));
    assert.deepEqual(waits, [10, 20, 40, 80, 160, 320, 360, 360]);
  });

  it('starts at half a minute for what passes by itself', () => {
    assert.equal(wait(1, { passing: true }), 30_000);
    assert.equal(wait(1000, { passing: true }), 6 * HOUR);
  });

  it('is spread by a fifth to either side', () => {
    assert.equal(Math.round(wait(1, { random: 0 })), 8 * MINUTE);
    assert.equal(Math.round(wait(1, { random: 1 })), 12 * MINUTE);
  });

  it('RFC 8555 §6.6 is never shorter than the authority asked for', () => {
    for (const random of [0, 0.5, 1]) assert.ok(wait(1, { retryAfterMs: 50 * HOUR, random }) >= 50 * HOUR);
    assert.equal(wait(3, { retryAfterMs: 1000 }), 40 * MINUTE);
  });
});

describe('pollDelay — RFC 9773 §4.3.2', () => {
  it('is what the authority says between a minute and a day, else six hours', () => {
    const delays = [undefined, 0, 2 * HOUR, 1e15].map(pollDelay);
    assert.deepEqual(delays, [6 * HOUR, MINUTE, 2 * HOUR, DAY]);
  });
});

describe('alarmReason', () => {
  const reason = (
    now: number,
    failures: number = 0,
    alarmDays?: number,
    life: object | undefined = LIFE,
  ): string | undefined => alarmReason({ failures, now, life: life as typeof LIFE | undefined, alarmDays });

  it('is silent while there is time', () => {
    assert.equal(reason(75.9 * DAY, 4), undefined);
  });

  it('counts from a sixth of the life, at most 14 days, or from where the person wants', () => {
    assert.equal(reason(76.5 * DAY), 'the certificate ends on 1970-04-01, in 13 days');
    assert.match(
      alarmReason({
        failures: 0,
        now: 5.1 * DAY,
        life: { notBefore: 0, notAfter: 6 * DAY },
        alarmDays: undefined,
      }) ?? '',
      /in 21 hours/,
    );
    assert.equal(reason(5 * DAY, 0, undefined, { notBefore: 0, notAfter: 6 * DAY + 1 }), undefined);
    assert.match(reason(65.5 * DAY, 0, 25) ?? '', /in 24 days/);
  });

  it('tells when it has ended, and of failures in a row: sooner when nothing can be served', () => {
    assert.equal(reason(91 * DAY), 'the certificate ended on 1970-04-01');
    assert.equal(reason(0, 5), '5 tries in a row failed');
    const none = { now: 0, life: undefined, alarmDays: undefined };
    assert.equal(alarmReason({ ...none, failures: 1 }), undefined);
    assert.equal(alarmReason({ ...none, failures: 2 }), '2 tries in a row failed');
  });
});

describe('span', () => {
  it('is said as people say it', () => {
    const said = [0, 1500, 30_000, 90_000, 11 * MINUTE, HOUR, 25 * HOUR, 3 * DAY].map(span);
    assert.deepEqual(said, [
      'a moment',
      'a moment',
      '30 seconds',
      '1 minute',
      '11 minutes',
      '1 hour',
      '1 day',
      '3 days',
    ]);
  });
});
