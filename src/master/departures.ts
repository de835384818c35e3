import { resolveLimits } from '../connection/limits.ts';
import type { Departure } from '../worker/departure.ts';
import type { BaseWorker } from '../worker/worker.ts';
import type { Seat } from './seat.ts';

/** WebSockets told to come back in a second, of all processes together. */
const RELOAD_RATE = 1_000;
/** Seconds that clients may stay by themselves when asked gracefully. */
const GRACEFUL = 120;
/** Beyond what a process may take to drain, before it is killed. */
const GRACE_MS = 2_000;

export interface Wish {
  readonly code: 1001 | 1012;
  readonly graceful?: boolean | undefined;
  /** Processes that leave at the same time and share the rate. */
  readonly among?: number;
}

/** How the processes of a worker leave: at once when the service stops, with care when others take their place. */
export function departureOf({ options }: BaseWorker, { code, graceful = false, among = 1 }: Wish): Departure {
  const patience = graceful ? { patience: options.gracefulTimeout ?? GRACEFUL } : {};
  if (code === 1001) return { code, ...patience };
  return { code, lingering: true, rate: (options.reloadRate ?? RELOAD_RATE) / among, ...patience };
}

/** The longest that these may take to leave by themselves, in milliseconds. */
export function patienceMs(seats: readonly Seat[], graceful: boolean): number {
  const spans = seats.map(({ worker: { options }, leaving }) => {
    const connections = leaving.reduce((sum, { connectionsLeft = 0 }) => sum + connectionsLeft, 0);
    const telling = (connections / (options.reloadRate ?? RELOAD_RATE)) * seats.length * 1000;
    const waiting = graceful ? (options.gracefulTimeout ?? GRACEFUL) * 1000 : 0;
    return resolveLimits(options).drainMs + waiting + telling;
  });
  return Math.max(0, ...spans) + GRACE_MS;
}
