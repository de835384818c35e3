import { type Source, sourceOf } from './source.ts';

const NOTHING = sourceOf(Buffer.alloc(0));

/**
 * Received bytes that a codec has not read yet: `[position, end)` of `bytes`.
 *
 * Bytes arrive on loan and are read where they lie; `retain()` ends the loan by copying only what is
 * left. Appending to a retained rest grows it by doubling, so a slow sender costs O(n); what has been
 * read does not stay in memory for the sake of a few bytes behind it.
 */
export class Inbox implements Source {
  bytes: Buffer = NOTHING.bytes;
  view: DataView = NOTHING.view;
  position = 0;
  end = 0;
  #owned = false;

  get length(): number {
    return this.end - this.position;
  }

  /** Memory held between two reads, in bytes. */
  get held(): number {
    return this.#owned ? this.bytes.length : 0;
  }

  /** Borrows `[start, end)` of `source` until `retain()`. */
  push(source: Source, start: number, end: number): void {
    if (this.position < this.end) {
      this.#append(source.bytes, start, end);
    } else {
      this.#own(source, false);
      this.position = start;
      this.end = end;
    }
  }

  /** Ends the loan. What is unread is kept in a copy; with nothing unread, no memory is held. */
  retain(): void {
    if (this.position === this.end) {
      if (this.bytes !== NOTHING.bytes) this.#clear();
    } else if (!this.#owned || this.length * 4 < this.bytes.length) {
      this.#adopt(Buffer.from(this.bytes.subarray(this.position, this.end)), this.end - this.position);
    }
  }

  /** Takes what is unread, as bytes of its own. */
  take(): Buffer {
    const rest = Buffer.from(this.bytes.subarray(this.position, this.end));
    this.#clear();
    return rest;
  }

  #append(bytes: Buffer, start: number, end: number): void {
    const unread = this.end - this.position;
    const needed = unread + end - start;
    if (!this.#owned || this.position + needed > this.bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, unread * 2, Math.min(needed * 2, 65_536)));
      this.bytes.copy(larger, 0, this.position, this.end);
      this.#adopt(larger, unread);
    }
    bytes.copy(this.bytes, this.end, start, end);
    this.end += end - start;
  }

  #adopt(bytes: Buffer, end: number): void {
    this.#own(sourceOf(bytes), true);
    this.position = 0;
    this.end = end;
  }

  #clear(): void {
    this.#own(NOTHING, false);
    this.position = this.end = 0;
  }

  #own(source: Source, owned: boolean): void {
    this.bytes = source.bytes;
    this.view = source.view;
    this.#owned = owned;
  }
}
