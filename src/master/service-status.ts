import type { ConnectionReport, ProcessReport } from '../worker/report.ts';

/**
 * A service at this moment, as the master tells it: the shape of `usta status --json`. A field may be added
 * under the same `version`; one that changes its meaning or goes makes it a new one.
 */
export interface ServiceStatus {
  readonly version: 1;
  /** Of this package and of Node. */
  readonly usta: string;
  readonly node: string;
  /** `linux 6.1.0`. */
  readonly system: string;
  /** The script, its real path. */
  readonly script: string;
  /** Of the master. */
  readonly pid: number;
  readonly daemon: boolean;
  readonly state: 'starting' | 'serving' | 'reloading' | 'stopping';
  /** ISO 8601. */
  readonly startedAt: string;
  /** Seconds. */
  readonly uptime: number;
  readonly loadAverage: readonly [number, number, number];
  /** How many reloads there were. */
  readonly generation: number;
  readonly workers: readonly WorkerStatus[];
  readonly processes: readonly ProcessStatus[];
}

export interface WorkerStatus {
  readonly name: string;
  /** As it was written, with the real port: `websocket://0.0.0.0:8282`; `''` without an address. */
  readonly listen: string;
  /** `tcp`, `ssl`, `unix`. */
  readonly transport: string;
  /** `websocket`, `http`, `tcp`. */
  readonly protocol: string;
  /** Whom its processes become; the user of the master otherwise. */
  readonly user: string;
  /** Processes that it should have. */
  readonly count: number;
  /** How its processes have ended, unasked: `exit 1`, `signal SIGKILL`, with how many times. */
  readonly exits: Readonly<Record<string, number>>;
  /** Of its certificate; absent without TLS. */
  readonly certificateDaysLeft?: number;
}

export interface ProcessStatus {
  readonly worker: string;
  /** 0 to `count - 1`, the same for whoever takes the place. */
  readonly id: number;
  readonly pid: number;
  /** Which reload it belongs to. */
  readonly generation: number;
  /** `busy`: it has not answered within a second. `backing-off`: it dies young and waits to be started. */
  readonly state: 'starting' | 'idle' | 'busy' | 'draining' | 'backing-off';
  /** Absent when it has not answered. */
  readonly report?: ProcessReport;
}

/** One connection of one process: the shape of `usta connections --json`. */
export interface ConnectionStatus extends ConnectionReport {
  readonly pid: number;
  readonly worker: string;
}
