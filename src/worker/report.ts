/**
 * What one process has done and holds. Plain data: it travels to the master, into `status` and the metrics.
 * Times are seconds, sizes bytes; counters begin at 0 with the process and only grow.
 */
export interface ProcessReport {
  readonly pid: number;
  /** Since it was started. */
  readonly uptime: number;
  /** Resident set size. */
  readonly memory: number;
  /** How much later than due the loop came to its timers, at worst, since the last report. */
  readonly loopLag: number;
  /** Open now, those still negotiating TLS included. */
  readonly connections: number;
  readonly accepted: number;
  /** Turned away: upgrades answered with an error, and connections over a limit. */
  readonly refused: number;
  /** Messages and requests that have come. */
  readonly messagesReceived: number;
  /** Messages and answers that were accepted by `send`. */
  readonly messagesSent: number;
  /** Messages that `send` has refused. */
  readonly sendFailures: number;
  /** Messages that did not fit their schema. */
  readonly invalidMessages: number;
  /** Of connections that have ended, and of those that are open. */
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Held now for all peers, in and out. */
  readonly queuedBytes: number;
  readonly timers: number;
  readonly handshakes: {
    readonly full: number;
    readonly resumed: number;
    /** By cause: `untrusted`, `timed-out`, … */
    readonly failed: Readonly<Record<string, number>>;
  };
  /** Connections that have ended, by `CloseCause.how`: `frame`, `fin`, `reset`, `deadline`, … */
  readonly closes: Readonly<Record<string, number>>;
  readonly handlerFailures: number;
  /** What it does on the bus of its cluster; absent while it is on none. */
  readonly bus?: BusReport;
}

/** Messages between processes. */
export interface BusReport {
  /** Processes of the cluster, this one included. */
  readonly members: number;
  /** That this process holds for the cluster. */
  readonly clients: number;
  readonly sent: number;
  readonly received: number;
  /** By reason: `gap`, `slow`, `cut`, `unhandled`. */
  readonly lost: Readonly<Record<string, number>>;
}

/** One open connection, as `connections` shows it. */
export interface ConnectionReport {
  readonly id: number;
  readonly transport: 'tcp' | 'ssl' | 'unix';
  /** What it speaks now: `http`, `websocket`, `tcp`. */
  readonly protocol: string;
  /** 4 or 6; 0 for a Unix socket and where the address is not known. */
  readonly ipVersion: 0 | 4 | 6;
  /** Bytes received and not handled yet. */
  readonly receiveQueue: number;
  /** Bytes accepted by `send` and not gone. */
  readonly sendQueue: number;
  readonly bytesRead: number;
  readonly bytesWritten: number;
  readonly status: 'established' | 'closing';
  readonly local: string;
  readonly remote: string;
}
