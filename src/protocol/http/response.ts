import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { UsageError } from '../../errors.ts';
import { isFieldValue, isToken, listElements } from './grammar.ts';
import { type CookieOptions, isSameCookie, setCookie } from './set-cookie.ts';
import { statusLine } from './status.ts';

const TEXT_TYPE = 'text/html; charset=utf-8';
const BYTES_TYPE = 'application/octet-stream';

/** Written by the encoder itself, from what it knows. */
const NOT_SETTABLE: readonly string[] = ['transfer-encoding', 'keep-alive', 'trailer'];

/** One line, or several lines of the same name. */
export type HeaderValue = string | readonly string[];

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
  readonly body: string | Uint8Array;
  readonly #headers = new Map<string, { readonly name: string; readonly values: readonly string[] }>();

  /**
   * @param status 200 to 599, or 100, 102 to 199 for an interim response.
   * @param body text is sent as UTF-8, as `text/html; charset=utf-8` unless a Content-Type is given.
   * @throws {UsageError} the status, a header or the body cannot be sent.
   */
  constructor(
    status = 200,
    headers: Readonly<Record<string, HeaderValue>> = {},
    body: string | Uint8Array = '',
  ) {
    checkStatus(status);
    if (body.length > 0 && !mayHaveBody(status)) {
      throw new UsageError('E_HTTP_BODY', `a response with status ${status} has no body (RFC 9110 §15)`);
    }
    this.status = status;
    this.body = body;
    for (const name of Object.keys(headers)) this.withHeader(name, headers[name] ?? '');
  }

  /**
   * Sets a header, in place of what had its name.
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
    this.#headers.set(lower, { name, values });
    return this;
  }

  /** The value, lines of the same name joined by `, `. */
  header(name: string): string | undefined {
    return this.#headers.get(name.toLowerCase())?.values.join(', ');
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

  /** Appends head and body as the answer of one exchange. */
  encode(out: ByteWriter, exchange: Exchange): void {
    const { status, body } = this;
    out.writeLatin1(this.#head(exchange));
    if (exchange.headOnly || body.length === 0) return;
    if (!mayHaveBody(status)) return;
    if (typeof body === 'string') out.writeUtf8(body);
    else out.writeBytes(body);
  }

  #head({ persistent, date, fields = '' }: Exchange): string {
    let head = statusLine(this.status);
    if (date !== undefined) head += `Date: ${date}\r\n`;
    for (const [lower, { name, values }] of this.#headers) {
      if (lower === 'connection' || lower === 'content-length' || (lower === 'date' && date !== undefined))
        continue;
      for (const value of values) head += `${name}: ${value}\r\n`;
    }
    return `${head}${fields}${this.#contentLines()}${this.#connectionLine(persistent)}\r\n`;
  }

  #contentLines(): string {
    const { status, body } = this;
    if (!hasLength(status)) return '';
    const length = `Content-Length: ${sizeOf(body)}\r\n`;
    if (body.length === 0 || this.#headers.has('content-type')) return length;
    return `Content-Type: ${typeof body === 'string' ? TEXT_TYPE : BYTES_TYPE}\r\n${length}`;
  }

  /** `Upgrade` must be named by Connection (RFC 9110 §7.8). */
  #connectionLine(persistent: boolean): string {
    const options = connectionOptions(this.header('connection'));
    if (this.#headers.has('upgrade') && !options.includes('upgrade')) options.unshift('Upgrade');
    if (this.status < 200) return options.length === 0 ? '' : `Connection: ${options.join(', ')}\r\n`;
    const kept = options.filter((option) => option !== 'close' && option !== 'keep-alive');
    return `Connection: ${[...kept, persistent ? 'keep-alive' : 'close'].join(', ')}\r\n`;
  }

  #checkLength(values: readonly string[]): void {
    if (values.length === 1 && values[0] === String(sizeOf(this.body))) return;
    throw new UsageError(
      'E_HTTP_HEADER',
      'Content-Length is not the length of the body; leave it out, it is counted',
    );
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

/**
 * Refuses names and values that could end a line or cannot be sent.
 *
 * @throws {UsageError}
 * @see RFC 9110 §5.5 — Field Values
 */
export function checkHeader(name: string, values: readonly string[]): void {
  if (!isToken(name)) throw new UsageError('E_HTTP_HEADER', `${JSON.stringify(name)} is not a header name`);
  for (const value of values) {
    if (isFieldValue(value)) continue;
    throw new UsageError(
      'E_HTTP_HEADER',
      `the value of ${name} holds a line break, another control character, whitespace at an end or a character beyond Latin-1`,
    );
  }
}

function checkStatus(status: number): void {
  const known = Number.isInteger(status) && status >= 100 && status <= 599;
  if (known && status !== 101) return;
  const why = status === 101 ? 'protocols are switched by the connection' : 'a status is 200 to 599';
  throw new UsageError('E_HTTP_STATUS', `status ${status} cannot be sent: ${why}`);
}

function mayHaveBody(status: number): boolean {
  return hasLength(status) && status !== 205;
}

/** @see RFC 9110 §8.6 — Content-Length; 304 speaks of another response's body */
function hasLength(status: number): boolean {
  return status >= 200 && status !== 204 && status !== 304;
}

function connectionOptions(value: string | undefined): string[] {
  return value === undefined ? [] : listElements(value.toLowerCase()).filter((option) => option !== '');
}

function sizeOf(body: string | Uint8Array): number {
  return typeof body === 'string' ? Buffer.byteLength(body) : body.length;
}
