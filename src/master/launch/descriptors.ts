import { connectionsWithin, descriptorLimit } from '../../worker/premises.ts';
import type { BaseWorker } from '../../worker/worker.ts';

/** What Linux lets one process have at most, unless fs.nr_open says otherwise. */
const MOST = 1_048_576;

/**
 * Says when a worker asks for more connections than a process may open descriptors, and how to mend it.
 *
 * @param limit descriptors of one process; by default what this one may open.
 */
export function descriptorAdvice(
  workers: readonly BaseWorker[],
  limit: number = descriptorLimit(),
): string | undefined {
  const asked = Math.max(0, ...workers.map(({ options: { maxConnections = 0 } }) => maxConnections));
  if (!Number.isFinite(asked) || asked <= connectionsWithin(limit)) return undefined;
  const needed = Math.max(Math.ceil((asked * 10) / 9) + 1, asked + limit - connectionsWithin(limit));
  const beyond = needed > MOST ? ` (and sysctl fs.nr_open=${needed})` : '';
  return (
    `maxConnections is ${asked}, but a process may open only ${limit} descriptors: ` +
    `ulimit -n ${needed}${beyond} as root before the start, or LimitNOFILE=${needed} in the systemd unit`
  );
}
