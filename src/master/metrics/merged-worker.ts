import type { ProcessReport } from '../../worker/report.ts';
import type { ProcessStatus, ServiceStatus, WorkerStatus } from '../service-status.ts';
import type { Counters, CountersByWorker } from './counters.ts';

/** One label `worker`, with everything that is known under it. */
export interface MergedWorker {
  readonly name: string;
  readonly settings: readonly WorkerStatus[];
  readonly processes: readonly ProcessStatus[];
  readonly reports: readonly ProcessReport[];
  readonly counters: Counters | undefined;
}

export function mergedWorkers(
  { workers, processes }: ServiceStatus,
  counters: CountersByWorker,
): MergedWorker[] {
  const names = new Set([...workers.map(({ name }) => name), ...counters.keys()]);
  return [...names].map((name) => {
    const own = processes.filter(({ worker }) => worker === name);
    const reports = own.flatMap(({ report }) => (report ? [report] : []));
    const settings = workers.filter((worker) => worker.name === name);
    return { name, settings, processes: own, reports, counters: counters.get(name) };
  });
}
