import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { coloured, plain } from '../../../src/master/screens/paint.ts';
import { processTable } from '../../../src/master/screens/process-table.ts';
import type { ServiceStatus } from '../../../src/master/service-status.ts';
import type { ProcessReport } from '../../../src/worker/report.ts';
import { busyService, processOf, service, silent, workerOf } from '../service-statuses.ts';

const canvas = { width: Infinity, paint: plain };

/** The cells of a table by title: none of them holds a blank. */
function cells(status: ServiceStatus, previous?: ServiceStatus): Record<string, string>[] {
  const [titles = '', ...rows] = processTable(status, previous, canvas).lines;
  const names = titles.split(/ +/);
  return rows.map((row) => Object.fromEntries(row.split(/ +/).map((cell, index) => [names[index], cell])));
}

function chat(...reports: Partial<ProcessReport>[]): ServiceStatus {
  const processes = reports.map((given, id) => processOf('chat', id, given));
  return service({ workers: [workerOf('chat', { count: reports.length })], processes });
}

describe('processTable', () => {
  it("has Workerman's columns in their order, and ours", () => {
    const [titles = ''] = processTable(busyService(), busyService(), canvas).lines;
    assert.deepEqual(titles.split(/ +/), [
      ...['pid', 'memory', 'listening', 'name', 'connections', 'send_fail', 'timers', 'total_request', 'qps'],
      ...['accepted', 'refused', 'queued', 'loop_lag', 'resumed', 'status'],
    ]);
  });

  it('shows N/A for a process that has not answered, and leaves it out of the sum', () => {
    const status = chat({ connections: 3, memory: 1_048_576 });
    const [idle, busy, summary] = cells({
      ...status,
      processes: [...status.processes, silent('chat', 1, 'busy', 7)],
    });
    assert.equal(idle?.connections, '3');
    const { pid, name, listening, status: state, ...unknown } = busy ?? {};
    assert.deepEqual([pid, name, listening, state], ['7', 'chat', 'websocket://0.0.0.0:8282', '[busy]']);
    assert.deepEqual(new Set(Object.values(unknown)), new Set(['N/A']));
    assert.equal(summary?.connections, '3');
    assert.equal(summary?.memory, '1MB');
  });

  it('adds up what can be added, and takes the worst lag', () => {
    const one = {
      connections: 3,
      accepted: 10,
      refused: 1,
      messagesReceived: 7,
      queuedBytes: 1024,
      timers: 2,
      loopLag: 0.002,
    };
    const two = {
      connections: 4,
      accepted: 20,
      refused: 2,
      messagesReceived: 8,
      queuedBytes: 1024,
      timers: 3,
      loopLag: 0.3,
    };
    const summary = cells(chat({ ...one, sendFailures: 5 }, two)).at(-1);
    assert.deepEqual(summary, {
      ...{
        pid: 'Summary',
        memory: '100MB',
        listening: '-',
        name: '-',
        connections: '7',
        send_fail: '5',
        timers: '5',
      },
      ...{
        total_request: '15',
        accepted: '30',
        refused: '3',
        queued: '2KB',
        loop_lag: '300ms',
        resumed: '-',
      },
      status: '[Summary]',
    });
  });

  it('tells requests per second only between two samples, by the clock of the process', () => {
    assert.equal(cells(chat({}))[0]?.qps, undefined);
    const before = chat({ messagesReceived: 100, uptime: 10 }, { messagesReceived: 0, uptime: 10 });
    const after = chat({ messagesReceived: 300, uptime: 10.5 }, { messagesReceived: 3, uptime: 12 });
    const [one, two, summary] = cells(after, before);
    assert.deepEqual([one?.qps, two?.qps, summary?.qps], ['400', '1.5', '402']);
  });

  it('tells none for a process that the sample before does not know, or that took the pid of another', () => {
    const before = chat({ pid: 5, messagesReceived: 100, uptime: 10 });
    assert.equal(cells(chat({ pid: 6, messagesReceived: 100, uptime: 1 }), before)[0]?.qps, '-');
    assert.equal(cells(chat({ pid: 5, messagesReceived: 1, uptime: 20 }), before)[0]?.qps, '-');
    assert.equal(cells(chat({ pid: 5, messagesReceived: 200, uptime: 1 }), before)[0]?.qps, '-');
  });

  it('tells how many TLS handshakes were resumed, over all processes by their number', () => {
    const rows = cells(
      chat(
        { handshakes: { full: 1, resumed: 3, failed: {} } },
        { handshakes: { full: 95, resumed: 1, failed: { untrusted: 100 } } },
        {},
      ),
    );
    assert.deepEqual(
      rows.map((row) => row.resumed),
      ['75%', '1%', '-', '4%'],
    );
  });

  it('colours states, and numbers that should be 0', () => {
    const lines = processTable(busyService(), undefined, { width: Infinity, paint: coloured }).lines.join(
      '\n',
    );
    for (const painted of ['32m[idle]', '31m[busy]', '31m[backing-off]', '33m3', '33m250ms', '33m1']) {
      assert.ok(lines.includes(`\u001b[${painted}\u001b[0m`), painted);
    }
    assert.ok(!lines.includes('\u001b[33m0\u001b'));
  });
});
