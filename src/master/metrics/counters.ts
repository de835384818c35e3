import type { ProcessReport } from '../../worker/report.ts';
import type { ServiceStatus } from '../service-status.ts';

/** What a worker's processes have counted, together. */
export interface Counters {
  readonly totals: Readonly<Record<Counted, number>>;
  /** By cause. */
  readonly handshakesFailed: Readonly<Record<string, number>>;
  /** By manner. */
  readonly closes: Readonly<Record<string, number>>;
  /** Messages between processes, by reason; none for workers that are on no bus. */
  readonly busLost: Readonly<Record<string, number>>;
}

export type Counted =
  | 'accepted'
  | 'refused'
  | 'messagesReceived'
  | 'messagesSent'
  | 'sendFailures'
  | 'invalidMessages'
  | 'bytesRead'
  | 'bytesWritten'
  | 'handlerFailures'
  | 'handshakesFull'
  | 'handshakesResumed'
  | 'busSent'
  | 'busReceived';

/** By the name of the worker. */
export type CountersByWorker = ReadonlyMap<string, Counters>;

/** What the processes of a status have counted; who has not answered counts as nothing. */
export function countersOf({ processes }: ServiceStatus): CountersByWorker {
  const counters = new Map<string, Counters>();
  for (const { worker, report } of processes) if (report) addReport(counters, worker, report);
  return counters;
}

export function addReport(counters: Map<string, Counters>, worker: string, report: ProcessReport): void {
  const before = counters.get(worker);
  const counted = countedBy(report);
  counters.set(worker, before ? add(before, counted) : counted);
}

function countedBy(report: ProcessReport): Counters {
  const { accepted, refused, messagesReceived, messagesSent, sendFailures, invalidMessages } = report;
  const { bytesRead, bytesWritten, handlerFailures, handshakes, closes, bus } = report;
  return {
    totals: {
      ...{ accepted, refused, messagesReceived, messagesSent, sendFailures, invalidMessages },
      ...{ bytesRead, bytesWritten, handlerFailures },
      handshakesFull: handshakes.full,
      handshakesResumed: handshakes.resumed,
      busSent: bus?.sent ?? 0,
      busReceived: bus?.received ?? 0,
    },
    handshakesFailed: handshakes.failed,
    closes,
    busLost: bus?.lost ?? {},
  };
}

function add(a: Counters, b: Counters): Counters {
  return {
    totals: addAll(a.totals, b.totals),
    handshakesFailed: addAll(a.handshakesFailed, b.handshakesFailed),
    closes: addAll(a.closes, b.closes),
    busLost: addAll(a.busLost, b.busLost),
  };
}

function addAll<Key extends string>(
  a: Readonly<Record<Key, number>>,
  b: Readonly<Record<Key, number>>,
): Record<Key, number> {
  const sums: Record<Key, number> = { ...a };
  for (const key of Object.keys(b) as Key[]) sums[key] = (a[key] ?? 0) + b[key];
  return sums;
}
