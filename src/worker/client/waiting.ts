/** A message counts at least so many bytes, so that the number of empty ones is limited too. */
const LEAST = 64;

/** Messages that wait for the connection, in order; below a limit, each is taken whole. */
export class Waiting {
  #messages: (readonly [message: unknown, raw: boolean])[] = [];
  #bytes = 0;
  /** What counts against the limit. */
  #cost = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** @returns false when it was refused: what waits has reached the limit. */
  add(message: unknown, raw: boolean, limit: number): boolean {
    if (this.#cost >= limit) return false;
    // Who sends bytes may use their memory again.
    this.#messages.push([message instanceof Uint8Array ? Buffer.from(message) : message, raw]);
    const size = sizeOf(message);
    this.#bytes += size;
    this.#cost += Math.max(LEAST, size);
    return true;
  }

  /** Takes all that waits. */
  take(): readonly (readonly [message: unknown, raw: boolean])[] {
    const messages = this.#messages;
    this.#messages = [];
    this.#bytes = this.#cost = 0;
    return messages;
  }
}

/** What a message of a protocol of one's own will take is not known yet. */
function sizeOf(message: unknown): number {
  if (typeof message === 'string') return Buffer.byteLength(message);
  return message instanceof Uint8Array ? message.length : 0;
}
