import process from 'node:process';
import { Status } from '../connection/conversation.ts';
import type { TcpConnection } from '../connection/tcp-connection.ts';
import { subscribe } from '../telemetry.ts';
import { every, now, timerCount } from '../timer.ts';
import { formatAddress } from '../transport/address.ts';
import { clientTally, openClients } from './client/open-clients.ts';
import { premises } from './premises.ts';
import type { BusReport, ConnectionReport, ProcessReport } from './report.ts';
import { allWorkers } from './worker.ts';

/** How often the loop is asked whether it is late. */
const BEAT_MS = 200;

/** Knows what this process has done and holds: counts what the house says about itself. */
export class Reporter {
  #refused = 0;
  #handlerFailures = 0;
  #full = 0;
  #resumed = 0;
  readonly #failed: Record<string, number> = {};
  #lagMs = 0;
  #beatAt = now();

  constructor() {
    subscribe('usta:upgrade:refused', () => this.#refused++);
    subscribe('usta:connection:failed', () => this.#refused++);
    subscribe('usta:handler:failed', () => this.#handlerFailures++);
    subscribe('usta:tls:opened', ({ resumed }) => (resumed ? this.#resumed++ : this.#full++));
    subscribe('usta:tls:failed', ({ cause }) => {
      this.#failed[cause] = (this.#failed[cause] ?? 0) + 1;
    });
    every(BEAT_MS, () => this.#beat());
  }

  /** The worst lag since the last report, and everything else as it is now. */
  report(): ProcessReport {
    const tallies = [...allWorkers().map(({ tally }) => tally), clientTally];
    const open = openConnections();
    return {
      pid: process.pid,
      uptime: process.uptime(),
      memory: process.memoryUsage.rss(),
      loopLag: this.#takeLag(),
      connections: premises.connections + openClients().size,
      accepted: premises.accepted,
      refused: this.#refused,
      messagesReceived: sum(tallies, ({ messagesReceived }) => messagesReceived),
      messagesSent: sum(tallies, ({ messagesSent }) => messagesSent),
      sendFailures: sum(tallies, ({ sendFailures }) => sendFailures),
      invalidMessages: sum(tallies, ({ invalidMessages }) => invalidMessages),
      bytesRead: sum([...tallies, ...open], ({ bytesRead }) => bytesRead),
      bytesWritten: sum([...tallies, ...open], ({ bytesWritten }) => bytesWritten),
      queuedBytes: premises.budget.held,
      timers: timerCount(),
      handshakes: { full: this.#full, resumed: this.#resumed, failed: { ...this.#failed } },
      closes: merged(tallies.map(({ closes }) => closes)),
      handlerFailures: this.#handlerFailures,
      ...(busReport ? { bus: busReport() } : {}),
    };
  }

  #takeLag(): number {
    this.#beat();
    const seconds = this.#lagMs / 1000;
    this.#lagMs = 0;
    return seconds;
  }

  #beat(): void {
    const time = now();
    this.#lagMs = Math.max(this.#lagMs, time - this.#beatAt - BEAT_MS);
    this.#beatAt = time;
  }
}

let busReport: (() => BusReport) | undefined;

/** From now on the bus is reported on. */
export function reportBus(report: () => BusReport): void {
  busReport = report;
}

/** The open connections of this process, to it and from it. */
export function connectionReports(): ConnectionReport[] {
  return openConnections().map((connection) => {
    const { wire, remote } = connection;
    return {
      id: connection.id,
      transport: wire.local.kind === 'unix' ? 'unix' : wire.secure ? 'ssl' : 'tcp',
      protocol: connection.stage.name,
      ipVersion: connection.isIpV4 ? 4 : connection.isIpV6 ? 6 : 0,
      receiveQueue: connection.codec.heldBytes,
      sendQueue: wire.bufferedBytes,
      bytesRead: connection.bytesRead,
      bytesWritten: connection.bytesWritten,
      status: connection.isOpen ? 'established' : 'closing',
      local: formatAddress(wire.local),
      remote: formatAddress(remote),
    };
  });
}

function openConnections(): TcpConnection[] {
  const accepted = allWorkers().flatMap(({ connections }) => [...connections.values()]);
  return [...accepted, ...[...openClients()].filter((client) => client.getStatus() >= Status.established)];
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}

function merged(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const one of all) for (const [key, count] of Object.entries(one)) sums[key] = (sums[key] ?? 0) + count;
  return sums;
}
