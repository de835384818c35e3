import { isUtf8 } from 'node:buffer';
import { isAsciiSum } from '../../bytes/mask.ts';
import { Utf8Validator } from '../../bytes/utf8.ts';
import { WebSocketProtocolError } from '../../errors.ts';
import { CloseCode } from './close-code.ts';
import { END, inflate, maxDeflated } from './permessage-deflate.ts';

const NOTHING: Buffer = Buffer.alloc(0);

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
  #bytes: Buffer = NOTHING;
  #length = 0;
  /** What `#length` will be after the current frame, and whether that ends the message. */
  #announced = 0;
  #final = false;
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
   * A frame of this message begins.
   *
   * @param length of its payload, in bytes.
   * @param final whether it is the last one.
   */
  expect(length: number, final: boolean): void {
    this.#announced = this.#length + length;
    this.#final = final;
  }

  /**
   * @param sum the OR of the bytes, from unmasking.
   * @throws {WebSocketProtocolError} 1007 at the first byte that is not UTF-8.
   */
  append(bytes: Buffer, start: number, end: number, sum: number): void {
    this.#check(bytes, start, end, sum);
    this.#room(end - start);
    bytes.copy(this.#bytes, this.#length, start, end);
    this.#length += end - start;
  }

  /** @throws {WebSocketProtocolError} 1007 or 1009. */
  finish(): string | Buffer {
    if (this.#options.compressed) return this.#inflate();
    const bytes = this.#bytes.subarray(0, this.#length);
    if (!this.#options.text) return bytes;
    if (!this.#validator?.complete) throw notUtf8();
    const text = bytes.toString(this.#ascii ? 'latin1' : 'utf8');
    recycle(this.#bytes);
    return text;
  }

  #check(bytes: Buffer, start: number, end: number, sum: number): void {
    if (!this.#validator) return;
    if (isAsciiSum(sum) && this.#validator.complete) return;
    this.#ascii = false;
    if (!this.#validator.push(bytes, start, end)) throw notUtf8();
  }

  /** Grows by doubling, but never beyond what the message can become. */
  #room(size: number): void {
    const { compressed, maxMessage } = this.#options;
    const tail = compressed ? END.length : 0;
    const needed = this.#length + size + tail;
    if (needed <= this.#bytes.length) return;
    const wanted = Math.max(needed * 2, Math.min(this.#announced + tail, TRUSTED));
    const most = this.#final ? this.#announced : compressed ? maxDeflated(maxMessage) : maxMessage;
    const larger = allocate(Math.min(wanted, most + tail));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }

  #inflate(): string | Buffer {
    this.#room(0);
    END.copy(this.#bytes, this.#length);
    const { maxMessage, maxInflateRatio = Number.POSITIVE_INFINITY } = this.#options;
    const limit = Math.min(maxMessage, Math.ceil(maxInflateRatio * Math.max(this.#length, 1)));
    const bytes = inflate(this.#bytes.subarray(0, this.#length + END.length), limit);
    if (!this.#options.text) return bytes;
    if (!isUtf8(bytes)) throw notUtf8();
    return bytes.toString('utf8');
  }
}

/** The memory of the last text: most messages that come in two halves are of about one size. */
let spare: Buffer | undefined;

function allocate(size: number): Buffer {
  if (size > TRUSTED || size < TRUSTED / 2) return Buffer.allocUnsafeSlow(size);
  const bytes = spare ?? Buffer.allocUnsafeSlow(TRUSTED);
  spare = undefined;
  return bytes;
}

/** @param bytes that nothing refers to any more. */
function recycle(bytes: Buffer): void {
  if (bytes.length === TRUSTED) spare = bytes;
}

export function notUtf8(): WebSocketProtocolError {
  return new WebSocketProtocolError(CloseCode.invalidPayload, 'text is not UTF-8 (RFC 6455 §8.1)');
}
