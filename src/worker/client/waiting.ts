/** Messages that wait for the connection, in order; below a limit, each is taken whole. */
export class Waiting {
  #messages: (readonly [message: unknown, raw: boolean])[] = [];
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** @returns false when it was refused: what waits has reached the limit. */
  add(message: unknown, raw: boolean, limit: number): boolean {
    if (this.#bytes >= limit) return false;
    // Who sends bytes may use their memory again.
    this.#messages.push([message instanceof Uint8Array ? Buffer.from(message) : message, raw]);
    this.#bytes += sizeOf(message);
    return true;
  }

  /** Takes all that waits. */
  take(): readonly (readonly [message: unknown, raw: boolean])[] {
    const messages = this.#messages;
    this.#messages = [];
    this.#bytes = 0;
    return messages;
  }
}

/** A message of a protocol of one's own counts a little, so that their number is limited too. */
function sizeOf(message: unknown): number {
  if (typeof message === 'string') return Buffer.byteLength(message);
  return message instanceof Uint8Array ? message.length : 64;
}
