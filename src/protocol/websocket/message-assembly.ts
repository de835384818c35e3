import { isUtf8 } from 'node:buffer';
import { BlockList } from '../../bytes/block-list.ts';
import { isAsciiSum } from '../../bytes/mask.ts';
import { Utf8Validator } from '../../bytes/utf8.ts';
import { WebSocketProtocolError } from '../../errors.ts';
import { CloseCode } from './close-code.ts';
import { END, inflate } from './permessage-deflate.ts';

export interface AssemblyOptions {
  readonly text: boolean;
  readonly compressed: boolean;
  /** Largest message, after inflating, in bytes. */
  readonly maxMessage: number;
  readonly maxInflateRatio?: number;
}

/**
 * A message that did not come in one piece: fragments and halves of frames, coalesced, so that a
 * fragment costs its bytes and nothing else. Memory is taken for what has come, not for what was
 * announced. Text is checked while it arrives.
 *
 * @see RFC 6455 §5.4 — Fragmentation, §8.1 — Handling of Errors in UTF-8-Encoded Data
 */
export class MessageAssembly {
  readonly #options: AssemblyOptions;
  readonly #validator: Utf8Validator | undefined;
  readonly #bytes = new BlockList();
  /** What `length` will be after the current frame. */
  #announced = 0;
  #ascii = true;

  constructor(options: AssemblyOptions) {
    this.#options = options;
    if (options.text && !options.compressed) this.#validator = new Utf8Validator();
  }

  get compressed(): boolean {
    return this.#options.compressed;
  }

  /** Bytes collected so far. */
  get length(): number {
    return this.#bytes.length;
  }

  /** Memory taken, in bytes. */
  get held(): number {
    return this.#bytes.held;
  }

  /** A frame of this message begins. @param length of its payload, in bytes. */
  expect(length: number): void {
    this.#announced = this.#bytes.length + length;
  }

  /**
   * @param sum the OR of the bytes, from unmasking.
   * @throws {WebSocketProtocolError} 1007 at the first byte that is not UTF-8.
   */
  append(bytes: Buffer, start: number, end: number, sum: number): void {
    this.#check(bytes, start, end, sum);
    this.#bytes.append(bytes, start, end, this.#announced + (this.compressed ? END.length : 0));
  }

  /** The message; the assembly is used up. @throws {WebSocketProtocolError} 1007 or 1009. */
  finish(): string | Buffer {
    try {
      return this.compressed ? this.#inflate() : this.#join();
    } finally {
      this.drop();
    }
  }

  /** Gives the memory back. */
  drop(): void {
    this.#bytes.drop();
  }

  #join(): string | Buffer {
    const bytes = this.#bytes.join();
    if (!this.#options.text) return this.#bytes.joinsInPlace ? Buffer.from(bytes) : bytes;
    if (!this.#validator?.complete) throw notUtf8();
    return bytes.toString(this.#ascii ? 'latin1' : 'utf8');
  }

  #check(bytes: Buffer, start: number, end: number, sum: number): void {
    if (!this.#validator) return;
    if (isAsciiSum(sum) && this.#validator.complete) return;
    this.#ascii = false;
    if (!this.#validator.push(bytes, start, end)) throw notUtf8();
  }

  #inflate(): string | Buffer {
    const { maxMessage, maxInflateRatio = Number.POSITIVE_INFINITY } = this.#options;
    const limit = Math.min(maxMessage, Math.ceil(maxInflateRatio * Math.max(this.length, 1)));
    this.#bytes.append(END, 0, END.length, 0);
    const bytes = inflate(this.#bytes.joinForNow(), limit);
    if (!this.#options.text) return bytes;
    if (!isUtf8(bytes)) throw notUtf8();
    return bytes.toString('utf8');
  }
}

export function notUtf8(): WebSocketProtocolError {
  return new WebSocketProtocolError(CloseCode.invalidPayload, 'text is not UTF-8 (RFC 6455 §8.1)');
}
