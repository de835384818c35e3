import type { Limits } from '../connection/limits.ts';

/** How long a proxy in front of a worker waits, in milliseconds. */
export interface ProxyTimeouts {
  /** Between two pings of the worker. */
  readonly pingMs: number;
  /** Silence of the client or of the worker after which a WebSocket is cut. */
  readonly silenceMs: number;
  readonly connectMs: number;
  /** For a whole request head. */
  readonly headMs: number;
  /** Idle connections of clients, between two requests. */
  readonly keepAliveMs: number;
  /** Idle connections to the worker: given up before the worker closes them, so that no request meets a closing one. */
  readonly upstreamKeepAliveMs: number;
}

/**
 * The proxy's deadlines that go with a worker's. The worker pings and finds dead clients by itself; the proxy cuts
 * a connection only one ping later, which then means that the worker is gone.
 */
export function timeoutsFor(limits: Limits): ProxyTimeouts {
  const { pingMs, idleMs, keepAliveMs, upgradeMs } = limits;
  return {
    pingMs,
    silenceMs: idleMs + pingMs,
    connectMs: 5_000,
    headMs: upgradeMs,
    keepAliveMs,
    upstreamKeepAliveMs: keepAliveMs - Math.min(5_000, keepAliveMs / 4),
  };
}

/** In whole seconds, rounded up, for grammars that know nothing smaller. */
export function seconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}

/** `85s`, or `4250ms` where seconds would not be exact. */
export function duration(milliseconds: number): string {
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${Math.ceil(milliseconds)}ms`;
}
