import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { UsageError } from '../../errors.ts';
import type { AnswerFraming } from './answer-body.ts';
import { attachment } from './content-disposition.ts';
import { checkedFile, type FileBody } from './file-body.ts';
import { isDigits, listElements } from './grammar.ts';
import { checkHeader, type HeaderValue } from './header-value.ts';
import { mediaType } from './media-type.ts';
import {
  bodyless,
  checkBody,
  checkStatus,
  hasLength,
  isWhole,
  mayHaveBody,
  type WholeBody,
} from './response-rules.ts';
import { type CookieOptions, isSameCookie, setCookie } from './set-cookie.ts';
import { statusLine } from './status.ts';

export { checkHeader, type HeaderValue } from './header-value.ts';

const TEXT_TYPE = 'text/html; charset=utf-8';
const BYTES_TYPE = 'application/octet-stream';

/** Written by the encoder itself, from what it knows. */
const NOT_SETTABLE: readonly string[] = ['keep-alive', 'trailer'];

/** Pieces of a body: a Node or web stream, an async generator. */
export type BodyStream = AsyncIterable<Uint8Array | string>;

export interface FileOptions {
  /** Bytes left out in front. Default 0. */
  readonly offset?: number;
  /** Bytes sent at most; 0, the default: to the end. */
  readonly length?: number;
  /** Content-Type; by default the one of its extension. */
  readonly type?: string;
  /** Browsers save it instead of showing it: under this name, or its own. */
  readonly download?: boolean | string;
  readonly headers?: Readonly<Record<string, HeaderValue>>;
  /** A directory, by its real path, that it must not leave, not even by a link; else 404. */
  readonly root?: string;
}

/** What the codec knows about the exchange that a response ends. */
export interface Exchange {
  /** The connection stays open afterwards. */
  readonly persistent: boolean;
  /** The request was HEAD: the body is counted but not sent. */
  readonly headOnly: boolean;
  /** Value of the Date field; left out without one. */
  readonly date?: string | undefined;
  /** Lines, each with its CRLF, for this answer besides its own. */
  readonly fields?: string;
}

/** An HTTP response. Nothing in it can break out of its place: every name and value is checked when it is set. */
export class Response {
  readonly status: number;
  readonly body: string | Uint8Array | BodyStream;
  /** @internal Where the body is read from when it is sent. */
  fileBody: FileBody | undefined;
  /** Its Content-Type is `text/event-stream`. */
  #hasEvents = false;
  #isChunked = false;
  readonly #headers = new Map<string, { readonly name: string; readonly values: readonly string[] }>();

  /**
   * @param status 200 to 599, or 100, 102 to 199 for an interim response.
   * @param body text is sent as UTF-8, as `text/html; charset=utf-8` unless a Content-Type is given. A stream is sent
   *   piece by piece, no faster than the peer takes it.
   * @throws {UsageError} the status, a header or the body cannot be sent.
   */
  constructor(
    status = 200,
    headers: Readonly<Record<string, HeaderValue>> = {},
    body: string | Uint8Array | BodyStream = '',
  ) {
    checkStatus(status);
    checkBody(status, body);
    this.status = status;
    this.body = body;
    for (const name of Object.keys(headers)) this.withHeader(name, headers[name] ?? '');
  }

  /**
   * A file, read while it is sent. Conditional requests and ranges are answered by themselves, a file that is not
   * there with 404.
   *
   * @param path relative to the working directory.
   * @throws {UsageError} the path or an option cannot be used.
   */
  static file(path: string, options: FileOptions = {}): Response {
    const { offset = 0, length = 0, type, download = false, headers = {}, root } = options;
    const response = new Response(200, headers);
    if (type !== undefined) response.withHeader('Content-Type', type);
    if (download !== false) {
      response.withHeader('Content-Disposition', attachment(download === true ? nameOf(path) : download));
    }
    response.fileBody = checkedFile(path, offset, length, root);
    return response;
  }

  /**
   * Makes a file the body, as `Response.file`; of other statuses than 200, whole and unconditionally.
   *
   * @param length bytes at most; 0: to its end.
   * @throws {UsageError} the path or a number cannot be used, or the response has a body.
   */
  withFile(path: string, offset = 0, length = 0): this {
    if (this.body !== '' || !mayHaveBody(this.status)) {
      throw new UsageError(
        'E_HTTP_BODY',
        'a file is the body of a response that may have one, and has no other',
      );
    }
    this.fileBody = checkedFile(path, offset, length);
    return this;
  }

