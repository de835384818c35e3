import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { Inbox } from '../../bytes/inbox.ts';
import type { Source } from '../../bytes/source.ts';
import { HttpProtocolError, UsageError } from '../../errors.ts';
import type { Codec, CodecEvent } from '../codec.ts';
import { AnswerBody } from './answer-body.ts';
import { type BodyReader, bodyReader } from './body.ts';
import { Chunk } from './chunk.ts';
import type { HeaderValue } from './header-value.ts';
import { HTTP_LIMITS, type HttpLimits } from './limits.ts';
import { Request, type RequestHead } from './request.ts';
import { RequestHeadReader } from './request-head.ts';
import { type BodyStream, type Exchange, encodeBody, Response } from './response.ts';

const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n';

/**
 * - `reading`: the next request is read.
 * - `serving`: a request was given out and is not answered; what follows waits, so answers keep their order.
 * - `draining`: it was answered before its body had come; the rest of that is read over.
 * - `finished`: the last answer of this connection was encoded.
 * - `failed`: a request could not be read.
 */
type Phase = 'reading' | 'serving' | 'draining' | 'finished' | 'failed';

export interface HttpCodecOptions {
  /** Requests with a body are announced by a `head` event, so that `streamBody()` can be called. Default false. */
  readonly announces?: boolean;
  /** What requests are made of. */
  readonly Request?: typeof Request;
}

/** What answers a request; `Chunk`s belong to an answer that was left open. */
export type HttpAnswer = Response | Chunk | string | Uint8Array;

/**
 * The server's side of HTTP/1.1 on one connection.
 *
 * One request at a time: after a message, `pull()` answers `undefined` until `encode()` has answered it,
 * so pull again after each answer. Bytes behind an upgrade request stay unread for `rest()`.
 *
 * @see RFC 9112 §9.3 — Persistence, §9.3.2 — Pipelining
 */
export class HttpServerCodec implements Codec<Request, HttpAnswer> {
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
  /** It was announced, or given out before its body had come. */
  #begun: Request | undefined;
  #streams = false;
  #wanted = false;
  #drained = 0;
  /** The answer that is sent piece by piece. */
  #answer: AnswerBody | undefined;
  #source: BodyStream | undefined;
  /** An answer was given whose head is not known yet: that of a file. */
  #deferred: Response | undefined;
  #deferring = false;
  #continueOwed = false;
  #persistent = true;
  readonly #announces: boolean;
  readonly #Request: typeof Request;

