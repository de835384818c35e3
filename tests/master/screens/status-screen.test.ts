import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { displayWidth } from '../../../src/master/screens/display-width.ts';
import { plain } from '../../../src/master/screens/paint.ts';
import { statusScreen } from '../../../src/master/screens/status-screen.ts';
import type { ServiceStatus } from '../../../src/master/service-status.ts';
import { busyService, largeService, service, workerOf } from '../service-statuses.ts';
import { golden } from './golden.ts';

/** Two seconds before `busyService`. */
function before(status: ServiceStatus): ServiceStatus {
  const processes = status.processes.map(({ report, ...process }) => {
    if (!report) return process;
    const { uptime, messagesReceived } = report;
    return {
      ...process,
      report: { ...report, uptime: uptime - 2, messagesReceived: messagesReceived - 700 },
    };
  });
  return { ...status, processes };
}

describe('statusScreen', () => {
  for (const width of [80, 120, 200]) {
    it(`looks as it is to look at ${width} columns`, () => {
      const status = busyService();
      const lines = statusScreen(status, before(status), { width, paint: plain });
      assert.deepEqual(lines, golden(`status-${width}`));
    });
  }

  it('shows 64 slots with large numbers at 120 columns without wrapping, a line each', () => {
    const lines = statusScreen(largeService(), largeService(), { width: 120, paint: plain });
    for (const line of lines) assert.ok(displayWidth(line) <= 120, line);
    const rows = lines.filter((line) => /^4190\d{3} .*\[idle\]$/.test(line));
    assert.equal(rows.length, 64);
    assert.equal(new Set(rows.map((row) => row.length)).size, 1);
    for (const row of rows) assert.match(row, / gateway +65000 +99 +65000 +1234567890 /);
  });

  it('keeps pid, name, connections, requests and status at 80 columns', () => {
    const lines = statusScreen(largeService(), undefined, { width: 80, paint: plain });
    for (const line of lines) assert.ok(displayWidth(line) <= 80, line);
    assert.equal(
      lines.filter((line) => /^4190\d{3} .* gateway .* 65000 .*1234567890 .*\[idle\]$/.test(line)).length,
      64,
    );
    assert.match(lines.join('\n'), /no room for: .*resumed/);
  });

  it('is never wider than the terminal, whatever its width', () => {
    for (let width = 20; width <= 200; width++) {
      for (const line of statusScreen(busyService(), busyService(), { width, paint: plain })) {
        assert.ok(displayWidth(line) <= width, `${width}: ${line}`);
      }
    }
  });

  it('has a row for each way in which processes have ended, as Workerman', () => {
    const workers = [workerOf('chat', { exits: { 'exit 1': 2, 'signal SIGKILL': 1 } }), workerOf('api')];
    const lines = statusScreen(service({ workers }), undefined, { width: 120, paint: plain });
    assert.match(lines.join('\n'), /\nchat .* exit 1 +2\n +signal SIGKILL +1\napi .* none +0\n/);
  });

  it('lets no name or path move the cursor or forge a line', () => {
    const workers = [workerOf('chat\u001b[2J\nforged')];
    const screen = statusScreen(service({ workers, script: '/srv/\u009b2J.ts' }), undefined, {
      width: 120,
      paint: plain,
    });
    for (const line of screen) assert.doesNotMatch(line, /\p{Cc}/u);
    assert.ok(screen.some((line) => line.startsWith('chat\\u001b[2J\\nforged ')));
  });
});
