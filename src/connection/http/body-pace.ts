/** Holds the body of a request against the least rate at which it may come, over and over for a while. */
export class BodyPace {
  #since: number;
  #bytes: number;

  /** @param time in milliseconds. @param bytes that the connection has read until then. */
  constructor(time: number, bytes: number) {
    this.#since = time;
    this.#bytes = bytes;
  }

  /**
   * @param rate bytes per second. @param whileMs how long it is measured before it counts.
   * @returns false when the body is too slow.
   */
  isKept(time: number, bytes: number, rate: number, whileMs: number): boolean {
    const elapsed = time - this.#since;
    if (elapsed < whileMs) return true;
    const kept = (bytes - this.#bytes) * 1000 >= rate * elapsed;
    this.#since = time;
    this.#bytes = bytes;
    return kept;
  }
}
