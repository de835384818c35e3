import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { displayWidth } from '../../../src/master/screens/display-width.ts';
import { coloured, plain } from '../../../src/master/screens/paint.ts';
import { startBanner } from '../../../src/master/screens/start-banner.ts';
import { busyService, processOf, service, workerOf } from '../service-statuses.ts';
import { golden } from './golden.ts';

const canvas = { width: 100, paint: plain };

describe('startBanner', () => {
  it('names what runs, each worker, and how to stop', () => {
    assert.deepEqual(startBanner(busyService(), canvas), golden('start-banner'));
  });

  it('in the foreground it is stopped with Ctrl+C', () => {
    const lines = startBanner(
      service({ workers: [workerOf('chat')], processes: [processOf('chat', 0)] }),
      canvas,
    );
    assert.equal(lines.at(-1), 'Press Ctrl+C to stop.   Start success.');
    assert.match(lines.join('\n'), /^tcp .*\[OK\]$/m);
  });

  it('the command to stop it can be pasted: quoted where the path needs that, whole or with the bare name', () => {
    const last = (script: string, width: number): string | undefined =>
      startBanner(service({ daemon: true, script }), { width, paint: plain }).at(-1);
    assert.equal(
      last("/srv/o'b c/a.ts", 80),
      `Input "usta stop '/srv/o'\\''b c/a.ts'" to stop.   Start success.`,
    );
    assert.match(
      startBanner(service({ daemon: true }), { width: 40, paint: plain }).join('\n'),
      /"usta stop server\.ts"/,
    );
  });

  it('a worker without address listens to none', () => {
    const workers = [workerOf('clock', { listen: '' })];
    assert.match(startBanner(service({ workers }), canvas).join('\n'), /clock {3}none {5}.*\[0 of 1\]/);
  });

  it('marks a certificate that ends soon or has ended', () => {
    const row = (days: number): string => {
      const workers = [workerOf('chat', { transport: 'ssl', certificateDaysLeft: days })];
      return startBanner(service({ workers }), { width: 100, paint: coloured }).join('\n');
    };
    assert.ok(row(9.5).includes('\u001b[33m9 days\u001b[0m'));
    assert.ok(row(-1).includes('\u001b[31mexpired\u001b[0m'));
    assert.ok(row(63).includes(' 63 days '));
  });

  it('is never wider than the terminal', () => {
    for (let width = 20; width <= 140; width++) {
      for (const line of startBanner(busyService(), { width, paint: plain })) {
        assert.ok(displayWidth(line) <= width, `${width}: ${line}`);
      }
    }
  });
});
