import type { ServiceStatus } from '../service-status.ts';
import { type CountersByWorker, countersOf } from './counters.ts';
import { exposition, type Family } from './exposition.ts';
import { mergedWorkers } from './merged-worker.ts';
import { workerCounters } from './worker-counters.ts';
import { workerGauges } from './worker-gauges.ts';

const STATES = Object.keys({
  ...{ starting: 0, serving: 0, reloading: 0, stopping: 0 },
} satisfies Record<ServiceStatus['state'], 0>);

/**
 * A service as Prometheus reads it, its processes merged by worker. Workers of one name count as one.
 *
 * @param counters of a `CounterMemory`, so that none goes back when a process is replaced.
 */
export function metricsText(status: ServiceStatus, counters: CountersByWorker = countersOf(status)): string {
  const workers = mergedWorkers(status, counters);
  return exposition([...serviceFamilies(status), ...workerGauges(workers), ...workerCounters(workers)]);
}

function serviceFamilies(status: ServiceStatus): Family[] {
  const { usta, node, system, state, startedAt, generation } = status;
  return [
    {
      name: 'usta_build_info',
      type: 'gauge',
      help: 'What runs: always 1, the versions are labels.',
      samples: [{ labels: { version: usta, node, system }, value: 1 }],
    },
    {
      name: 'usta_start_time_seconds',
      type: 'gauge',
      help: 'When the master was started, since the Unix epoch.',
      samples: [{ labels: {}, value: Date.parse(startedAt) / 1000 }],
    },
    {
      name: 'usta_state',
      type: 'gauge',
      help: 'What the service does: 1 for the state it is in.',
      samples: STATES.map((one) => ({ labels: { state: one }, value: one === state ? 1 : 0 })),
    },
    {
      name: 'usta_reloads_total',
      type: 'counter',
      help: 'Reloads since the master was started.',
      samples: [{ labels: {}, value: generation }],
    },
  ];
}
