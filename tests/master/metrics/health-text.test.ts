import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { healthText } from '../../../src/master/metrics/health-text.ts';
import type { ProcessStatus, ServiceStatus } from '../../../src/master/service-status.ts';
import { busyService, processOf, service, silent, workerOf } from '../service-statuses.ts';

function answered(state: ServiceStatus['state'], ...processes: ProcessStatus[]): [number, unknown] {
  const { status, body } = healthText(service({ state, workers: [workerOf('chat')], processes }));
  return [status, (JSON.parse(body) as { status: unknown }).status];
}

describe('healthText', () => {
  it('is 200 while it serves, while it reloads, and while its processes are busy', () => {
    assert.deepEqual(answered('serving', processOf('chat', 0)), [200, 'ok']);
    assert.deepEqual(answered('reloading', processOf('chat', 0)), [200, 'ok']);
    assert.deepEqual(answered('serving', silent('chat', 0, 'busy', 1)), [200, 'ok']);
  });

  it('is 503 while it drains, and before it has started', () => {
    assert.deepEqual(answered('stopping', processOf('chat', 0)), [503, 'draining']);
    assert.deepEqual(answered('starting', silent('chat', 0, 'starting', 1)), [503, 'starting']);
  });

  it('is 503 while a worker has no process that serves, and names it', () => {
    assert.deepEqual(answered('serving'), [503, 'failing']);
    assert.deepEqual(answered('serving', silent('chat', 0, 'backing-off', 0)), [503, 'failing']);
    const { body } = healthText(
      service({ workers: [workerOf('chat'), workerOf('api')], processes: [processOf('api', 0)] }),
    );
    assert.deepEqual((JSON.parse(body) as { missing: unknown }).missing, ['chat']);
  });

  it('does not miss a worker that should have no process', () => {
    assert.equal(healthText(service({ workers: [workerOf('chat', { count: 0 })] })).status, 200);
  });

  it('is one line of JSON', () => {
    const { body } = healthText(busyService());
    assert.equal(body.indexOf('\n'), body.length - 1);
    assert.deepEqual(JSON.parse(body), {
      ...{ status: 'ok', workers: 2, processes: { wanted: 4, serving: 3 }, connections: 1216, uptime: 187 },
    });
  });
});
