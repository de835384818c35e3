import { Tally } from '../../connection/tally.ts';
import type { TcpConnection } from '../../connection/tcp-connection.ts';
import { Watch } from '../../connection/watch.ts';
import { joinPremises } from '../premises.ts';

const open = new Set<TcpConnection>();
const watches = new Map<number, Watch>();
let leavePremises: (() => void) | undefined;

/** What the clients of this process have done. */
export const clientTally: Tally = new Tally();

/** The connections that this process has opened, or is opening. */
export function openClients(): ReadonlySet<TcpConnection> {
  return open;
}

/** What clients hold counts among what the process may hold; how much that is, its workers say. */
export function clientOpens(connection: TcpConnection): void {
  const { POSITIVE_INFINITY: anything } = Number;
  leavePremises ??= joinPremises({ maxBuffered: anything, maxConnections: anything }, 1, () => open);
  open.add(connection);
}

export function clientLeaves(connection: TcpConnection): void {
  if (!open.delete(connection) || open.size > 0) return;
  leavePremises?.();
  leavePremises = undefined;
  for (const watch of watches.values()) watch.stop();
  watches.clear();
}

/** One for all clients whose shortest span is about the same, in milliseconds. */
export function watchFor(shortestMs: number): Watch {
  const period = 2 ** Math.floor(Math.log2(Math.max(1, shortestMs)));
  const watch = watches.get(period) ?? new Watch(period);
  watches.set(period, watch);
  return watch;
}
