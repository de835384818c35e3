import { HttpProtocolError } from '../../errors.ts';
import { isBlank } from '../http/grammar.ts';
import { malformed, type PartHead, readPartHead } from './part-head.ts';

/** What a multipart body consists of, in its order: of each part the head and its data in pieces; then the end of all. */
export type MultipartEvent =
  | { readonly type: 'part'; readonly head: PartHead }
  /** Lies in what was pushed. */
  | { readonly type: 'data'; readonly bytes: Buffer }
  | { readonly type: 'end' };

const CRLF = Buffer.from('\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');
const DASH = 0x2d;
const END: MultipartEvent = { type: 'end' };

/**
 * - `preamble`: in front of the first delimiter.
 * - `delimiter`: behind one, which decides whether a part or the end follows.
 * - `opening`: behind a head, on the line end in front of the body.
 * - `epilogue`: behind the last; nothing in it counts.
 */
type Phase = 'preamble' | 'delimiter' | 'head' | 'opening' | 'body' | 'epilogue';

/**
 * Takes a multipart/form-data body apart. Pure: bytes in, events out, one at a time; what is held is at most
 * one head, or less than a delimiter.
 *
 * @throws {HttpProtocolError} from `pull()` and `finish()`: 400 for what is malformed, 413 for a head that is too long.
 * @see RFC 7578 — multipart/form-data, RFC 2046 §5.1.1 — Common Syntax
 */
export class MultipartReader {
  readonly #delimiter: Buffer;
  readonly #maxHead: number;
  /** What is not read yet, from `#at` on. It begins with the line end that the first delimiter need not have. */
  #bytes: Buffer = CRLF;
  #at = 0;
  #phase: Phase = 'preamble';
  #endTold = false;

  /**
   * @param boundary of Content-Type.
   * @param maxHead bytes of the head of a part.
   */
  constructor(boundary: string, maxHead: number) {
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
    this.#maxHead = maxHead;
  }

  /** Takes more of the body, which is kept until it was pulled: it must not change. */
  push(bytes: Buffer): void {
    if (this.#at === this.#bytes.length) this.#bytes = bytes;
    else this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), bytes]);
    this.#at = 0;
  }

  /** @returns `undefined` when more bytes are needed. */
  pull(): MultipartEvent | undefined {
    for (;;) {
      const phase = this.#phase;
      const event = this.#step();
      if (event !== undefined || phase === this.#phase) return event;
    }
  }

  /** The body is over. @throws {HttpProtocolError} 400: it ends too early. */
  finish(): void {
    if (this.#phase !== 'epilogue') throw malformed('the body ends in the middle');
  }

  /** One event, or another phase, or neither for want of bytes. */
  #step(): MultipartEvent | undefined {
    switch (this.#phase) {
      case 'preamble':
        return void this.#pass();
      case 'delimiter':
        return void this.#judgeDelimiter();
      case 'head':
        return this.#head();
      case 'opening':
        return void this.#open();
      case 'body':
        return this.#body();
      case 'epilogue':
        this.#at = this.#bytes.length;
        if (this.#endTold) return undefined;
        this.#endTold = true;
        return END;
    }
  }

  /** Goes behind the next delimiter, or as far as none can begin. @returns where what was passed ends. */
  #pass(): number {
    const found = this.#bytes.indexOf(this.#delimiter, this.#at);
    if (found >= 0) {
      this.#at = found + this.#delimiter.length;
      this.#phase = 'delimiter';
      return found;
    }
    this.#at = Math.max(this.#at, this.#bytes.length - this.#delimiter.length + 1);
    return this.#at;
  }

  #body(): MultipartEvent | undefined {
    const start = this.#at;
    const end = this.#pass();
    return end > start ? { type: 'data', bytes: this.#bytes.subarray(start, end) } : undefined;
  }

  /** A part may have no body at all: then the line end of its head is that of the delimiter. */
  #open(): void {
    const begin = this.#bytes.subarray(this.#at, this.#at + this.#delimiter.length);
    const isDelimiter = begin.equals(this.#delimiter.subarray(0, begin.length));
    if (isDelimiter && begin.length < this.#delimiter.length) return;
    this.#begin('body', isDelimiter ? this.#at : this.#at + CRLF.length);
  }

  /** Transport padding may stand behind a delimiter, then its line ends; two dashes make it the last. */
  #judgeDelimiter(): void {
    const bytes = this.#bytes;
    let at = this.#at;
    if (bytes[at] === DASH && bytes[at + 1] === DASH) return this.#begin('epilogue', at + 2);
    while (isBlank(bytes[at] ?? 0)) at++;
    this.#checkHead(at - this.#at);
    if (bytes.length < at + CRLF.length) return;
    if (!bytes.subarray(at).indexOf(CRLF)) return this.#begin('head', at);
    throw malformed('the boundary stands in the middle of a line');
  }

  /** From the line end of the delimiter to an empty line. */
  #head(): MultipartEvent | undefined {
    const [bytes, start] = [this.#bytes, this.#at];
    const end = bytes.indexOf(HEAD_END, start);
    this.#checkHead((end < 0 ? bytes.length - HEAD_END.length : end) - start);
    if (end < 0) return undefined;
    this.#begin('opening', end + CRLF.length);
    const lines = bytes.toString('utf8', start + CRLF.length, end).split('\r\n');
    return { type: 'part', head: readPartHead(end === start ? [] : lines) };
  }

  #begin(phase: Phase, at: number): void {
    this.#phase = phase;
    this.#at = at;
  }

  #checkHead(length: number): void {
    if (length <= this.#maxHead) return;
    throw new HttpProtocolError(413, `multipart: the head of a part is longer than ${this.#maxHead} bytes`);
  }
}
