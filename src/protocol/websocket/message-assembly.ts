import { isUtf8 } from 'node:buffer';
import { isAsciiSum } from '../../bytes/mask.ts';
import { Utf8Validator } from '../../bytes/utf8.ts';
import { WebSocketProtocolError } from '../../errors.ts';
import { CloseCode } from './close-code.ts';
import { inflate, TAIL } from './permessage-deflate.ts';

/** Memory up to this size is taken at once for a frame that announced it; more only as bytes arrive. */
const TRUSTED = 16_640;

export interface AssemblyOptions {
  readonly text: boolean;
  readonly compressed: boolean;
  /** Largest message, after inflating, in bytes. */
  readonly maxMessage: number;
  readonly maxInflateRatio?: number;
}

/**
 * A message that did not come in one piece: fragments and halves of frames, coalesced in one growing
 * buffer, so that a fragment costs its bytes and nothing else. Text is checked while it arrives.
 *
 * @see RFC 6455 §5.4 — Fragmentation, §8.1 — Handling of Errors in UTF-8-Encoded Data
 */
export class MessageAssembly {
  readonly #options: AssemblyOptions;
  readonly #validator: Utf8Validator | undefined;
  #bytes = Buffer.alloc(0);
  #length = 0;
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
    return this.#length;
  }

  /** Memory taken, in bytes. */
  get held(): number {
    return this.#bytes.length;
  }

  /**
   * @param sum the OR of the bytes, from unmasking.
   * @param announced bytes of this frame that are still to come.
   * @throws {WebSocketProtocolError} 1007 at the first byte that is not UTF-8.
   */
  append(bytes: Buffer, start: number, end: number, sum: number, announced: number): void {
    this.#check(bytes, start, end, sum);
    this.#room(end - start, announced);
    bytes.copy(this.#bytes, this.#length, start, end);
    this.#length += end - start;
  }

  /** @throws {WebSocketProtocolError} 1007 or 1009. */
  finish(): string | Buffer {
    if (this.#options.compressed) return this.#inflate();
    const bytes = this.#bytes.subarray(0, this.#length);
    if (!this.#options.text) return bytes;
    if (!this.#validator?.complete) throw notUtf8();
    return bytes.toString(this.#ascii ? 'latin1' : 'utf8');
  }

  #check(bytes: Buffer, start: number, end: number, sum: number): void {
    if (!this.#validator) return;
    if (isAsciiSum(sum) && this.#validator.complete) return;
    this.#ascii = false;
    if (!this.#validator.push(bytes, start, end)) throw notUtf8();
  }

  #room(size: number, announced: number): void {
    const needed = this.#length + size + TAIL.length;
    if (needed <= this.#bytes.length) return;
    const all = needed + announced;
    const larger = Buffer.allocUnsafeSlow(all <= TRUSTED ? all : Math.min(all, Math.max(needed * 2, TRUSTED)));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }

  #inflate(): string | Buffer {
    this.#room(0, 0);
    TAIL.copy(this.#bytes, this.#length);
    const { maxMessage, maxInflateRatio = Number.POSITIVE_INFINITY } = this.#options;
    const limit = Math.min(maxMessage, Math.ceil(maxInflateRatio * Math.max(this.#length, 1)));
    const bytes = inflate(this.#bytes.subarray(0, this.#length + TAIL.length), limit);
    if (!this.#options.text) return bytes;
    if (!isUtf8(bytes)) throw notUtf8();
    return bytes.toString('utf8');
  }
}

export function notUtf8(): WebSocketProtocolError {
  return new WebSocketProtocolError(CloseCode.invalidPayload, 'text is not UTF-8 (RFC 6455 §8.1)');
}