  /**
   * @internal What becomes of this one when its file is known: with its headers, those about a body only where there is one.
   */
  resolved(
    status: number,
    headers: Readonly<Record<string, string>>,
    body: string | BodyStream = '',
  ): Response {
    const response = new Response(status, {}, body);
    const isPart = status === this.status || status === 206;
    const type = mediaType(this.fileBody?.path ?? '');
    if (isPart && !this.#headers.has('content-type')) response.withHeader('Content-Type', type);
    for (const [lower, { name, values }] of this.#headers) {
      if (isPart || !lower.startsWith('content-')) response.withHeader(name, values);
    }
    for (const [name, value] of Object.entries(headers)) {
      if (!this.#headers.has(name.toLowerCase())) response.withHeader(name, value);
    }
    return response;
  }

  /**
   * Sets a header, in place of what had its name. `Transfer-Encoding: chunked` leaves the answer open for `Chunk`s.
   *
   * @returns this response, for chaining.
   * @throws {UsageError} the name is not a token, or a value holds CR, LF or another character that is not allowed.
   */
  withHeader(name: string, value: HeaderValue): this {
    const values = typeof value === 'string' ? [value] : value;
    checkHeader(name, values);
    const lower = name.toLowerCase();
    if (NOT_SETTABLE.includes(lower)) {
      throw new UsageError('E_HTTP_HEADER', `${name} cannot be set: it is decided when the response is sent`);
    }
    if (lower === 'content-length') this.#checkLength(values);
    else if (lower === 'content-type') this.#hasEvents = isEventStream(values);
    else if (lower === 'transfer-encoding') this.#isChunked = checkCoding(values);
    this.#headers.set(lower, { name, values });
    return this;
  }

  /** The value, lines of the same name joined by `, `. */
  header(name: string): string | undefined {
    return this.#headers.get(name.toLowerCase())?.values.join(', ');
  }

  /** @internal The same with another form of its body, and fields that go with that. */
  recoded(body: Response['body'], fields: Readonly<Record<string, HeaderValue>>): Response {
    const other = new Response(this.status, { 'Content-Type': this.#type }, body);
    for (const [lower, { name, values }] of this.#headers)
      if (lower !== 'content-length' || body === this.body) other.withHeader(name, values);
    for (const [name, value] of Object.entries(fields)) other.withHeader(name, value);
    return other;
  }

  /**
   * Sets a cookie, besides others; one of the same name, path and domain is replaced.
   *
   * @param value is sent as it is; `encodeURIComponent` what is not plain.
   * @returns this response, for chaining.
   * @throws {UsageError} what a browser would drop or misread.
   */
  cookie(name: string, value: string, options?: CookieOptions): this {
    const line = setCookie(name, value, options);
    const others = this.#headers.get('set-cookie')?.values.filter((one) => !isSameCookie(one, line)) ?? [];
    return this.withHeader('Set-Cookie', [...others, line]);
  }

  /** Tells the browser to forget a cookie, which must have been set with the same path and domain. */
  clearCookie(name: string, options: Omit<CookieOptions, 'maxAge' | 'expires'> = {}): this {
    return this.cookie(name, '', { ...options, maxAge: 0 });
  }

  /** True when the response itself asks for the connection to be closed. */
  get closes(): boolean {
    return connectionOptions(this.header('connection')).includes('close');
  }

  /** @internal Its body follows piece by piece: a stream, chunks, events. */
  get isOpen(): boolean {
    return (
      !isWhole(this.body) || this.#isChunked || (this.#hasEvents && !this.#headers.has('content-length'))
    );
  }

  /** @internal */
  get hasEvents(): boolean {
    return this.#hasEvents;
  }

  /** @internal How the end of a body is told that follows piece by piece. */
  framing(version: '1.0' | '1.1'): AnswerFraming {
    const length = this.header('content-length');
    if (length !== undefined && !this.#isChunked) return Number(length);
    return version === '1.1' ? 'chunked' : 'until-close';
  }

  /** Appends head and body as the answer of one exchange. */
  encode(out: ByteWriter, exchange: Exchange): void {
    const { status, body } = this;
    if (!isWhole(body)) throw new UsageError('E_HTTP_BODY', 'a stream is no whole body');
    out.writeLatin1(this.#head(exchange, this.#wholeLines(body, exchange.headOnly)));
    if (exchange.headOnly || body.length === 0) return;
    if (!mayHaveBody(status)) return;
    if (typeof body === 'string') out.writeUtf8(body);
    else out.writeBytes(body);
  }

  /**
   * Appends the head of an answer whose body follows piece by piece.
   *
   * @throws {UsageError} a response with this status has no body.
   */
  encodeHead(out: ByteWriter, exchange: Exchange, framing: AnswerFraming): void {
    if (!mayHaveBody(this.status)) throw bodyless(this.status);
    out.writeLatin1(this.#head(exchange, `${this.#typeLine()}${framingLine(framing)}`));
  }

  #head({ persistent, date, fields = '' }: Exchange, content: string): string {
    let head = statusLine(this.status);
    if (date !== undefined) head += `Date: ${date}\r\n`;
    for (const [lower, { name, values }] of this.#headers) {
      if (lower === 'connection' || lower === 'content-length' || lower === 'transfer-encoding') continue;
      if (lower === 'date' && date !== undefined) continue;
      for (const value of values) head += `${name}: ${value}\r\n`;
    }
    return `${head}${fields}${content}${this.#connectionLine(persistent)}\r\n`;
  }

  #wholeLines(body: WholeBody, headOnly: boolean): string {
    if (!hasLength(this.status)) return '';
    const length = `Content-Length: ${this.#length(body, headOnly)}\r\n`;
    return body.length === 0 ? length : `${this.#typeLine()}${length}`;
  }

  /** An answer to HEAD may tell the length of a body that it was not given. */
  #length(body: WholeBody, headOnly: boolean): number | string {
    const size = sizeOf(body);
    const told = this.#headers.get('content-length')?.values[0];
    if (told === undefined || told === String(size)) return size;
    if (headOnly) return told;
    throw wrongLength();
  }

  #typeLine(): string {
    return this.#headers.has('content-type') ? '' : `Content-Type: ${this.#type}\r\n`;
  }

  get #type(): string {
    return typeof this.body === 'string' ? TEXT_TYPE : BYTES_TYPE;
  }

  /** `Upgrade` must be named by Connection (RFC 9110 §7.8). */
  #connectionLine(persistent: boolean): string {
    const options = connectionOptions(this.header('connection'));
    if (this.#headers.has('upgrade') && !options.includes('upgrade')) options.unshift('Upgrade');
    if (this.status < 200) return options.length === 0 ? '' : `Connection: ${options.join(', ')}\r\n`;
    const kept = options.filter((option) => option !== 'close' && option !== 'keep-alive');
    return `Connection: ${[...kept, persistent ? 'keep-alive' : 'close'].join(', ')}\r\n`;
  }

  /** Of a body that is not there yet it is believed, and held against what is sent. */
  #checkLength([value = '', second]: readonly string[]): void {
    const { body } = this;
    const isNumber = second === undefined && value !== '' && isDigits(value);
    const isOpen = !isWhole(body) || body.length === 0;
    if (!isNumber || !Number.isSafeInteger(Number(value)) || !(isOpen || value === String(sizeOf(body))))
      throw wrongLength();
  }
}

/**
 * Appends a 200 with this body and nothing else to say.
 *
 * The same bytes as `new Response(200, {}, body)`, without the object.
 */
export function encodeBody(body: string | Uint8Array, out: ByteWriter, exchange: Exchange): void {
  const date = exchange.date === undefined ? '' : `Date: ${exchange.date}\r\n`;
  const type =
    body.length === 0 ? '' : `Content-Type: ${typeof body === 'string' ? TEXT_TYPE : BYTES_TYPE}\r\n`;
  const connection = exchange.persistent ? 'keep-alive' : 'close';
  out.writeLatin1(
    `HTTP/1.1 200 OK\r\n${date}${exchange.fields ?? ''}${type}Content-Length: ${sizeOf(body)}\r\nConnection: ${connection}\r\n\r\n`,
  );
  if (exchange.headOnly) return;
  if (typeof body === 'string') out.writeUtf8(body);
  else out.writeBytes(body);
}

function nameOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
}

const EVENT_STREAM = /^text\/event-stream[ \t]*(?:;|$)/i;

function isEventStream([value = '']: readonly string[]): boolean {
  return EVENT_STREAM.test(value);
}

function checkCoding(values: readonly string[]): true {
  if (values.length === 1 && values[0]?.toLowerCase() === 'chunked') return true;
  throw new UsageError('E_HTTP_HEADER', 'Transfer-Encoding is chunked, or left out (RFC 9112 §7)');
}

function framingLine(framing: AnswerFraming): string {
  if (typeof framing === 'number') return `Content-Length: ${framing}\r\n`;
  return framing === 'chunked' ? 'Transfer-Encoding: chunked\r\n' : '';
}

function wrongLength(): UsageError {
  return new UsageError(
    'E_HTTP_HEADER',
    'Content-Length is not the length of the body; leave it out, it is counted',
  );
}

function connectionOptions(value: string | undefined): string[] {
  return value === undefined ? [] : listElements(value.toLowerCase()).filter((option) => option !== '');
}

function sizeOf(body: string | Uint8Array): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : body.length;
}
