import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { CounterMemory } from '../../../src/master/metrics/counter-memory.ts';
import type { ProcessStatus } from '../../../src/master/service-status.ts';
import { processOf, report, service, silent } from '../service-statuses.ts';

/** What a memory knows after these samples, each a list of processes. */
function after(...samples: ProcessStatus[][]): (worker?: string) => number | undefined {
  const memory = new CounterMemory();
  for (const processes of samples) memory.see(service({ processes }));
  return (worker = 'chat') => memory.counters().get(worker)?.totals.messagesReceived;
}

function counted(pid: number, messagesReceived: number, uptime: number): ProcessStatus {
  return processOf('chat', 0, { pid, messagesReceived, uptime });
}

describe('CounterMemory', () => {
  it('tells what those who live have counted', () => {
    assert.equal(after([counted(1, 10, 5), counted(2, 7, 5)])(), 17);
    assert.equal(after([counted(1, 10, 5)], [counted(1, 25, 6)])(), 25);
    assert.equal(after([])(), undefined);
  });

  it('keeps what a process had counted when another has taken its place', () => {
    assert.equal(after([counted(1, 10, 5)], [counted(2, 1, 1)])(), 11);
    assert.equal(after([counted(1, 10, 5)], [], [counted(2, 1, 1)], [counted(2, 3, 2)])(), 13);
  });

  it('keeps what a process had counted while it is too busy to answer', () => {
    assert.equal(after([counted(1, 10, 5)], [silent('chat', 0, 'busy', 1)])(), 10);
    assert.equal(after([counted(1, 10, 5)], [silent('chat', 0, 'busy', 1)], [counted(1, 30, 9)])(), 30);
  });

  it('knows a process that got the pid of one that has ended', () => {
    assert.equal(after([counted(1, 10, 500)], [counted(1, 2, 3)])(), 12);
    const moved = after(
      [counted(1, 10, 5)],
      [processOf('api', 0, { pid: 1, messagesReceived: 4, uptime: 6 })],
    );
    assert.deepEqual([moved(), moved('api')], [10, 4]);
  });

  it('is not confused by a report that was longer under way', () => {
    assert.equal(after([counted(1, 10, 5)], [counted(1, 8, 4.5)])(), 10);
    assert.equal(after([counted(1, 10, 5)], [counted(1, 8, 4.5)], [])(), 10);
  });

  it('takes the last words of a process that leaves', () => {
    const memory = new CounterMemory();
    memory.see(service({ processes: [counted(1, 10, 5)] }));
    memory.lastWords('chat', report({ pid: 1, messagesReceived: 14, uptime: 5.5 }));
    memory.see(service({ processes: [silent('chat', 0, 'draining', 1)] }));
    memory.see(service({ processes: [counted(2, 1, 1)] }));
    assert.equal(memory.counters().get('chat')?.totals.messagesReceived, 15);
  });

  it('adds up causes and manners, too', () => {
    const memory = new CounterMemory();
    const failed = (untrusted: number) => ({ full: 1, resumed: 2, failed: { untrusted } });
    memory.see(
      service({ processes: [processOf('chat', 0, { pid: 1, handshakes: failed(3), closes: { fin: 1 } })] }),
    );
    memory.see(
      service({ processes: [processOf('chat', 0, { pid: 2, handshakes: failed(4), closes: { reset: 2 } })] }),
    );
    const { totals, handshakesFailed, closes } = memory.counters().get('chat') ?? {};
    assert.deepEqual([totals?.handshakesFull, totals?.handshakesResumed], [2, 4]);
    assert.deepEqual([handshakesFailed, closes], [{ untrusted: 7 }, { fin: 1, reset: 2 }]);
  });

  it('never goes back and loses nothing it was told, whatever processes come and go', () => {
    /** In each round every slot either counts on, is silent, or is replaced. */
    const act = fc.record({
      slot: fc.nat(3),
      what: fc.constantFrom('count', 'silent', 'replace'),
      by: fc.nat(50),
    });
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
        const memory = new CounterMemory();
        const slots = [0, 1, 2, 3].map((slot) => ({ pid: slot + 1, uptime: 1, counted: 0, silent: false }));
        let [pids, told, before] = [4, 0, 0];
        for (const { slot, what, by } of acts) {
          const seat = slots[slot];
          assert.ok(seat);
          if (what === 'replace') Object.assign(seat, { pid: ++pids, uptime: 0, counted: 0 });
          seat.silent = what === 'silent';
          for (const one of slots) one.uptime += 1;
          seat.counted += seat.silent ? 0 : by;
          told += seat.silent ? 0 : by;
          const processes = slots.map(({ pid, uptime, counted: messagesReceived, silent: mute }, id) =>
            mute ? silent('chat', id, 'busy', pid) : processOf('chat', id, { pid, uptime, messagesReceived }),
          );
          memory.see(service({ processes }));
          const now = memory.counters().get('chat')?.totals.messagesReceived ?? 0;
          assert.ok(now >= before);
          assert.equal(now, told);
          before = now;
        }
      }),
    );
  });
});
