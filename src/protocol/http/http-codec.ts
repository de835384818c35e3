import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { Inbox } from '../../bytes/inbox.ts';
import type { Source } from '../../bytes/source.ts';
import { HttpProtocolError, UsageError } from '../../errors.ts';
import type { Codec, CodecEvent } from '../codec.ts';
import { type BodyReader, bodyReader } from './body.ts';
import { HTTP_LIMITS, type HttpLimits } from './limits.ts';
import { Request, type RequestHead } from './request.ts';
import { RequestHeadReader } from './request-head.ts';
import { type Exchange, encodeBody, Response } from './response.ts';

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

/**
 * - `reading`: the next request is read.
 * - `serving`: a request was given out and is not answered; what follows waits, so answers keep their order.
 * - `finished`: the last answer of this connection was encoded.
 * - `failed`: a request could not be read.
 */
type Phase = 'reading' | 'serving' | 'finished' | 'failed';

/**
 * The server's side of HTTP/1.1 on one connection.
 *
 * One request at a time: after a message, `pull()` answers `undefined` until `encode()` has answered it,
 * so pull again after each answer. Bytes behind an upgrade request stay unread for `rest()`.
 *
 * @see RFC 9112 §9.3 — Persistence, §9.3.2 — Pipelining
 */
export class HttpServerCodec implements Codec<Request, Response | string | Uint8Array> {
  /** Value of the Date field of every answer, kept up to date by who has a clock; without one it is left out. */
  date: string | undefined;
  /** Lines, each with its CRLF, for the next final answer besides its own. */
  answerFields = '';
  readonly #inbox = new Inbox();
  readonly #limits: HttpLimits;
  readonly #heads: RequestHeadReader;
  #phase: Phase = 'reading';
  /** Of the request that is read or served. */
  #head: RequestHead | undefined;
  #body: BodyReader | undefined;
  #continueOwed = false;
  #persistent = true;

  constructor(limits: Partial<HttpLimits> = {}) {
    this.#limits = { ...HTTP_LIMITS, ...limits };
    this.#heads = new RequestHeadReader(this.#limits);
  }

  /** True when the connection may carry another request after the answer. */
  get persistent(): boolean {
    return this.#persistent;
  }

  /** True while a request was given out and is not answered. */
  get serving(): boolean {
    return this.#phase === 'serving';
  }

  /** True while the peer waits for `100 Continue` before it sends a body. */
  get owesContinue(): boolean {
    return this.#continueOwed;
  }

  /** True while a body is under way. */
  get readingBody(): boolean {
    return this.#phase === 'reading' && this.#body !== undefined;
  }

  get heldBytes(): number {
    return this.#inbox.held + (this.#body?.held ?? 0);
  }

  get midMessage(): boolean {
    return this.#phase === 'reading' && (this.#inbox.length > 0 || this.#body !== undefined);
  }

  push(source: Source, start: number, end: number): void {
    if (this.#phase === 'failed' || this.#phase === 'finished') return;
    this.#inbox.push(source, start, end);
  }

  pull(): CodecEvent<Request> | undefined {
    if (this.#phase !== 'reading') return undefined;
    try {
      const request = this.#read();
      return request && { type: 'message', message: request };
    } catch (error) {
      this.#stop('failed');
      throw error;
    }
  }

  retain(): void {
    this.#inbox.retain();
  }

  /**
   * Answers the request being served. An interim response (1xx) leaves it unanswered.
   *
   * @throws {UsageError} no request is waiting for an answer.
   */
  encode(message: Response | string | Uint8Array, out: ByteWriter): void {
    if (this.#phase !== 'serving') {
      throw new UsageError('E_HTTP_NO_REQUEST', 'no request is waiting for an answer: each is answered once');
    }
    if (message instanceof Response) {
      this.#encodeResponse(message, out);
    } else {
      encodeBody(message, out, this.#exchange());
      this.#answered();
    }
  }

  /**
   * Appends `100 Continue` when the peer waits for it before it sends the body. Call when `pull()` needs more bytes.
   *
   * @returns true when something was appended.
   * @see RFC 9110 §10.1.1 — Expect
   */
  writeContinue(out: ByteWriter): boolean {
    if (!this.#continueOwed) return false;
    this.#continueOwed = false;
    out.writeLatin1(CONTINUE);
    return true;
  }

  /** The request being served is the last: its answer says `Connection: close`. @see RFC 9112 §9.6 */
  closeAfterAnswer(): void {
    this.#persistent = false;
  }

  /** Appends the answer to what could not be read: one line of plain text, after which the connection closes. */
  refuse(error: HttpProtocolError, out: ByteWriter): void {
    const headOnly = this.#head?.method === 'HEAD';
    this.#stop('failed');
    const answer = new Response(
      error.status,
      { 'Content-Type': 'text/plain; charset=utf-8' },
      `${error.message}\n`,
    );
    answer.encode(out, { persistent: false, headOnly, date: this.date });
  }

  rest(): Buffer {
    return this.#inbox.take();
  }

  #read(): Request | undefined {
    if (!this.#head) {
      this.#head = this.#heads.read(this.#inbox);
      if (!this.#head) return undefined;
      this.#beginBody(this.#head);
    }
    const body = this.#body?.read(this.#inbox);
    if (!body) return undefined;

    this.#body = undefined;
    this.#continueOwed = false;
    this.#phase = 'serving';
    const request = new Request(this.#head, body);
    this.#persistent = request.keepAlive;
    return request;
  }

  #beginBody({ expect, version, bodyLength }: RequestHead): void {
    this.#body = bodyReader(bodyLength, this.#limits);
    if (expect === undefined || version === '1.0') return;
    if (expect.toLowerCase() !== '100-continue') {
      throw new HttpProtocolError(417, 'the only expectation known is 100-continue (RFC 9110 §10.1.1)');
    }
    this.#continueOwed = bodyLength !== 0;
  }

  #encodeResponse(response: Response, out: ByteWriter): void {
    if (response.status >= 200) {
      if (response.closes) this.#persistent = false;
      response.encode(out, this.#exchange());
      this.#answered();
    } else if (this.#head?.version === '1.1') {
      response.encode(out, { persistent: true, headOnly: true });
    }
  }

  #exchange(): Exchange {
    const headOnly = this.#head?.method === 'HEAD';
    return { persistent: this.#persistent, headOnly, date: this.date, fields: this.answerFields };
  }

  #answered(): void {
    this.#head = undefined;
    this.answerFields = '';
    this.#phase = 'reading';
    if (!this.#persistent) this.#stop('finished');
  }

  /** Nothing more is read; what was received is let go. */
  #stop(phase: Phase): void {
    this.#phase = phase;
    this.#persistent = false;
    this.#body = undefined;
    this.#continueOwed = false;
    this.#inbox.position = this.#inbox.end;
    this.#inbox.retain();
  }
}
