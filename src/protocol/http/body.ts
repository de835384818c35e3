import type { Inbox } from '../../bytes/inbox.ts';
import { HttpProtocolError } from '../../errors.ts';
import { BodyBuffer } from './body-buffer.ts';
import { ChunkedBody } from './chunked-body.ts';
import type { BodyLength } from './framing.ts';
import type { HttpLimits } from './limits.ts';

const EMPTY: Buffer = Buffer.alloc(0);

/** Collects one body, as its bytes come. */
export interface BodyReader {
  /**
   * Consumes what belongs to the body.
   *
   * @returns the whole body, or `undefined` when more bytes are needed.
   * @throws {HttpProtocolError} the chunks are malformed, or more than the limits allow.
   */
  read(inbox: Inbox): Buffer | undefined;
  /** Takes what was read and not taken; what `read` answers in the end is then only the rest. */
  take(): Buffer;
  /** Bytes that have still to come, as far as it is known. */
  readonly left: number;
  /** Memory held, in bytes. */
  readonly held: number;
}

const NO_BODY: BodyReader = { read: () => EMPTY, take: () => EMPTY, left: 0, held: 0 };

/**
 * The reader for a body of this length.
 *
 * @throws {HttpProtocolError} 413 when the announced length is over the limit.
 * @see RFC 9112 §6.3 — Message Body Length
 */
export function bodyReader(length: BodyLength, limits: HttpLimits): BodyReader {
  if (length === 0) return NO_BODY;
  if (length === 'chunked') return new ChunkedBody(limits);
  if (length > limits.maxBody)
    throw new HttpProtocolError(413, `the body is larger than ${limits.maxBody} bytes`);
  return new SizedBody(length);
}

class SizedBody implements BodyReader {
  readonly #buffer: BodyBuffer;
  #left: number;

  constructor(length: number) {
    this.#left = length;
    this.#buffer = new BodyBuffer(length);
  }

  get held(): number {
    return this.#buffer.held;
  }

  get left(): number {
    return this.#left;
  }

  read(inbox: Inbox): Buffer | undefined {
    this.#left -= this.#buffer.takeFrom(inbox, this.#left);
    return this.#left === 0 ? this.#buffer.written() : undefined;
  }

  take(): Buffer {
    return this.#buffer.take();
  }
}
