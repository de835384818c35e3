import type {
  ConnectionStatus,
  ProcessStatus,
  ServiceStatus,
  WorkerStatus,
} from '../../src/master/service-status.ts';
import type { ProcessReport } from '../../src/worker/report.ts';

/** A report of a process that has done nothing, but for what is given. */
export function report(given: Partial<ProcessReport> = {}): ProcessReport {
  return {
    ...{ pid: 101, uptime: 60, memory: 52_428_800, loopLag: 0.0004, connections: 0, accepted: 0, refused: 0 },
    ...{
      messagesReceived: 0,
      messagesSent: 0,
      sendFailures: 0,
      invalidMessages: 0,
      bytesRead: 0,
      bytesWritten: 0,
    },
    ...{ queuedBytes: 0, timers: 0, handshakes: { full: 0, resumed: 0, failed: {} }, closes: {} },
    ...{ handlerFailures: 0, ...given },
  };
}

/** A process that has answered. */
export function processOf(worker: string, id: number, given: Partial<ProcessReport> = {}): ProcessStatus {
  const { pid = 101 + id } = given;
  return { worker, id, pid, generation: 0, state: 'idle', report: report({ ...given, pid }) };
}

/** A process that has not. */
export function silent(
  worker: string,
  id: number,
  state: ProcessStatus['state'],
  pid: number,
): ProcessStatus {
  return { worker, id, pid, generation: 0, state };
}

export function workerOf(name: string, given: Partial<WorkerStatus> = {}): WorkerStatus {
  return {
    ...{ name, listen: 'websocket://0.0.0.0:8282', transport: 'tcp', protocol: 'websocket' },
    ...{ user: 'www-data', count: 1, exits: {}, ...given },
  };
}

export function service(given: Partial<ServiceStatus> = {}): ServiceStatus {
  return {
    ...{ version: 1, usta: '0.1.0', node: 'v20.20.2', system: 'linux 6.1.0', script: '/srv/chat/server.ts' },
    ...{ pid: 100, daemon: false, state: 'serving', startedAt: '2026-11-22T06:44:02.123Z', uptime: 187 },
    ...{ loadAverage: [3.77, 3.42, 1.7], generation: 0, workers: [], processes: [], ...given },
  };
}

/** Two workers: one with TLS and everything that can be counted, one that is in trouble. */
export function busyService(): ServiceStatus {
  const chat = { full: 300, resumed: 100, failed: { untrusted: 3 } };
  return service({
    ...{ daemon: true, generation: 1 },
    workers: [
      workerOf('chat', {
        transport: 'ssl',
        count: 2,
        certificateDaysLeft: 63,
        exits: { 'signal SIGKILL': 1, 'exit 1': 2 },
      }),
      workerOf('api', { listen: 'http://127.0.0.1:8080', protocol: 'http', user: 'root', count: 2 }),
    ],
    processes: [
      processOf('chat', 0, {
        ...{
          pid: 4101,
          memory: 88_500_000,
          connections: 1204,
          accepted: 20_311,
          refused: 3,
          loopLag: 0.0023,
        },
        ...{
          messagesReceived: 912_345,
          messagesSent: 5_000_000,
          timers: 2,
          queuedBytes: 18_432,
          handshakes: chat,
        },
        ...{ bytesRead: 1000, bytesWritten: 2000, closes: { frame: 19_000, reset: 107 }, sendFailures: 1 },
      }),
      silent('chat', 1, 'busy', 4102),
      processOf('api', 0, { pid: 4103, connections: 12, accepted: 40, messagesReceived: 800, loopLag: 0.25 }),
      silent('api', 1, 'backing-off', 0),
    ],
  });
}

/** As many processes as one may have, with large numbers. */
export function largeService(): ServiceStatus {
  return service({
    workers: [
      workerOf('gateway', {
        count: 64,
        transport: 'ssl',
        listen: 'websocket://[2001:db8:85a3::8a2e:370:7334]:8282',
      }),
    ],
    processes: Array.from({ length: 64 }, (_, id) =>
      processOf('gateway', id, {
        ...{
          pid: 4_190_000 + id,
          memory: 1_500_000_000,
          connections: 65_000,
          accepted: 12_345_678,
          refused: 1234,
        },
        ...{
          messagesReceived: 1_234_567_890,
          timers: 65_000,
          queuedBytes: 8_000_000,
          sendFailures: 99,
          loopLag: 0.0123,
        },
        ...{ handshakes: { full: 1, resumed: 999, failed: {} } },
      }),
    ),
  });
}

export function connectionOf(given: Partial<ConnectionStatus> = {}): ConnectionStatus {
  return {
    ...{ pid: 4101, worker: 'chat', id: 1, transport: 'ssl', protocol: 'websocket', ipVersion: 4 },
    ...{ receiveQueue: 0, sendQueue: 0, bytesRead: 226, bytesWritten: 155, status: 'established' },
    ...{ local: '127.0.0.1:8290', remote: '127.0.0.1:34154', ...given },
  };
}
