import { HttpProtocolError, UsageError } from '../../errors.ts';
import { readCookies } from './cookies.ts';
import { type FormLimits, readForm } from './form.ts';
import type { BodyLength } from './framing.ts';
import { endOfHost, listHas } from './grammar.ts';
import type { Headers } from './headers.ts';

const NO_BODY: Buffer = Buffer.alloc(0);

/** The head of a request, checked. */
export interface RequestHead {
  readonly method: string;
  /** The request-target as it was sent. */
  readonly target: string;
  /** Path and query of the target: the target itself unless it was sent in absolute-form. */
  readonly resource: string;
  readonly version: '1.0' | '1.1';
  readonly headers: Headers;
  readonly bodyLength: BodyLength;
  /** Value of Expect. */
  readonly expect: string | undefined;
}

/**
 * One HTTP request; complete, unless its body is streamed.
 *
 * Small on purpose: the request of an upgrade lives as long as its WebSocket.
 */
export class Request {
  /** As sent; methods are case-sensitive. */
  readonly method: string;
  /** The request-target as it was sent: `/chat?room=1`. */
  readonly target: string;
  readonly version: '1.0' | '1.1';
  readonly headers: Headers;
  /** @internal The Host that a trusted proxy says the client asked for. */
  askedFor: string | undefined;
  /** @internal What it came by, which this floor does not know. */
  connection: object | undefined;
  readonly #resource: string;
  /** `undefined` while it is on its way. */
  #body: Buffer | undefined;
  #query: URLSearchParams | undefined;
  #cookies: ReadonlyMap<string, string> | undefined;
  #form: URLSearchParams | undefined;

  constructor(head: Omit<RequestHead, 'bodyLength' | 'expect'>, body: Buffer = NO_BODY) {
    this.method = head.method;
    this.target = head.target;
    this.version = head.version;
    this.headers = head.headers;
    this.#body = body;
    this.#resource = head.resource;
  }

  /** @throws {UsageError} the body is streamed and was not collected. */
  get body(): Buffer {
    if (this.#body) return this.#body;
    throw new UsageError(
      'E_HTTP_STREAMED',
      'the option streamBody gives this request out before its body: iterate over the request, or use bytes(), readText() or readJson()',
    );
  }

  /** @internal The whole body, once it is there; `undefined` says that it is on its way. */
  setBody(body: Buffer | undefined): void {
    this.#body = body;
  }

  /** @internal */
  get hasBody(): boolean {
    return this.#body !== undefined;
  }

  /** The path as it was sent, escapes kept, without the query. */
  get path(): string {
    const mark = this.#resource.indexOf('?');
    return mark < 0 ? this.#resource : this.#resource.slice(0, mark);
  }

  /** What follows the first `?`, escapes kept; empty without one. */
  get queryString(): string {
    const mark = this.#resource.indexOf('?');
    return mark < 0 ? '' : this.#resource.slice(mark + 1);
  }

  get query(): URLSearchParams {
    this.#query ??= new URLSearchParams(this.queryString);
    return this.#query;
  }

  /**
   * The Host without its port, or with `trustProxy` by `forwarded` the one that the client asked for;
   * `undefined` when an HTTP/1.0 peer sent none.
   */
  get host(): string | undefined {
    const host = this.askedFor ?? this.headers.get('host');
    return host?.slice(0, endOfHost(host));
  }

  /**
   * True when the peer expects the connection to stay open.
   *
   * @see RFC 9112 §9.3 — Persistence
   */
  get keepAlive(): boolean {
    const connection = this.headers.get('connection');
    if (listHas(connection, 'close')) return false;
    return this.version === '1.1' || listHas(connection, 'keep-alive');
  }

  /** The header's value, lines of the same name joined by `, `. */
  header(name: string): string | undefined {
    return this.headers.get(name);
  }

  /** The first query parameter of this name, decoded. */
  get(name: string): string | null {
    return this.query.get(name);
  }

  /** The cookies, values as they were sent; of a name that is sent twice, the first. @see RFC 6265 §5.4 */
  get cookies(): ReadonlyMap<string, string> {
    this.#cookies ??= readCookies(this.headers.getAll('cookie'));
    return this.#cookies;
  }

  /** The value of a cookie as it was sent: `decodeURIComponent` it where it was encoded. */
  cookie(name: string): string | undefined {
    return this.cookies.get(name);
  }

  /** The body as UTF-8. @throws {UsageError} as `body`. */
  text(): string {
    return this.body.toString('utf8');
  }

  /** @throws {HttpProtocolError} 400: the body is not JSON. */
  json(): unknown {
    const text = this.text();
    try {
      return JSON.parse(text);
    } catch (cause) {
      throw new HttpProtocolError(400, 'the body is not JSON', { cause });
    }
  }

  /**
   * The fields of a form that was sent as `application/x-www-form-urlencoded`.
   *
   * @throws {HttpProtocolError} 415 for another type, 413 for too many fields.
   */
  form(limits?: FormLimits): URLSearchParams {
    this.#form ??= readForm(this.headers.get('content-type'), this.body, limits);
    return this.#form;
  }

  /** The first field of this name in the form. @throws as `form`. */
  post(name: string): string | null {
    return this.form().get(name);
  }
}
