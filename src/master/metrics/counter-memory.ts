import type { ProcessReport } from '../../worker/report.ts';
import type { ProcessStatus, ServiceStatus } from '../service-status.ts';
import { addReport, type Counters, type CountersByWorker } from './counters.ts';

/** Seconds that a report may take to come. */
const UNDER_WAY = 5;

/**
 * Counters that never go back: what a process had counted stays when it has ended, and while it is too busy to answer.
 *
 * Each status must list every process that lives. What a process counts between its last report and its end is lost;
 * `lastWords` closes that gap for processes that leave in order.
 */
export class CounterMemory {
  /** By worker. */
  readonly #ended = new Map<string, Counters>();
  /** By pid: the last report of each. */
  readonly #living = new Map<number, Words>();

  see({ processes }: ServiceStatus): void {
    const present = new Set(processes.map(({ pid }) => pid));
    for (const pid of this.#living.keys()) if (!present.has(pid)) this.#bury(pid);
    for (const process of processes) this.#hear(process);
  }

  /** The report that a process sends when it leaves: to be given before the first status that lacks it. */
  lastWords(worker: string, report: ProcessReport): void {
    this.#hear({ worker, pid: report.pid, report });
  }

  /** What all processes have counted, those that have ended included. */
  counters(): CountersByWorker {
    const counters = new Map(this.#ended);
    for (const { worker, report } of this.#living.values()) addReport(counters, worker, report);
    return counters;
  }

  #hear({ pid, worker, report }: Pick<ProcessStatus, 'pid' | 'worker' | 'report'>): void {
    if (!report) return;
    const before = this.#living.get(pid);
    if (before && isAnother(before, { worker, report })) this.#bury(pid);
    else if (before && report.uptime < before.report.uptime) return;
    this.#living.set(pid, { worker, report });
  }

  #bury(pid: number): void {
    const last = this.#living.get(pid);
    this.#living.delete(pid);
    if (last) addReport(this.#ended, last.worker, last.report);
  }
}

interface Words {
  readonly worker: string;
  readonly report: ProcessReport;
}

/** Pids come again: another process begins to count anew. A report that is a little older was only under way longer. */
function isAnother(before: Words, now: Words): boolean {
  return now.worker !== before.worker || now.report.uptime < before.report.uptime - UNDER_WAY;
}
