/** A child that lived so long was healthy. */
const HEALTHY_MS = 5_000;

export function wasHealthy(livedMs: number): boolean {
  return livedMs >= HEALTHY_MS;
}

/**
 * Another is started at once after a healthy life; else after 100 ms to 10 s, so that a mistake in the
 * user's code cannot spin the machine.
 *
 * @param young how many in a row did not live that long, in this place.
 * @returns milliseconds to wait.
 */
export function restartDelay(young: number): number {
  return young === 0 ? 0 : Math.min(10_000, 100 * 2 ** (young - 1));
}
