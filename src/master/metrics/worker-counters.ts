import type { CloseManner } from '../../connection/close-cause.ts';
import type { TlsFailure } from '../../telemetry.ts';
import type { Counted, Counters } from './counters.ts';
import type { Family, Sample } from './exposition.ts';
import type { MergedWorker } from './merged-worker.ts';

/** Told from the beginning, at 0: a rate over a series that appears with its first event would miss that event. */
const MANNERS = Object.keys({
  ...{ frame: 0, fin: 0, reset: 0, deadline: 0, protocol: 0 },
  ...{ limit: 0, refused: 0, handler: 0, destroyed: 0 },
} satisfies Record<CloseManner, 0>);

const FAILURES = Object.keys({
  ...{ untrusted: 0, name: 0, version: 0, suite: 0, protocol: 0, 'client-certificate': 0 },
  ...{ 'plain-text': 0, garbage: 0, 'timed-out': 0, crowded: 0, 'hung-up': 0 },
} satisfies Record<TlsFailure, 0>);

const TOTALS: readonly (readonly [name: string, counted: Counted, help: string])[] = [
  ['usta_connections_accepted_total', 'accepted', 'Connections that were accepted.'],
  [
    'usta_connections_refused_total',
    'refused',
    'Upgrades answered with an error, and connections over a limit.',
  ],
  ['usta_messages_received_total', 'messagesReceived', 'Messages and requests that have come.'],
  ['usta_messages_sent_total', 'messagesSent', 'Messages and answers that were accepted for sending.'],
  ['usta_send_failures_total', 'sendFailures', 'Messages that were refused for sending.'],
  ['usta_messages_invalid_total', 'invalidMessages', 'Messages that did not fit their schema.'],
  ['usta_received_bytes_total', 'bytesRead', 'Bytes of peers, without TLS.'],
  ['usta_sent_bytes_total', 'bytesWritten', 'Bytes to peers, without TLS.'],
  ['usta_handler_failures_total', 'handlerFailures', 'Callbacks that threw or rejected.'],
];

/** What the workers have counted. */
export function workerCounters(workers: readonly MergedWorker[]): Family[] {
  const counter = (
    name: string,
    help: string,
    samples: (worker: MergedWorker) => readonly Sample[],
  ): Family => {
    return { name, type: 'counter', help, samples: workers.flatMap(samples) };
  };
  return [
    ...TOTALS.map(([name, counted, help]) =>
      counter(name, help, ({ name: worker, counters }) => [
        { labels: { worker }, value: counters?.totals[counted] ?? 0 },
      ]),
    ),
    counter('usta_tls_handshakes_total', 'TLS handshakes that succeeded: full or resumed.', handshakes),
    counter('usta_tls_handshake_failures_total', 'TLS handshakes that failed, by cause.', (worker) =>
      isTls(worker)
        ? byKey(worker.name, 'cause', { known: FAILURES, counts: worker.counters?.handshakesFailed })
        : [],
    ),
    counter(
      'usta_connections_closed_total',
      'Connections that have ended, by manner.',
      ({ name, counters }) => byKey(name, 'how', { known: MANNERS, counts: counters?.closes }),
    ),
    counter('usta_bus_messages_sent_total', 'Messages to other processes.', ({ name, counters }) =>
      onBus(counters, { labels: { worker: name }, value: counters?.totals.busSent ?? 0 }),
    ),
    counter('usta_bus_messages_received_total', 'Messages of other processes.', ({ name, counters }) =>
      onBus(counters, { labels: { worker: name }, value: counters?.totals.busReceived ?? 0 }),
    ),
    counter(
      'usta_bus_messages_lost_total',
      'Messages between processes that were lost, by reason.',
      (worker) =>
        Object.entries(worker.counters?.busLost ?? {}).map(([reason, value]) => ({
          labels: { worker: worker.name, reason },
          value,
        })),
    ),
    counter(
      'usta_restarts_total',
      'Processes that ended unasked, by how they ended.',
      ({ name: worker, settings }) =>
        [...merged(settings.map(({ exits }) => exits))].map(([how, value]) => ({
          labels: { worker, how },
          value,
        })),
    ),
  ];
}

function onBus(counters: Counters | undefined, sample: Sample): Sample[] {
  return Object.keys(counters?.busLost ?? {}).length > 0 ? [sample] : [];
}

function handshakes(worker: MergedWorker): Sample[] {
  if (!isTls(worker)) return [];
  const { handshakesFull = 0, handshakesResumed = 0 } = worker.counters?.totals ?? {};
  return [
    { labels: { worker: worker.name, kind: 'full' }, value: handshakesFull },
    { labels: { worker: worker.name, kind: 'resumed' }, value: handshakesResumed },
  ];
}

/** It speaks TLS, or did before it was reloaded. */
function isTls({ settings, counters }: MergedWorker): boolean {
  const { handshakesFull = 0, handshakesResumed = 0 } = counters?.totals ?? {};
  const failed = Object.keys(counters?.handshakesFailed ?? {}).length;
  return (
    settings.some(({ transport }) => transport === 'ssl') || handshakesFull + handshakesResumed + failed > 0
  );
}

function byKey(
  worker: string,
  label: string,
  {
    known,
    counts = {},
  }: { readonly known: readonly string[]; readonly counts: Counters['closes'] | undefined },
): Sample[] {
  const keys = new Set([...known, ...Object.keys(counts)]);
  return [...keys].map((key) => ({ labels: { worker, [label]: key }, value: counts[key] ?? 0 }));
}

function merged(records: readonly Readonly<Record<string, number>>[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const record of records) {
    for (const [key, value] of Object.entries(record)) sums.set(key, (sums.get(key) ?? 0) + value);
  }
  return sums;
}
