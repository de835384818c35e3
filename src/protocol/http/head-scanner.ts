import type { Inbox } from '../../bytes/inbox.ts';
import { HttpProtocolError } from '../../errors.ts';
import type { HttpLimits } from './limits.ts';

const HTAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const DEL = 0x7f;

/**
 * Finds the end of a head or of trailers, and refuses on the way what no head may hold: control
 * characters, a CR or LF alone, more than the limits allow.
 *
 * Remembers how far it has looked, so that bytes that come one by one cost no more than a whole head.
 *
 * @see RFC 9112 §2.2 — Message Parsing
 */
export class HeadScanner {
  readonly #limits: HttpLimits;
  readonly #hasStartLine: boolean;
  /** Offsets from the inbox's position. */
  #searched = 0;
  #lineStart = 0;
  #lines = 0;

  /** @param startLine true for a head, false for trailers, which begin with a field line or end at once. */
  constructor(limits: HttpLimits, startLine: boolean) {
    this.#limits = limits;
    this.#hasStartLine = startLine;
  }

  /**
   * Consumes nothing.
   *
   * @returns length in bytes including the empty line that ends it, or `undefined` when it has not come yet.
   * @throws {HttpProtocolError} 400, 414 or 431.
   */
  scan(inbox: Inbox): number | undefined {
    const { bytes, position, length } = inbox;
    for (;;) {
      const limit = this.#limit();
      const line = this.#endOfLine(bytes, position, Math.min(length, limit));
      if (line === undefined) {
        if (length < limit) return undefined;
        throw this.#tooLarge();
      }
      if (this.#takeLine(line)) return line + 2;
    }
  }

  /** Ready for the next head. */
  reset(): void {
    this.#searched = this.#lineStart = this.#lines = 0;
  }

  /** The offset of the CR that ends the current line, or `undefined` when it is not below `end`. */
  #endOfLine(bytes: Buffer, base: number, end: number): number | undefined {
    for (let offset = this.#searched; offset < end; offset++) {
      const byte = bytes[base + offset] ?? 0;
      if (byte >= SPACE ? byte !== DEL : byte === HTAB) continue;
      if (byte !== CR) throw forbidden(byte);
      if (offset + 1 === end) return this.#searchedTo(offset);
      if (bytes[base + offset + 1] !== LF)
        throw new HttpProtocolError(400, 'a CR without LF (RFC 9112 §2.2)');
      return offset;
    }
    return this.#searchedTo(end);
  }

  #searchedTo(offset: number): undefined {
    this.#searched = offset;
  }

  /** @returns true when this line was the empty one at the end. */
  #takeLine(end: number): boolean {
    const empty = end === this.#lineStart;
    this.#searched = this.#lineStart = end + 2;
    if (empty) return true;
    this.#lines++;
    if (this.#lines > this.#limits.maxFields + (this.#hasStartLine ? 1 : 0)) {
      throw new HttpProtocolError(431, `more than ${this.#limits.maxFields} header lines`);
    }
    return false;
  }

  /** How many bytes may be looked at before the current line must have ended. */
  #limit(): number {
    const { maxLine, maxHead } = this.#limits;
    return this.#inStartLine() ? Math.min(maxLine + 2, maxHead) : maxHead;
  }

  #inStartLine(): boolean {
    return this.#hasStartLine && this.#lines === 0;
  }

  #tooLarge(): HttpProtocolError {
    const { maxLine, maxHead } = this.#limits;
    if (this.#inStartLine())
      return new HttpProtocolError(414, `the first line is longer than ${maxLine} bytes`);
    return new HttpProtocolError(431, `the headers are larger than ${maxHead} bytes`);
  }
}

function forbidden(byte: number): HttpProtocolError {
  if (byte === LF) return new HttpProtocolError(400, 'a line ends with LF instead of CRLF (RFC 9112 §2.2)');
  const code = byte.toString(16).padStart(2, '0');
  return new HttpProtocolError(400, `control character 0x${code} in the head (RFC 9110 §5.5)`);
}
