/** A clock that a test moves: heartbeats, deadlines and timers pass without waiting. */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { type CloseCause, defineProtocol, Timer, Worker } from 'usta';
import { connect, type FakeClock, fakeClock, stop } from 'usta/testing';

/** Whatever has come is a message. */
const bytes = defineProtocol({
  input: (buffer) => buffer.length,
  decode: String,
  encode: (text: string) => text,
});

describe('fakeClock', { timeout: 20_000 }, () => {
  let clock: FakeClock;
  const workers: unknown[] = [];

  beforeEach(() => {
    clock = fakeClock({ date: new Date('2026-01-01T00:00:00Z') });
  });
  afterEach(async () => {
    clock.restore();
    for (const worker of workers.splice(0)) await stop(worker);
  });

  function owned<W>(worker: W): W {
    workers.push(worker);
    return worker;
  }

  it('timers run in order, each at its time, what they begin in between', async () => {
    const heard: string[] = [];
    const note = (what: string): void => void heard.push(`${what} ${(clock.date.getTime() % 60_000) / 1000}`);
    const id = Timer.add(2, note, ['every 2']);
    Timer.add(
      3,
      async () => {
        note('once');
        await Timer.sleep(0.5);
        note('slept');
      },
      [],
      false,
    );
    await clock.advance(5);
    assert.deepEqual(heard, ['every 2 2', 'once 3', 'slept 3.5', 'every 2 4']);
    assert.equal(clock.waiting, 1);
    Timer.del(id);
    await clock.advance(60);
    assert.equal(heard.length, 4);
    assert.equal(clock.date.toISOString(), '2026-01-01T00:01:05.000Z');
    await assert.rejects(clock.advance(-1), RangeError);
  });

  it('jobs of the calendar are done when they are due', async () => {
    const heard: string[] = [];
    const id = Timer.cron('*/5 * * * *', () => heard.push(clock.date.toISOString().slice(11, 19)), {
      timezone: 'UTC',
    });
    await clock.advance(901);
    Timer.del(id);
    assert.deepEqual(heard, ['00:05:00', '00:10:00', '00:15:00']);
  });

  it('a WebSocket is pinged, and a dead peer is closed', async () => {
    const causes: CloseCause[] = [];
    const worker = owned(new Worker('websocket://0.0.0.0:1', { onClose: (_, cause) => causes.push(cause) }));
    const alive = await connect(worker);
    const dead = await connect(worker, { answerPings: false });
    await clock.advance(27);
    assert.ok(alive.pings >= 1 && dead.pings >= 1, `${alive.pings} and ${dead.pings} pings`);
    await clock.advance(40);
    await dead.closed;
    assert.deepEqual(
      causes.map(({ how, idle }) => [how, Math.floor(idle / 10)]),
      [['deadline', 6]],
    );
    await alive.close();
  });

  it('who does not ask in time is answered 408', async () => {
    const slow = await connect(owned(new Worker('http://0.0.0.0:1')), { protocol: bytes });
    slow.sendRaw('GET / HTTP/1.1\r\n');
    await clock.advance(9);
    assert.equal(slow.messages.length, 0);
    await clock.advance(4);
    assert.match(await slow.next(), /^HTTP\/1.1 408 /);
  });
});
