import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { UsageError } from '../../errors.ts';
import { checkHeader, type HeaderValue } from './header-value.ts';

/**
 * How the end of an answer is told: chunk by chunk, by the length that its head says, or by the end of the
 * connection (HTTP/1.0). `nothing`: an answer to HEAD.
 */
export type AnswerFraming = 'chunked' | number | 'until-close' | 'nothing';

/** Fields that decide how a message is read or whose it is: never in trailers (RFC 9110 §6.5.1). */
const NO_TRAILERS: readonly string[] = [
  'transfer-encoding',
  'content-length',
  'content-encoding',
  'content-type',
  'content-range',
  'host',
  'connection',
  'trailer',
  'te',
  'authorization',
  'set-cookie',
  'cache-control',
];

/**
 * The body of an answer that is sent piece by piece, behind its head.
 *
 * @see RFC 9112 §6 — Message Body, §7.1 — Chunked Transfer Coding
 */
export class AnswerBody {
  /** It has no end of its own, as an event stream. */
  readonly endless: boolean;
  readonly #framing: AnswerFraming;
  /** Of a counted body. */
  #left: number;

  constructor(framing: AnswerFraming, endless: boolean) {
    this.#framing = framing;
    this.#left = typeof framing === 'number' ? framing : 0;
    this.endless = endless;
  }

  /** False for an answer to HEAD: what is written is counted for nothing. */
  get isSent(): boolean {
    return this.#framing !== 'nothing';
  }

  /**
   * Appends a piece; an empty one is nothing.
   *
   * @throws {UsageError} it is neither text nor bytes, or more than Content-Length says.
   */
  write(piece: string | Uint8Array, out: ByteWriter): void {
    const size = sizeOf(piece);
    if (typeof this.#framing === 'number') this.#count(size);
    if (size === 0 || this.#framing === 'nothing') return;
    if (this.#framing === 'chunked') out.writeLatin1(`${size.toString(16)}\r\n`);
    if (typeof piece === 'string') out.writeUtf8(piece, size);
    else out.writeBytes(piece);
    if (this.#framing === 'chunked') out.writeLatin1('\r\n');
  }

  /**
   * Appends the end. Trailers go with chunks only.
   *
   * @throws {UsageError} fewer bytes were sent than Content-Length says, or a trailer cannot be sent.
   */
  end(trailers: Readonly<Record<string, HeaderValue>>, out: ByteWriter): void {
    const fields = trailerLines(trailers);
    if (this.#left > 0) {
      throw new UsageError(
        'E_HTTP_BODY_LENGTH',
        `the body ended ${this.#left} bytes before its Content-Length`,
      );
    }
    if (this.#framing === 'chunked') out.writeLatin1(`0\r\n${fields}\r\n`);
  }

  #count(size: number): void {
    if (size > this.#left) {
      const surplus = size - this.#left;
      throw new UsageError(
        'E_HTTP_BODY_LENGTH',
        `the body is ${surplus} bytes longer than its Content-Length`,
      );
    }
    this.#left -= size;
  }
}

function trailerLines(trailers: Readonly<Record<string, HeaderValue>>): string {
  let text = '';
  for (const [name, value] of Object.entries(trailers)) {
    const values = typeof value === 'string' ? [value] : value;
    checkHeader(name, values);
    if (NO_TRAILERS.includes(name.toLowerCase())) {
      throw new UsageError('E_HTTP_HEADER', `${name} cannot be a trailer (RFC 9110 §6.5.1)`);
    }
    for (const one of values) text += `${name}: ${one}\r\n`;
  }
  return text;
}

/** @throws {UsageError} neither text nor bytes. */
function sizeOf(piece: unknown): number {
  if (typeof piece === 'string') return Buffer.byteLength(piece);
  if (piece instanceof Uint8Array) return piece.length;
  throw new UsageError('E_HTTP_BODY', `a body consists of text and bytes, not of ${describe(piece)}`);
}

function describe(piece: unknown): string {
  return piece === null ? 'null' : `values of type ${typeof piece}`;
}
