import type { Inbox } from '../../bytes/inbox.ts';

const EMPTY: Buffer = Buffer.alloc(0);

/** A body that grows with what was received, never with what was announced: at most twice as large. */
export class BodyBuffer {
  readonly #ceiling: number;
  #bytes: Buffer = EMPTY;
  #length = 0;

  /** @param ceiling bytes that will never be exceeded. */
  constructor(ceiling: number) {
    this.#ceiling = ceiling;
  }

  get length(): number {
    return this.#length;
  }

  /** Memory held, in bytes. */
  get held(): number {
    return this.#bytes.length;
  }

  /** Moves up to `most` bytes here. @returns how many. */
  takeFrom(inbox: Inbox, most: number): number {
    const count = Math.min(inbox.length, most);
    if (this.#bytes.length === 0) this.#begin(Math.min(inbox.length, this.#ceiling));
    this.#reserve(this.#length + count);
    inbox.bytes.copy(this.#bytes, this.#length, inbox.position, inbox.position + count);
    inbox.position += count;
    this.#length += count;
    return count;
  }

  /** What was collected, still in this memory. */
  written(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** What was collected since the last time; it belongs to who took it. */
  take(): Buffer {
    const taken = this.written();
    this.#bytes = EMPTY;
    this.#length = 0;
    return taken;
  }

  /** @param size no more than this comes with what is there now, in bytes. */
  #begin(size: number): void {
    if (size > 0) this.#bytes = Buffer.allocUnsafe(size);
  }

  #reserve(needed: number): void {
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, Math.min(needed * 2, this.#ceiling)));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
