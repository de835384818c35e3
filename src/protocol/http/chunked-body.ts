import type { Inbox } from '../../bytes/inbox.ts';
import { HttpProtocolError } from '../../errors.ts';
import type { BodyReader } from './body.ts';
import { BodyBuffer } from './body-buffer.ts';
import { checkFields } from './fields.ts';
import { isBlank } from './grammar.ts';
import { HeadScanner } from './head-scanner.ts';
import type { HttpLimits } from './limits.ts';

const CR = 0x0d;
const LF = 0x0a;
const SEMICOLON = 0x3b;

/** Bytes of one chunk-size line, and of all chunk extensions of a body. */
const MAX_SIZE_LINE = 256;
const MAX_EXTENSIONS = 16 * 1024;

type State = 'size' | 'gap' | 'extension' | 'size-lf' | 'data' | 'data-cr' | 'data-lf' | 'trailers';

/**
 * Decodes the chunked transfer coding. Extensions are read over and trailers dropped, both within limits.
 *
 * @see RFC 9112 §7.1 — Chunked Transfer Coding
 */
export class ChunkedBody implements BodyReader {
  readonly #limits: HttpLimits;
  readonly #buffer: BodyBuffer;
  readonly #trailers: HeadScanner;
  #state: State = 'size';
  /** Of the current chunk: announced while its size is read, then what has still to come. */
  #size = 0;
  /** Of all chunks before the current one, and so much of it as has come; decoded. */
  #received = 0;
  #digits = 0;
  #lineLength = 0;
  #extensions = 0;

  constructor(limits: HttpLimits) {
    this.#limits = limits;
    this.#buffer = new BodyBuffer(limits.maxBody);
    this.#trailers = new HeadScanner(limits, false);
  }

  get held(): number {
    return this.#buffer.held;
  }

  /** Of the current chunk: what follows it is not known. */
  get left(): number {
    return this.#size;
  }

  take(): Buffer {
    return this.#buffer.take();
  }

  read(inbox: Inbox): Buffer | undefined {
    while (inbox.length > 0) {
      if (this.#state === 'trailers') return this.#readTrailers(inbox);
      if (this.#state === 'data') this.#readData(inbox);
      else this.#readByte(inbox.bytes[inbox.position++] ?? 0);
    }
    return undefined;
  }

  #readData(inbox: Inbox): void {
    const count = this.#buffer.takeFrom(inbox, this.#size);
    this.#size -= count;
    this.#received += count;
    if (this.#size === 0) this.#state = 'data-cr';
  }

  #readByte(byte: number): void {
    const state = this.#state;
    if (state === 'size') this.#readSize(byte);
    else if (state === 'gap' || state === 'extension') this.#readExtension(byte);
    else if (state === 'size-lf') this.#expect(byte, LF, this.#size === 0 ? 'trailers' : 'data');
    else if (state === 'data-cr') this.#expect(byte, CR, 'data-lf');
    else this.#beginSize(byte);
  }

  #readSize(byte: number): void {
    this.#countLine();
    const digit = hexDigit(byte);
    if (digit >= 0) this.#addDigit(digit);
    else if (this.#digits === 0) throw malformed('a chunk has no size');
    else if (byte === CR) this.#state = 'size-lf';
    else this.#beginExtension(byte);
  }

  #addDigit(digit: number): void {
    this.#digits++;
    this.#size = this.#size * 16 + digit;
    const { maxBody } = this.#limits;
    if (this.#received + this.#size > maxBody) {
      throw new HttpProtocolError(413, `the body is larger than ${maxBody} bytes`);
    }
  }

  /** Whitespace may stand in front of the semicolon (RFC 9112 §7.1.1), and nothing else. */
  #beginExtension(byte: number): void {
    if (byte === SEMICOLON) this.#state = 'extension';
    else if (isBlank(byte)) this.#state = 'gap';
    else throw malformed('a chunk size is not a hexadecimal number');
  }

  #readExtension(byte: number): void {
    this.#countLine();
    if (++this.#extensions > MAX_EXTENSIONS) {
      throw new HttpProtocolError(413, 'too many chunk extensions (RFC 9112 §7.1.1)');
    }
    if (this.#state === 'gap') this.#beginExtension(byte);
    else if (byte === CR) this.#state = 'size-lf';
    else if ((byte < 0x20 && byte !== 0x09) || byte === 0x7f)
      throw malformed('a control character in a chunk extension');
  }

  #countLine(): void {
    if (++this.#lineLength > MAX_SIZE_LINE) throw malformed('a chunk-size line is too long');
  }

  #beginSize(byte: number): void {
    this.#expect(byte, LF, 'size');
    this.#size = this.#digits = this.#lineLength = 0;
  }

  #expect(byte: number, wanted: number, next: State): void {
    if (byte !== wanted) throw malformed('CRLF is missing');
    this.#state = next;
  }

  #readTrailers(inbox: Inbox): Buffer | undefined {
    const length = this.#trailers.scan(inbox);
    if (length === undefined) return undefined;
    checkFields(inbox.bytes.toString('latin1', inbox.position, inbox.position + length), 0);
    inbox.position += length;
    return this.#buffer.written();
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

function malformed(what: string): HttpProtocolError {
  return new HttpProtocolError(400, `the chunked body is malformed: ${what} (RFC 9112 §7.1)`);
}
