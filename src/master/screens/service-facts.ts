import type { ProcessStatus, ServiceStatus, WorkerStatus } from '../service-status.ts';
import { counted, formatUptime } from './quantities.ts';

/** `usta/0.1.0   node/20.20.2   linux 6.1.0`, each by itself. */
export function versions({ usta, node, system }: ServiceStatus): string[] {
  return [`usta/${usta}`, `node/${node.replace(/^v/, '')}`, system];
}

/** Since when, how long and under what load it runs. */
export function times({ startedAt, uptime, loadAverage }: ServiceStatus): string[] {
  return [
    `start time: ${startedAt.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC')}`,
    `run ${formatUptime(uptime)}`,
    `load average: ${loadAverage.map((load) => load.toFixed(2)).join(', ')}`,
  ];
}

/** `2 workers   8 processes   1 reload`, each by itself. */
export function numbers({ workers, processes, generation }: ServiceStatus): string[] {
  return [
    counted(workers.length, 'worker'),
    counted(processes.filter(({ pid }) => pid > 0).length, 'process', 'processes'),
    counted(generation, 'reload'),
  ];
}

/** Whether it accepts: it has started, and is not on its way out. */
export function isServing({ state }: ProcessStatus): boolean {
  return state === 'idle' || state === 'busy';
}

export function processesOf({ processes }: ServiceStatus, { name }: WorkerStatus): ProcessStatus[] {
  return processes.filter(({ worker }) => worker === name);
}

export function certificateText({ certificateDaysLeft: days }: WorkerStatus): string {
  if (days === undefined) return '-';
  return days < 0 ? 'expired' : counted(Math.floor(days), 'day');
}
