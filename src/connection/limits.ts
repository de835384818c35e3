/** Limits that users set; times in seconds, sizes in bytes. Every default keeps memory and time bounded. */
export interface LimitOptions {
  /** Largest message or request body, in bytes. Default 1 MiB (HTTP bodies 10 MiB). */
  readonly maxPackageSize?: number;
  /** Send queue above which `onBufferFull` is called, in bytes. Default 1 MiB. */
  readonly maxSendBufferSize?: number;
  /** Send queue above which nothing more is accepted, in bytes. Default 8 MiB. */
  readonly maxQueued?: number;
  /**
   * Seconds that a send queue above `maxSendBufferSize` may stand still, with nothing taken by the peer,
   * before the connection closes with 1013. Default 10.
   */
  readonly stallTimeout?: number;
  /**
   * What happens to a message that a full send queue cannot take: `'close'` (the default) refuses it and
   * closes the connection with 1013, so that the stream never has a hole; `'drop'` only refuses it, at
   * `maxSendBufferSize` already, as Workerman does.
   */
  readonly overflow?: 'close' | 'drop';
  /** Bytes held in and out for all connections of this process. Default: a quarter of memory, by slots. */
  readonly maxBuffered?: number;
  /** Connections of this process; more wait to be accepted. Default: the descriptors limit less a tenth. */
  readonly maxConnections?: number;
  /** Connections from one address; more are closed at once. No limit by default. */
  readonly maxConnectionsPerIp?: number;
  /** Messages of one connection in a second; more close it with 1008. No limit by default. */
  readonly maxMessagesPerSecond?: number;
  /** Seconds for a TLS handshake. Default 10. */
  readonly handshakeTimeout?: number;
  /** Seconds for a request head, and for a WebSocket upgrade with your decision on it. Default 10. */
  readonly upgradeTimeout?: number;
  /**
   * Bytes per second that a request body must come with at least, measured over `upgradeTimeout` while somebody
   * waits for it; a slower one is answered 408. 0 takes any rate. Default 240.
   */
  readonly minBodyRate?: number;
  /** Seconds for the answer to a request to begin; then 503. 0, the default, waits for ever. */
  readonly answerTimeout?: number;
  /** Seconds that an HTTP connection may idle between two requests. Default 60. */
  readonly keepAliveTimeout?: number;
  /** Seconds between two pings of a WebSocket; 0 sends none. Default 25. */
  readonly pingInterval?: number;
  /** Seconds of silence after which a WebSocket peer, or one that takes nothing of a streamed answer, counts as dead; 0 never. Default 60. */
  readonly idleTimeout?: number;
  /** Seconds for a close handshake. Default 5. */
  readonly closeTimeout?: number;
  /** Seconds that a stop or a reload waits for connections to leave. Default 30. */
  readonly drainTimeout?: number;
  /** Inflated size to compressed size that is still accepted. No limit by default. */
  readonly maxInflateRatio?: number;
}

/** The same, complete; times in milliseconds. */
export interface Limits {
  readonly maxMessage: number;
  readonly maxBody: number;
  readonly softQueue: number;
  readonly hardQueue: number;
  readonly overflow: 'close' | 'drop';
  /** Reading waits while our own queue is above this, in bytes. */
  readonly readPauseQueue: number;
  /** A queue above the soft limit that has not moved for so long counts as stuck. */
  readonly stallMs: number;
  readonly handshakeMs: number;
  readonly upgradeMs: number;
  /** Bytes per second. */
  readonly minBodyRate: number;
  readonly answerMs: number;
  readonly keepAliveMs: number;
  readonly pingMs: number;
  readonly idleMs: number;
  readonly closeMs: number;
  readonly drainMs: number;
  /** What one connection may do in one turn of the loop before the others have theirs. */
  readonly turnMessages: number;
  readonly turnBytes: number;
  readonly messagesPerSecond: number;
  readonly connectionsPerIp: number;
}

const MIB = 1_048_576;

export function resolveLimits(options: LimitOptions): Limits {
  const seconds = (given: number | undefined, usual: number): number => (given ?? usual) * 1000;
  return {
    maxMessage: options.maxPackageSize ?? MIB,
    maxBody: options.maxPackageSize ?? 10 * MIB,
    softQueue: Math.min(options.maxSendBufferSize ?? MIB, options.maxQueued ?? Number.POSITIVE_INFINITY),
    hardQueue: options.maxQueued ?? Math.max(8 * MIB, options.maxSendBufferSize ?? 0),
    overflow: options.overflow ?? 'close',
    readPauseQueue: 65_536,
    stallMs: seconds(options.stallTimeout, 10),
    handshakeMs: seconds(options.handshakeTimeout, 10),
    upgradeMs: seconds(options.upgradeTimeout, 10),
    minBodyRate: options.minBodyRate ?? 240,
    answerMs: seconds(options.answerTimeout || Number.POSITIVE_INFINITY, 0),
    keepAliveMs: seconds(options.keepAliveTimeout, 60),
    pingMs: seconds(options.pingInterval, 25),
    idleMs: seconds(options.idleTimeout, 60),
    closeMs: seconds(options.closeTimeout, 5),
    drainMs: seconds(options.drainTimeout, 30),
    turnMessages: 1_000,
    turnBytes: 262_144,
    messagesPerSecond: options.maxMessagesPerSecond ?? Number.POSITIVE_INFINITY,
    connectionsPerIp: options.maxConnectionsPerIp ?? Number.POSITIVE_INFINITY,
  };
}
