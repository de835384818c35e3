/** Our metrics, judged by Prometheus' own tool: the format, and its conventions for names and units. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { before, describe, it } from 'node:test';
import { metricsText } from '../../src/master/metrics/metrics-text.ts';
import { busyService, service, workerOf } from '../master/service-statuses.ts';
import { ensure } from './debian.ts';

function promtool(text: string): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  });
  return { status, said: `${stdout}${stderr}` };
}

describe('promtool check metrics', () => {
  before(() => ensure('prometheus'));

  it('has nothing to say about our metrics', () => {
    assert.deepEqual(promtool(metricsText(busyService())), { status: 0, said: '' });
  });

  it('reads names of workers that need escapes', () => {
    const status = service({ workers: [workerOf('a"b\\c\nd{}'), workerOf('聊天')] });
    assert.deepEqual(promtool(metricsText(status)), { status: 0, said: '' });
  });

  it('would say so: a unit that is no base unit', () => {
    const { status, said } = promtool('# HELP usta_a_days Days.\n# TYPE usta_a_days gauge\nusta_a_days 1\n');
    assert.notEqual(status, 0);
    assert.match(said, /base unit/);
  });
});
