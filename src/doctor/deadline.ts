import { after, now } from '../timer.ts';

/** Gives each step its time, and all steps together theirs. */
export class Deadline {
  readonly #stepMs: number;
  readonly #end: number;

  /**
   * @param stepMs most that one step waits for the network.
   * @param wholeMs most that all steps wait together.
   */
  constructor(stepMs: number, wholeMs: number) {
    this.#stepMs = stepMs;
    this.#end = now() + wholeMs;
  }

  /** Milliseconds that a step may take if it begins now. */
  step(most: number = this.#stepMs): number {
    return Math.max(0, Math.min(most, this.#end - now()));
  }
}

/**
 * The value, or `late` when it has not come in time; whoever is late is not waited for. What had arrived
 * while this process was busy counts as in time.
 *
 * @param milliseconds how long to wait.
 */
export async function within<T, L>(milliseconds: number, value: Promise<T>, late: L): Promise<T | L> {
  let stop = (): void => undefined;
  const alarm = new Promise<L>((resolve) => {
    stop = after(milliseconds, () => setImmediate(resolve, late), true);
  });
  try {
    return await Promise.race([value, alarm]);
  } finally {
    stop();
  }
}
