import type { ProcessReport } from '../../worker/report.ts';
import type { ProcessStatus } from '../service-status.ts';
import type { Family, Sample } from './exposition.ts';
import type { MergedWorker } from './merged-worker.ts';

const PROCESS_STATES = Object.keys({
  ...{ starting: 0, idle: 0, busy: 0, draining: 0, 'backing-off': 0 },
} satisfies Record<ProcessStatus['state'], 0>);

const SECONDS_OF_DAY = 86_400;

/** What the workers are and hold at this moment. */
export function workerGauges(workers: readonly MergedWorker[]): Family[] {
  const gauge = (
    name: string,
    help: string,
    samples: (worker: MergedWorker) => readonly Sample[],
  ): Family => {
    return { name, type: 'gauge', help, samples: workers.flatMap(samples) };
  };
  const summed = (name: string, help: string, of: (report: ProcessReport) => number): Family =>
    gauge(name, help, ({ name: worker, reports }) => [{ labels: { worker }, value: total(reports.map(of)) }]);
  return [
    gauge('usta_processes', 'Processes, by state.', ({ name: worker, processes }) =>
      PROCESS_STATES.map((state) => {
        return { labels: { worker, state }, value: processes.filter((one) => one.state === state).length };
      }),
    ),
    gauge('usta_processes_wanted', 'Processes that a worker should have.', ({ name: worker, settings }) =>
      settings.length === 0 ? [] : [{ labels: { worker }, value: total(settings.map(({ count }) => count)) }],
    ),
    summed(
      'usta_connections',
      'Open connections, those in a TLS handshake included.',
      (one) => one.connections,
    ),
    summed('usta_queued_bytes', 'Held for peers, in and out.', (one) => one.queuedBytes),
    gauge('usta_clients', 'Clients that are held for the cluster.', ({ name: worker, reports }) => {
      const onBus = reports.flatMap(({ bus }) => bus?.clients ?? []);
      return onBus.length === 0 ? [] : [{ labels: { worker }, value: total(onBus) }];
    }),
    summed('usta_timers', 'Timers that are set.', (one) => one.timers),
    summed('usta_resident_memory_bytes', 'Memory of the processes together.', (one) => one.memory),
    gauge(
      'usta_loop_lag_seconds',
      'How late the event loop came to its timers: the worst process.',
      ({ name: worker, reports }) =>
        reports.length === 0
          ? []
          : [{ labels: { worker }, value: Math.max(...reports.map((one) => one.loopLag)) }],
    ),
    gauge(
      'usta_certificate_remaining_seconds',
      'Until the certificate ends; below 0 it has ended.',
      ({ name: worker, settings }) => {
        const days = settings.flatMap(({ certificateDaysLeft: left }) => (left === undefined ? [] : [left]));
        return days.length === 0 ? [] : [{ labels: { worker }, value: Math.min(...days) * SECONDS_OF_DAY }];
      },
    ),
  ];
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
