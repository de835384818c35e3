import { LoadFailure } from './failure.ts';
import { sleep } from './report.ts';

/** How long a server may bring nothing at all of what it still owes, in milliseconds. */
const PATIENCE_MS = 1_000;

/**
 * Waits until nothing is owed any more.
 *
 * @param owed how many replies are still to come.
 * @param what they are called in the failure.
 * @throws {LoadFailure} when none comes for a while.
 */
export async function settle(owed: () => number, what: string): Promise<void> {
  let before = owed();
  let since = performance.now();
  for (let now = before; now > 0; now = owed()) {
    if (now !== before) [before, since] = [now, performance.now()];
    if (performance.now() - since > PATIENCE_MS) throw new LoadFailure(`${now} ${what} are missing`);
    await sleep(0.005);
  }
}