  constructor(limits: Partial<HttpLimits> = {}, options: HttpCodecOptions = {}) {
    this.#announces = options.announces ?? false;
    this.#Request = options.Request ?? Request;
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

  /** True while the body of the request that is served has not come whole. */
  get bodyFollows(): boolean {
    return this.#phase === 'serving' && this.#body !== undefined;
  }

  /** True while a piece of that body is waited for. */
  get bodyIsWanted(): boolean {
    return this.#wanted;
  }

  /** True while the rest of a body is read over, behind its answer. */
  get draining(): boolean {
    return this.#phase === 'draining';
  }

  /** True when nothing more will be read or answered. */
  get finished(): boolean {
    return this.#phase === 'finished';
  }

  /** The answer that was begun and not ended. */
  get answer(): AnswerBody | undefined {
    return this.#answer;
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
    try {
      if (this.#phase === 'reading') return this.#read();
      if (this.#wanted) return this.#readPiece();
      return this.#phase === 'draining' && this.#drain() ? this.#read() : undefined;
    } catch (error) {
      this.#stop('failed');
      throw error;
    }
  }

  /** The request that was just announced is given out at once, and its body in pieces, each when it is wanted. */
  streamBody(): void {
    this.#streams = true;
  }

  /** The next piece of the body is given out when there is one. */
  wantBody(): void {
    this.#wanted = this.bodyFollows;
  }

  retain(): void {
    this.#inbox.retain();
  }

  /**
   * Answers the request being served. An interim response (1xx) leaves it unanswered.
   *
   * @throws {UsageError} no request is waiting for an answer.
   */
  encode(message: HttpAnswer, out: ByteWriter): void {
    if (this.#answer !== undefined) return this.#encodePiece(this.#answer, message, out);
    this.#checkServing();
    if (message instanceof Response) {
      this.#encodeResponse(message, out);
    } else if (message instanceof Chunk) {
      throw new UsageError(
        'E_HTTP_NO_STREAM',
        'a Chunk or an event goes behind a Response with Transfer-Encoding: chunked, or of text/event-stream',
      );
    } else {
      this.#settleBody();
      encodeBody(message, out, this.#exchange());
      this.#answered();
    }
  }

  /**
   * Appends the head of an answer that is sent piece by piece, and the body that it has as its first.
   *
   * @throws {UsageError} no request is waiting for an answer, or this one cannot have a body.
   */
  open(response: Response, out: ByteWriter): AnswerBody {
    this.#checkServing();
    const { version, method } = this.#head as RequestHead;
    const framing = response.framing(version);
    // Behind the head of the answer nobody can be told to go on.
    if (this.#continueOwed || framing === 'until-close' || response.closes) this.#persistent = false;
    response.encodeHead(out, this.#exchange(), framing);
    this.#continueOwed = false;
    const answer = new AnswerBody(method === 'HEAD' ? 'nothing' : framing, response.hasEvents);
    const { body } = response;
    if (typeof body === 'string' || body instanceof Uint8Array) answer.write(body, out);
    else this.#source = body;
    this.#answer = answer;
    return answer;
  }

  /** @returns what the answer that was just begun is to be filled from, once; `undefined`: by hand. */
  takeSource(): BodyStream | undefined {
    const source = this.#source;
    this.#source = undefined;
    return source;
  }

  /** The head of the request that is served. */
  get head(): RequestHead | undefined {
    return this.#phase === 'serving' ? this.#head : undefined;
  }

  /** True while the answer that was given waits to be settled. */
  get deferring(): boolean {
    return this.#deferring;
  }

  /** @returns the answer that is to be settled, once. */
  takeDeferred(): Response | undefined {
    const response = this.#deferred;
    this.#deferred = undefined;
    return response;
  }

  /** Appends what has become of the answer that was deferred, or what is answered in its place. */
  settle(response: Response, out: ByteWriter): void {
    this.#deferring = false;
    this.encode(response, out);
  }

  /**
   * Ends the answer that was begun.
   *
   * @throws {UsageError} fewer bytes were sent than Content-Length says, or a trailer cannot be sent.
   */
  endAnswer(trailers: Readonly<Record<string, HeaderValue>>, out: ByteWriter): void {
    this.#answer?.end(trailers, out);
    this.#settleBody();
    this.#answered();
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

  #read(): CodecEvent<Request> | undefined {
    if (!this.#head) {
      this.#head = this.#heads.read(this.#inbox);
      if (!this.#head) return undefined;
      this.#beginBody(this.#head);
      if (this.#announces && this.#head.bodyLength !== 0) return this.#announce(this.#head);
    }
    if (this.#streams) return this.#giveOut(this.#begun as Request);
    const body = this.#body?.read(this.#inbox);
    if (!body) return undefined;

    this.#body = undefined;
    this.#continueOwed = false;
    this.#begun?.setBody(body);
    return this.#giveOut(this.#begun ?? new this.#Request(this.#head, body));
  }

  #announce(head: RequestHead): CodecEvent<Request> {
    this.#begun = new this.#Request(head);
    this.#begun.setBody(undefined);
    return { type: 'head', message: this.#begun };
  }

  #giveOut(request: Request): CodecEvent<Request> {
    this.#phase = 'serving';
    this.#streams = false;
    this.#begun = undefined;
    this.#persistent = request.keepAlive;
    return { type: 'message', message: request };
  }

  #readPiece(): CodecEvent<Request> | undefined {
    const body = this.#body as BodyReader;
    const last = body.read(this.#inbox) !== undefined;
    const bytes = body.take();
    if (!last && bytes.length === 0) return undefined;
    this.#wanted = this.#continueOwed = false;
    if (last) this.#body = undefined;
    return { type: 'piece', bytes, last };
  }

  /**
   * What comes behind a body that breaks the rules here cannot be read; the answer is on its way already.
   *
   * @returns true at the end of the body.
   */
  #drain(): boolean {
    const body = this.#body as BodyReader;
    try {
      const last = body.read(this.#inbox) !== undefined;
      this.#drained += body.take().length;
      if (last) this.#body = undefined;
      if (last) this.#phase = 'reading';
      else if (this.#drained > this.#limits.maxDrained) this.#stop('finished');
      return last;
    } catch {
      this.#stop('finished');
      return false;
    }
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
      if (response.fileBody) return this.#defer(response);
      if (response.isOpen) return void this.open(response, out);
      if (response.closes) this.#persistent = false;
      this.#settleBody();
      response.encode(out, this.#exchange());
      this.#answered();
    } else if (this.#head?.version === '1.1') {
      response.encode(out, { persistent: true, headOnly: true });
    }
  }

  #encodePiece(answer: AnswerBody, message: HttpAnswer, out: ByteWriter): void {
    if (!(message instanceof Chunk)) {
      throw new UsageError(
        'E_HTTP_NO_REQUEST',
        'an answer is under way: go on with Chunks, an empty one ends it',
      );
    }
    if (message.body.length === 0) this.endAnswer({}, out);
    else answer.write(message.body, out);
  }

  #defer(response: Response): void {
    this.#deferred = response;
    this.#deferring = true;
  }

  #checkServing(): void {
    if (this.#phase === 'serving' && !this.#deferring && this.#answer === undefined) return;
    throw new UsageError('E_HTTP_NO_REQUEST', 'no request is waiting for an answer: each is answered once');
  }

  /** Of a body that is still to come, only a little is read over for the sake of the next request. */
  #settleBody(): void {
    if (this.#body === undefined) return;
    if (this.#continueOwed || this.#body.left > this.#limits.maxDrained) this.#persistent = false;
  }

  #exchange(): Exchange {
    const headOnly = this.#head?.method === 'HEAD';
    return { persistent: this.#persistent, headOnly, date: this.date, fields: this.answerFields };
  }

  #answered(): void {
    this.#head = undefined;
    this.answerFields = '';
    if (!this.#persistent) return this.#stop('finished');
    this.#answer = undefined;
    this.#phase = 'reading';
    if (this.#body !== undefined) this.#beginDraining();
  }

  #beginDraining(): void {
    this.#phase = 'draining';
    this.#wanted = this.#continueOwed = false;
    this.#drained = 0;
  }

  /** Nothing more is read; what was received is let go. */
  #stop(phase: Phase): void {
    this.#phase = phase;
    this.#persistent = false;
    this.#body = this.#begun = this.#answer = this.#source = this.#deferred = undefined;
    this.#continueOwed = this.#streams = this.#wanted = this.#deferring = false;
    this.#inbox.position = this.#inbox.end;
    this.#inbox.retain();
  }
}
