import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CounterMemory } from '../../../src/master/metrics/counter-memory.ts';
import { metricsText } from '../../../src/master/metrics/metrics-text.ts';
import { busyService, processOf, service, workerOf } from '../service-statuses.ts';
import { parseExposition, sampleOf } from './exposition-parser.ts';

describe('metricsText', () => {
  it('has everything that a service counts, in the format and by the conventions', () => {
    const families = parseExposition(metricsText(busyService()));
    assert.deepEqual(
      [...families.keys()],
      [
        ...['usta_build_info', 'usta_start_time_seconds', 'usta_state', 'usta_reloads_total'],
        ...[
          'usta_processes',
          'usta_processes_wanted',
          'usta_connections',
          'usta_queued_bytes',
          'usta_timers',
        ],
        ...['usta_resident_memory_bytes', 'usta_loop_lag_seconds', 'usta_certificate_remaining_seconds'],
        ...[
          'usta_connections_accepted_total',
          'usta_connections_refused_total',
          'usta_messages_received_total',
        ],
        ...[
          'usta_messages_sent_total',
          'usta_send_failures_total',
          'usta_messages_invalid_total',
          'usta_received_bytes_total',
        ],
        ...['usta_sent_bytes_total', 'usta_handler_failures_total', 'usta_tls_handshakes_total'],
        ...['usta_tls_handshake_failures_total', 'usta_connections_closed_total', 'usta_restarts_total'],
      ],
    );
    for (const [name] of families) assert.match(name, /^usta_[a-z_]+$/);
    for (const [, { help }] of families) assert.match(help, /^[A-Z].*\.$/);
  });

  it('merges the processes of a worker: sums, and the worst lag', () => {
    const processes = [
      processOf('chat', 0, {
        accepted: 7,
        connections: 3,
        memory: 1000,
        loopLag: 0.001,
        queuedBytes: 5,
        timers: 1,
      }),
      processOf('chat', 1, {
        accepted: 8,
        connections: 4,
        memory: 2000,
        loopLag: 0.25,
        queuedBytes: 6,
        timers: 2,
      }),
    ];
    const families = parseExposition(
      metricsText(service({ workers: [workerOf('chat', { count: 3 })], processes })),
    );
    const of = (name: string): number => sampleOf(families, name, 'worker="chat"');
    assert.equal(of('usta_connections_accepted_total'), 15);
    assert.equal(of('usta_connections'), 7);
    assert.equal(of('usta_resident_memory_bytes'), 3000);
    assert.equal(of('usta_loop_lag_seconds'), 0.25);
    assert.equal(of('usta_queued_bytes'), 11);
    assert.equal(of('usta_timers'), 3);
    assert.equal(of('usta_processes_wanted'), 3);
  });

  it('tells handshakes, failures, closes, restarts and states by their labels', () => {
    const families = parseExposition(metricsText(busyService()));
    const of = (name: string, labels: string): number =>
      sampleOf(families, `usta_${name}`, `worker="chat",${labels}`);
    assert.equal(of('tls_handshakes_total', 'kind="full"'), 300);
    assert.equal(of('tls_handshakes_total', 'kind="resumed"'), 100);
    assert.equal(of('tls_handshake_failures_total', 'cause="untrusted"'), 3);
    assert.equal(of('connections_closed_total', 'how="frame"'), 19_000);
    assert.equal(of('restarts_total', 'how="signal SIGKILL"'), 1);
    assert.equal(of('processes', 'state="busy"'), 1);
    assert.equal(sampleOf(families, 'usta_state', 'state="serving"'), 1);
    assert.equal(sampleOf(families, 'usta_state', 'state="stopping"'), 0);
    assert.equal(sampleOf(families, 'usta_certificate_remaining_seconds', 'worker="chat"'), 63 * 86_400);
    assert.equal(sampleOf(families, 'usta_start_time_seconds'), Date.UTC(2026, 10, 22, 6, 44, 2, 123) / 1000);
  });

  it('begins every cause and manner at 0, so that the first event is seen by a rate', () => {
    const workers = [workerOf('chat', { transport: 'ssl' })];
    const families = parseExposition(metricsText(service({ workers })));
    assert.equal(
      sampleOf(families, 'usta_tls_handshake_failures_total', 'worker="chat",cause="timed-out"'),
      0,
    );
    assert.equal(sampleOf(families, 'usta_connections_closed_total', 'worker="chat",how="deadline"'), 0);
    assert.equal(sampleOf(families, 'usta_tls_handshakes_total', 'worker="chat",kind="resumed"'), 0);
  });

  it('tells nothing of TLS where there is none', () => {
    const families = parseExposition(metricsText(service({ workers: [workerOf('api')] })));
    for (const name of families.keys()) assert.doesNotMatch(name, /tls|certificate/);
  });

  it('counts on when all processes have been replaced, with a memory', () => {
    const memory = new CounterMemory();
    const texts = [1, 2].map((pid) => {
      const status = service({
        workers: [workerOf('chat')],
        processes: [processOf('chat', 0, { pid, accepted: 10 })],
      });
      memory.see(status);
      return metricsText(status, memory.counters());
    });
    const accepted = texts.map((text) =>
      sampleOf(parseExposition(text), 'usta_connections_accepted_total', 'worker="chat"'),
    );
    assert.deepEqual(accepted, [10, 20]);
  });

  it('goes on telling what a worker had counted that is no longer there', () => {
    const memory = new CounterMemory();
    memory.see(service({ processes: [processOf('gone', 0, { accepted: 10 })] }));
    const families = parseExposition(
      metricsText(service({ workers: [workerOf('chat')] }), memory.counters()),
    );
    assert.equal(sampleOf(families, 'usta_connections_accepted_total', 'worker="gone"'), 10);
    assert.equal(families.get('usta_processes_wanted')?.series.has('worker="gone"'), false);
  });

  it('takes workers of one name as one: a series must not come twice', () => {
    const workers = [
      workerOf('none', { transport: 'ssl', certificateDaysLeft: 30, exits: { 'exit 1': 1 } }),
      workerOf('none', { transport: 'ssl', certificateDaysLeft: 5, exits: { 'exit 1': 2 }, count: 4 }),
    ];
    const families = parseExposition(metricsText(service({ workers })));
    assert.equal(sampleOf(families, 'usta_certificate_remaining_seconds', 'worker="none"'), 5 * 86_400);
    assert.equal(sampleOf(families, 'usta_restarts_total', 'worker="none",how="exit 1"'), 3);
    assert.equal(sampleOf(families, 'usta_processes_wanted', 'worker="none"'), 5);
  });

  it('can be read whatever a worker is called', () => {
    const name = 'a"b\\c\n# TYPE x counter\n{}';
    const families = parseExposition(metricsText(service({ workers: [workerOf(name)] })));
    assert.equal(
      sampleOf(families, 'usta_processes_wanted', 'worker="a\\"b\\\\c\\n# TYPE x counter\\n{}"'),
      1,
    );
  });
});
