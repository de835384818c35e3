/** Timers keep their phase, take any interval, and concern nobody else; jobs follow the calendar. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { setTimeout as real } from 'node:timers/promises';
import { subscribe, Timer } from 'usta';
import { goOffDuty, goOnDuty, standBy } from '../src/cron/duty.ts';
import { after, type Clock, every, httpDate, now, timerCount, useClock } from '../src/timer.ts';

const ends: (() => unknown)[] = [];
afterEach(() => {
  Timer.delAll();
  for (const end of ends.splice(0).reverse()) end();
});

/** Time that passes when it is told to. Whatever is scheduled comes so many milliseconds late. */
class SetClock implements Clock {
  late = 0;
  #time = 0;
  #dayShift: number;
  readonly #plans = new Set<{ readonly at: number; readonly callback: () => void }>();

  /** @param date when it begins. */
  constructor(date = '2026-11-22T12:00:00Z') {
    this.#dayShift = Date.parse(date);
    ends.push(useClock(this));
  }

  now = (): number => this.#time;

  date = (): number => this.#dayShift + this.#time;

  schedule(milliseconds: number, callback: () => void): () => void {
    const plan = { at: this.#time + Math.max(0, milliseconds) + this.late, callback };
    this.#plans.add(plan);
    return () => this.#plans.delete(plan);
  }

  get plans(): number {
    return this.#plans.size;
  }

  /** Somebody sets the time of day. */
  setDate(date: string): void {
    this.#dayShift = Date.parse(date) - this.#time;
  }

  /** The process is busy: nothing is called meanwhile. */
  block(milliseconds: number): void {
    this.#time += milliseconds;
  }

  pass(milliseconds: number): void {
    const end = this.#time + milliseconds;
    for (;;) {
      const [next] = [...this.#plans].sort((one, other) => one.at - other.at);
      if (next === undefined || next.at > end) break;
      this.#plans.delete(next);
      this.#time = Math.max(this.#time, next.at);
      next.callback();
    }
    this.#time = Math.max(this.#time, end);
  }
}

const DAY = 86_400_000;

describe('Timer.add', () => {
  it('keeps its phase: what comes late does not delay what is behind it', () => {
    const clock = new SetClock();
    clock.late = 3;
    const at: number[] = [];
    Timer.add(0.01, () => at.push(now()));
    clock.pass(10_005);
    assert.equal(at.length, 1_000);
    assert.equal(at.at(-1), 10_003);
  });

  it('leaves out what was missed, instead of making up for it', () => {
    const clock = new SetClock();
    const at: number[] = [];
    Timer.repeat(1, (text: string) => at.push(text.length * now()), ['x']);
    clock.pass(1_000);
    clock.block(3_500);
    clock.pass(2_000);
    assert.deepEqual(at, [1_000, 4_500, 5_000, 6_000]);
  });

  it('keeps its phase on real time too', async () => {
    const began = performance.now();
    const at: number[] = [];
    const id = Timer.add(0.02, () => at.push(performance.now() - began));
    await real(130);
    const until = performance.now() + 50;
    while (performance.now() < until);
    await real(130);
    Timer.del(id);
    assert.ok(at.length >= 5 && at.length <= 16, `${at.length} calls`);
    const last = at.at(-1) ?? 0;
    assert.ok(last - Math.floor(last / 20) * 20 < 20 && last > 200, `the last at ${last} ms`);
  });

  it('waits longer than 24.8 days', async () => {
    const clock = new SetClock();
    const heard: string[] = [];
    Timer.delay(60 * 86_400, (text: string) => heard.push(text), ['after 60 days']);
    clock.pass(60 * DAY - 1);
    assert.deepEqual(heard, []);
    clock.pass(1);
    assert.deepEqual(heard, ['after 60 days']);
    ends.pop()?.();
    let early = false;
    const ids = [2 ** 31, 2 ** 33].map((ms) =>
      Timer.add(ms / 1000, () => {
        early = true;
      }),
    );
    await real(20);
    for (const id of ids) assert.ok(Timer.del(id));
    assert.equal(early, false, 'Node would call back at once');
  });

  it('del takes it back, from within too; delAll all of them', () => {
    const clock = new SetClock();
    let calls = 0;
    const id: number = Timer.add(1, () => {
      calls++;
      assert.equal(Timer.del(id), true);
    });
    const [one, two] = [Timer.add(5, () => calls++), Timer.delay(6, () => calls++)];
    assert.equal(timerCount(), 3);
    assert.equal(Timer.del(one), true);
    assert.equal(Timer.del(one), false);
    Timer.delAll();
    assert.equal(Timer.del(two), false);
    Timer.add(1, () => calls++, [], false);
    clock.pass(10_000);
    assert.equal(calls, 1);
    assert.equal(clock.plans + timerCount(), 0);
  });

  it('what a callback throws or rejects is reported, and it goes on', async () => {
    const clock = new SetClock();
    const reported: string[] = [];
    ends.push(
      subscribe('usta:handler:failed', ({ callback, error }) => reported.push(`${callback}: ${error}`)),
    );
    let calls = 0;
    Timer.add(1, () => {
      if (++calls === 1) throw new Error('thrown');
      return Promise.reject(new Error('rejected'));
    });
    clock.pass(2_000);
    await real(0);
    assert.deepEqual(reported, ['Timer: Error: thrown', 'Timer: Error: rejected']);
    assert.throws(() => Timer.add(0, () => {}), RangeError);
    assert.throws(() => Timer.delay(Number.NaN, () => {}), RangeError);
  });

  it('all that is done later, and the Date of HTTP, follow the clock that is set', () => {
    const clock = new SetClock('2031-01-01T00:00:00Z');
    const heard: string[] = [];
    ends.push(every(100, () => heard.push('every')));
    after(250, () => heard.push('after'));
    clock.pass(300);
    assert.deepEqual(heard, ['every', 'every', 'after', 'every']);
    assert.equal(now(), 300);
    assert.equal(httpDate(), 'Wed, 01 Jan 2031 00:00:00 GMT');
  });
});

describe('Timer.sleep', () => {
  it('ends when its time is over, or with the reason of its signal', async () => {
    const clock = new SetClock();
    const slept = Timer.sleep(5);
    const waker = new AbortController();
    const { signal } = waker;
    const broken = Timer.sleep(50, { signal });
    clock.pass(5_000);
    await slept;
    const reason = new Error('woken');
    waker.abort(reason);
    await assert.rejects(broken, reason);
    await assert.rejects(Timer.sleep(1, { signal }), reason);
    assert.equal(clock.plans, 0);
  });
});

describe('Timer.cron', () => {
  it('follows the calendar, by the timezone it is given', () => {
    const clock = new SetClock('2026-11-22T12:00:01Z');
    const at: string[] = [];
    Timer.cron('*/20 * * * * *', (due) => at.push(due.toISOString().slice(11, 19)), { timezone: 'UTC' });
    Timer.cron('30 15 * * *', (due) => at.push(`Istanbul ${due.toISOString().slice(11, 16)}`), {
      timezone: 'Europe/Istanbul',
    });
    clock.pass(60_000);
    assert.deepEqual(at, ['12:00:20', '12:00:40', '12:01:00']);
    at.length = 0;
    clock.pass(DAY);
    assert.deepEqual(
      at.filter((one) => one.startsWith('Ist')),
      ['Istanbul 12:30'],
    );
  });

  it('names of days, the last day of a month, and nicknames', () => {
    const clock = new SetClock('2026-11-22T12:00:00Z');
    const at: string[] = [];
    for (const expression of ['0 9 * * MON-TUE', '0 0 L * *', '@monthly'])
      Timer.cron(expression, (due) => at.push(`${expression} ${due.toISOString().slice(5, 13)}`), {
        timezone: 'UTC',
      });
    clock.pass(9 * DAY);
    assert.deepEqual(at, [
      '0 9 * * MON-TUE 11-23T09',
      '0 9 * * MON-TUE 11-24T09',
      '0 0 L * * 11-30T00',
      '0 9 * * MON-TUE 11-30T09',
      '@monthly 12-01T00',
      '0 9 * * MON-TUE 12-01T09',
    ]);
  });

  it('daylight saving: what lies in the lost hour is done once, and so is what comes twice', () => {
    for (const [from, ...expected] of [
      ['2026-03-28T12:00:00Z', '03-29T01:00', '03-30T00:30'],
      ['2026-10-24T12:00:00Z', '10-25T00:30', '10-26T01:30'],
    ]) {
      const clock = new SetClock(from);
      const at: string[] = [];
      Timer.cron('30 2 * * *', (due) => at.push(due.toISOString().slice(5, 16)), {
        timezone: 'Europe/Berlin',
      });
      clock.pass(2 * DAY);
      Timer.delAll();
      assert.deepEqual(at, expected);
    }
  });

  it('notices within a minute that the time of day was set', () => {
    const clock = new SetClock('2026-11-22T12:00:00Z');
    const at: number[] = [];
    Timer.cron('0 13 * * *', () => at.push(now()), { timezone: 'UTC' });
    clock.pass(1_000);
    clock.setDate('2026-11-22T13:00:05Z');
    clock.pass(60_000);
    assert.equal(at.length, 1);
    clock.setDate('2026-11-22T12:59:00Z');
    clock.pass(30_000);
    assert.equal(at.length, 1, 'not before it is due');
  });

  it('del ends it; what comes only once is gone behind it', () => {
    const clock = new SetClock('2026-11-22T12:00:00Z');
    let calls = 0;
    const id = Timer.cron('* * * * * *', () => calls++);
    clock.pass(2_500);
    assert.equal(Timer.del(id), true);
    Timer.cron('2026-11-22T12:00:10Z', () => calls++);
    clock.pass(60_000);
    assert.equal(calls, 3);
    assert.equal(clock.plans + timerCount(), 0);
  });

  it('does not run twice at a time, unless it may', async () => {
    const clock = new SetClock();
    const notices: string[] = [];
    ends.push(subscribe('usta:notice', ({ text }) => notices.push(text)));
    const counts = { guarded: 0, free: 0 };
    let end: () => void = () => {};
    const guarded = (): Promise<void> => {
      counts.guarded++;
      return new Promise((resolve) => {
        end = resolve;
      });
    };
    Timer.cron('* * * * * *', guarded, { name: 'report' });
    Timer.cron('* * * * * *', () => new Promise<void>(() => counts.free++), { protect: false });
    clock.pass(3_000);
    assert.deepEqual(counts, { guarded: 1, free: 3 });
    assert.match(notices.join(), /^cron report is due, but has not ended: it is left out until it has$/);
    end();
    await real(0);
    clock.pass(1_000);
    assert.deepEqual(counts, { guarded: 2, free: 4 });
  });

  it('what it throws or rejects is reported by its name, and it goes on', async () => {
    const clock = new SetClock();
    const reported: string[] = [];
    ends.push(
      subscribe('usta:handler:failed', ({ callback, error }) => reported.push(`${callback}: ${error}`)),
    );
    let calls = 0;
    const work = (): unknown => {
      if (++calls === 1) throw new Error('thrown');
      return Promise.reject(new Error('rejected'));
    };
    Timer.cron('* * * * * *', work, { name: 'report' });
    clock.pass(1_000);
    await real(0);
    clock.pass(1_000);
    await real(0);
    assert.deepEqual(reported, ['cron report: Error: thrown', 'cron report: Error: rejected']);
  });

  it('what cannot be is one clear line', () => {
    const say = (expression: string, options: object = {}) => Timer.cron(expression, () => {}, options);
    for (const [expression, options, message] of [
      [
        '60 * * * * *',
        {},
        /cannot read "60 \* \* \* \* \*": Invalid value for second: 60; write five or six/,
      ],
      ['often', {}, /cannot read "often": .*five, six, or seven .*; write/],
      ['0 0 30 2 *', {}, /"0 0 30 2 \*" never comes/],
      ['2020-01-01T00:00:00', {}, /never comes/],
      [
        '* * * * *',
        { timezone: 'Europe/Instanbul' },
        /no timezone "Europe\/Instanbul"; did you mean Europe\/Istanbul/,
      ],
      ['* * * * *', { timeZone: 'UTC' }, /no option timeZone; did you mean timezone/],
      ['* * * * *', { onlyOn: 'one' }, /'first' or 'all', not "one"/],
    ] as const)
      assert.throws(() => say(expression, options), { code: 'E_CRON', message }, expression);
    assert.equal(timerCount(), 0);
  });

  // The last: this process has a place in a service from here on.
  it('waits until its predecessor has stopped: nothing is lost or done twice', () => {
    const clock = new SetClock('2026-11-22T12:00:00Z');
    const done: string[] = [];
    const job = (name: string, options: object = {}) =>
      Timer.cron('*/10 * * * * *', (due) => done.push(`${name} ${due.getSeconds()}`), options);
    job('made outside');
    standBy({ firstOfWorker: true, firstOfService: false });
    job('first');
    job('all', { onlyOn: 'all' });
    clock.pass(15_000);
    assert.deepEqual(done, []);
    goOnDuty(clock.date() - 6_000);
    clock.pass(0);
    assert.deepEqual(done, ['first 10', 'all 10'], 'due while both were silent');
    done.length = 0;
    clock.pass(10_000);
    goOffDuty();
    clock.pass(20_000);
    assert.deepEqual(done, ['first 20', 'all 20']);
    standBy({ firstOfWorker: false, firstOfService: false });
    done.length = 0;
    goOnDuty();
    clock.pass(10_000);
    assert.deepEqual(done, ['all 50'], 'another process is the first');
  });
});
