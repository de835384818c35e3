import type { ByteWriter } from '../bytes/byte-writer.ts';
import { UsageError } from '../errors.ts';
import type { Chunk } from '../protocol/http/chunk.ts';
import { Response } from '../protocol/http/response.ts';
import { isSendable } from '../protocol/websocket/close-code.ts';
import { now } from '../timer.ts';
import type { Wire, WireCause } from '../transport/engine.ts';
import { Answering } from './answering.ts';
import type { AnyHandlers } from './callbacks.ts';
import { Conversation, Hold, Status } from './conversation.ts';
import { defineCallbacks, type Handlers } from './handlers.ts';
import type { Host } from './host.ts';
import type { BodyPace } from './http/body-pace.ts';
import type { EventStream, EventStreamOptions } from './http/event-stream.ts';
import type { Exchange } from './http/exchange.ts';
import { openAnswer, openEvents } from './http/open-answer.ts';
import type { Request } from './http/request.ts';
import type { ResponseStream } from './http/response-stream.ts';
import type { NextHandler, NextProtocol, OutOf } from './switching.ts';

/** What a WebSocket connection sends: a string as text, bytes as binary. */
export type WebSocketData = string | Uint8Array;

/** What answers an HTTP request: a string or bytes mean status 200; `Chunk`s and events go behind a response that is open. */
export type HttpData = Response | Chunk | string | Uint8Array;

/** What a connection's messages are, told by what it sends; of a protocol of yours, only the worker knows. */
export type MessageFor<Out> = Response extends Out
  ? Request
  : WebSocketData extends Out
    ? string | Buffer
    : string extends Out
      ? string
      : unknown;

/** What `pipe` sends to: a connection, whatever its protocol, accepted or made. */
export interface Pipeable {
  send(message: never): boolean;
  close(): void;
  onBufferFull?: unknown;
  onBufferDrain?: unknown;
}

// A connection has callbacks of its own, at first its worker's: accessors, defined below the class.
export interface TcpConnection<Out = WebSocketData, Context = Record<string, unknown>>
  extends Handlers<Out, MessageFor<Out>, Context> {}

/**
 * One connection of a worker, whatever its protocol.
 *
 * @typeParam Out what `send` takes; the worker's protocol decides.
 * @typeParam Context what `context` holds; see the worker's option `context`.
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the accessors are defined right below the class
export class TcpConnection<Out = WebSocketData, Context = Record<string, unknown>> extends Conversation {
  /** Bytes waiting above which `onBufferFull` is called. */
  maxSendBufferSize: number;
  /** The subprotocol that was chosen from those offered (RFC 6455 §1.9). */
  subprotocol: string | undefined;
  /** @internal The request being served. */
  request: Request | undefined;
  /** @internal What waits for its answer. */
  answering: Answering | undefined;
  /** @internal While a request or its answer is streamed. */
  exchange: Exchange | undefined;
  /** @internal While the body of a request comes, and takes its time. */
  pace: BodyPace | undefined;
  #context: Context | undefined;
  #headers: Record<string, string> | undefined;
  /** The queue has reached `maxSendBufferSize` and is not empty again. */
  #full = false;
  /** When the queue last moved, while it is full. */
  #movedAt = 0;
  /** Messages sent before the 101 is on its way, or before an answer may leave. */
  #early: Out[] | undefined;
  /** How it ends once they have been sent. */
  #ending: (() => void) | undefined;
  #answer: ((status: number, text: string) => void) | undefined;

  /** @internal */
  constructor(host: Host, wire: Wire) {
    super(host, wire);
    this.maxSendBufferSize = host.limits.softQueue;
  }

  /** Room of your own for what belongs to this connection. */
  get context(): Context {
    this.#context ??= this.host.makeContext() as Context;
    return this.#context;
  }

  set context(value: Context) {
    this.#context = value;
  }

  /** Extra header fields for the 101, set in `onWebSocketConnect`. */
  get headers(): Record<string, string> {
    this.#headers ??= {};
    return this.#headers;
  }

  set headers(headers: Record<string, string>) {
    this.#headers = headers;
  }

  /**
   * Sends one message, whole or not at all.
   *
   * @param raw true sends bytes as they are, without the protocol.
   * @returns true when it was accepted; false when it was refused: the connection is closed or closing,
   *   or the peer does not read and the queue is at its limit (which closes the connection with 1013).
   */
  send(message: Out, raw: boolean = false): boolean {
    if (this.status !== Status.established) return this.#refuse('connection closed');
    if (this.#early !== undefined && !raw && this.#waits(message, this.#early)) return true;
    if (this.wire.bufferedBytes >= this.maxSendBufferSize && !this.#mayQueue()) return false;
    this.write((out) => {
      if (raw) writeRaw(message, out);
      else this.codec.encode(message, out);
    });
    this.host.tally.messagesSent++;
    this.stage.sent?.(this.self);
    return true;
  }

  /**
   * Answers an HTTP request piece by piece, by hand: `write`, `await drained`, `end`.
   *
   * @param response with its body, if it has one, as the first piece.
   * @returns a stream that is not open when the connection is not.
   * @throws {UsageError} no request waits for an answer, or this response has no body.
   */
  openStream(this: TcpConnection<HttpData, Context>, response: Response = new Response()): ResponseStream {
    return openAnswer(this.self, response);
  }

  /**
   * Answers an HTTP request with server-sent events: `event`, `end`.
   *
   * @returns as `openStream`.
   * @throws {UsageError} no request waits for an answer.
   */
  openEventStream(this: TcpConnection<HttpData, Context>, options: EventStreamOptions = {}): EventStream {
    return openEvents(this.self, options);
  }

  /**
   * Closes in the protocol's way, after what is queued: WebSocket sends a close frame.
   *
   * @param last a close code (WebSocket; 1000 if left out) or a last message to send.
   * @param reason goes with a close code; at most 123 bytes of UTF-8 are sent.
   */
  close(last?: number | Out, reason: string = ''): void {
    if (this.status !== Status.established) return;
    const code = typeof last === 'number' ? checkedCode(last) : 1000;
    if (last !== undefined && typeof last !== 'number') this.send(last);
    if (this.#isPreparing()) return this.#endLater(() => this.close(code, reason));
    this.note({ by: 'us' });
    this.stage.close(this.self, code, reason);
  }

  /** Ends our side after what is queued, without a word in the protocol; the peer may finish sending. */
  end(last?: Out): void {
    if (this.status !== Status.established) return;
    if (last !== undefined) this.send(last);
    if (this.#isPreparing()) return this.#endLater(() => this.end());
    this.note({ by: 'us', how: 'fin' });
    this.finish();
  }

  /** Closes now; what is queued is lost. `onClose` follows. */
  destroy(): void {
    if (this.isClosed) return;
    this.note({ by: 'us', how: 'destroyed' });
    this.wire.destroy();
  }

  /**
   * Refuses an upgrade from within `onWebSocketConnect`.
   *
   * @param status of the answer, 400 to 599.
   * @param text its body, for the person at the other end.
   */
  reject(status: number, text: string = ''): void {
    if (!this.#answer) {
      throw new UsageError(
        'E_NOT_DECIDING',
        'reject() is for onWebSocketConnect, before the upgrade is answered',
      );
    }
    this.#answer(status, text);
  }

  /** Stops reading: the peer's sending is slowed down by TCP itself. */
  pauseRecv(): void {
    this.hold(Hold.user);
  }

  /** Goes on reading, with what has come already first. */
  resumeRecv(): void {
    this.release(Hold.user);
  }

  /**
   * Sends all that comes to another connection, as fast as that one can send. Takes over this
   * connection's `onMessage` and `onClose` and the other's `onBufferFull` and `onBufferDrain`.
   */
  pipe(target: Pipeable): void {
    const sink = target as unknown as TcpConnection<unknown>;
    this.onMessage = (_, message) => sink.send(message as never);
    this.onClose = () => sink.close();
    sink.onBufferFull = () => this.pauseRecv();
    sink.onBufferDrain = () => this.resumeRecv();
  }

  /**
   * Goes on in another protocol, from the next byte on. From protocols of nothing but messages (`tcp`, `text`, `frame`
   * and yours), to these or to `http` and `websocket`.
   *
   * @param protocol a name, or what `defineProtocol()` gives.
   * @param onMessage hears the messages of that protocol.
   * @param unread the end of the message at hand, where it belongs to that protocol already: `tcp` cannot know.
   * @returns this connection, as it is typed from here on.
   * @throws {UsageError} HTTP or WebSocket is spoken, or there is no such protocol.
   */
  switchProtocol<const Q extends NextProtocol>(
    protocol: Q,
    onMessage: NextHandler<Q, Context>,
    unread?: Uint8Array,
  ): TcpConnection<OutOf<Q>, Context> {
    if (!this.stage.switches)
      throw new UsageError('E_SWITCH', `a connection that speaks ${this.stage.name} cannot switch protocols`);
    const beginning = this.host.beginningIn(protocol);
    this.onMessage = onMessage as never;
    if (this.isOpen) {
      this.become(beginning.makeCodec(), beginning.stage, unread);
      beginning.begin(this.self);
      this.work();
    }
    return this as never;
  }

  /** Sends a WebSocket ping; the pong arrives at `onWebSocketPong`. @returns false for other protocols. */
  ping(payload: Uint8Array | string = ''): boolean {
    const { codec } = this;
    if (!this.isOpen || !codec.encodePing) return false;
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    this.write((out) => codec.encodePing?.(bytes, out));
    return true;
  }

  /** Bytes accepted by `send` that have not left. */
  get bufferedBytes(): number {
    return this.wire.bufferedBytes;
  }

  getSendBufferQueueSize(): number {
    return this.bufferedBytes;
  }

  bufferIsEmpty(): boolean {
    return this.bufferedBytes === 0;
  }

  /**
   * Workerman's number: 2 established, 8 closing, 16 closed.
   *
   * @param raw false gives the word: `ESTABLISHED`, `CLOSING`, `CLOSED`.
   */
  getStatus(raw?: true): number;
  getStatus(raw: false): string;
  getStatus(raw: boolean): number | string;
  getStatus(raw: boolean = true): number | string {
    return raw ? this.status : nameOfStatus(this.status).toUpperCase();
  }

  /** What `JSON.stringify` shows of it. */
  toJSON(): Record<string, unknown> {
    const { id, secure, remoteAddress, localAddress, bytesRead, bytesWritten } = this;
    const status = nameOfStatus(this.status);
    const protocol = this.stage.name;
    return { id, status, protocol, secure, remoteAddress, localAddress, bytesRead, bytesWritten };
  }

  /** @internal Appends to the send queue; what `append` throws leaves no trace in it. */
  write(append: (out: ByteWriter) => void): void {
    this.bytesWritten += this.wire.out.append(append);
    this.wire.commit();
    this.#noticeFull();
  }

  /** @internal Sends what was encoded once for many connections. @returns as `send`. */
  sendShared(frame: Buffer): boolean {
    if (this.status !== Status.established) return this.#refuse('connection closed');
    if (this.wire.bufferedBytes >= this.maxSendBufferSize && !this.#mayQueue()) return false;
    this.bytesWritten += frame.length;
    this.wire.share(frame);
    this.host.tally.messagesSent++;
    this.#noticeFull();
    return true;
  }

  /** @internal While an upgrade is decided, messages wait and `reject()` answers. */
  beginDecision(answer: (status: number, text: string) => void): void {
    this.#early = [];
    this.#answer = answer;
  }

  /** @internal @returns the messages that waited. */
  endDecision(): readonly Out[] {
    const early = this.#early ?? [];
    this.#early = undefined;
    this.#answer = undefined;
    return early;
  }

  /** @internal For what waits for the answer to the request being served. */
  openAnswering(): Answering {
    this.answering ??= new Answering();
    this.#early ??= [];
    return this.answering;
  }

  /** @internal Calls back when the answer may leave: at once where nothing has to be done before. */
  prepared(act: () => void): void {
    const { answering } = this;
    if (answering === undefined) return act();
    // Meanwhile the request may have been answered otherwise, and another one be served.
    const isCurrent = (): boolean => this.answering === answering;
    const ready = (): void => {
      if (!isCurrent()) return;
      if (this.isOpen) this.stage.prepared?.(this.self);
      act();
    };
    if (!answering.needsPreparing) return ready();
    const fail = (error: unknown): void => {
      if (isCurrent()) this.handlerFailed('onMessage', error);
    };
    answering.prepare().then(ready).catch(fail);
  }

  /** @internal The request was answered, or nobody is left to answer. */
  override endAnswering(): void {
    const { answering } = this;
    this.request = undefined;
    if (answering === undefined) return;
    this.answering = this.#early = this.#ending = undefined;
    answering.over();
  }

  /** @internal */
  closeSent(code: number, reason: string): void {
    this.notes = { ...this.notes, sent: { code, reason } };
    this.status = Status.closing;
    this.expect('the close handshake', this.host.limits.closeMs);
  }

  /** @internal */
  closeReceived(code: number, reason: string): void {
    this.notes = { ...this.notes, received: { code, reason } };
    this.note({ by: 'peer', how: 'frame' });
  }

  /** @internal */
  get closeWasSent(): boolean {
    return this.notes?.sent !== undefined;
  }

  /** @internal A queue over its limit that does not move closes the connection, also when nothing is sent. */
  checkStall(time: number): void {
    if (this.#full && this.isOpen && time - this.#movedAt >= this.host.limits.stallMs) this.#overflow();
  }

  /** @internal */
  override closed(wire: Wire, cause: WireCause): void {
    const { exchange } = this;
    this.exchange = undefined;
    super.closed(wire, cause);
    exchange?.abort();
  }

  /** @internal */
  override finish(): void {
    const { exchange } = this;
    this.exchange = undefined;
    super.finish();
    exchange?.abort();
  }

  /** Who reads a body waits for what comes next: nothing is held back for its sake. */
  protected override handlerIsAwaited(name: keyof AnyHandlers, awaited: boolean): void {
    if (!awaited || !this.exchange?.body) super.handlerIsAwaited(name, awaited);
  }

  protected override beginAnew(wire: Wire): void {
    super.beginAnew(wire);
    this.subprotocol = undefined;
    this.#full = false;
  }

  protected override queueMoved(): void {
    this.exchange?.answer?.queueMoved();
    if (!this.#full) return;
    this.#movedAt = now();
    if (this.wire.bufferedBytes > 0) return;
    this.#full = false;
    this.call('onBufferDrain', this.handlers.onBufferDrain, undefined);
  }

  /** A message in front of which something has to be done or decided. */
  #waits(message: Out, early: Out[]): boolean {
    if (this.#answer === undefined && early.length === 0) {
      const isInterim = message instanceof Response && message.status < 200;
      if (isInterim || !this.answering) return false;
      if (!this.answering.needsPreparing) {
        this.stage.prepared?.(this.self);
        return false;
      }
      this.prepared(() => this.#sendEarly());
    }
    return early.push(message) > 0;
  }

  #sendEarly(): void {
    const [early, ending] = [this.#early ?? [], this.#ending];
    this.#early = this.#ending = undefined;
    for (const message of early) this.send(message);
    ending?.();
  }

  #isPreparing(): boolean {
    return this.#answer === undefined && this.#early !== undefined && this.#early.length > 0;
  }

  #endLater(act: () => void): void {
    this.#ending ??= act;
  }

  #noticeFull(): void {
    if (this.#full || this.wire.bufferedBytes < this.maxSendBufferSize) return;
    this.#full = true;
    this.#movedAt = now();
    this.call('onBufferFull', this.handlers.onBufferFull, undefined);
  }

  /** Decides on a message that comes while the queue is over its soft limit. */
  #mayQueue(): boolean {
    const { overflow, hardQueue, stallMs } = this.host.limits;
    if (overflow === 'drop') return this.#refuse('send queue is full');
    if (this.wire.bufferedBytes < hardQueue && (!this.#full || now() - this.#movedAt < stallMs)) return true;
    this.#overflow();
    return this.#refuse('send queue is full');
  }

  #overflow(): void {
    if (this.host.limits.overflow === 'drop') return;
    const reason = `the peer does not read: ${this.wire.bufferedBytes} bytes wait for it`;
    this.note({ by: 'us', how: 'limit', reason });
    this.report(1013, reason);
    this.stage.close(this.self, 1013, 'send queue is full');
  }

  #refuse(reason: string): false {
    this.host.tally.sendFailures++;
    this.tellError(2, reason);
    return false;
  }
}

defineCallbacks(TcpConnection.prototype);

function nameOfStatus(status: number): string {
  return Object.entries(Status).find(([, number]) => number === status)?.[0] ?? '';
}

function checkedCode(code: number): number {
  if (Number.isInteger(code) && isSendable(code)) return code;
  throw new UsageError(
    'E_CLOSE_CODE',
    `close code ${code} cannot be sent; use 1000, or 3000 to 4999 of your own`,
  );
}

function writeRaw(message: unknown, out: ByteWriter): void {
  if (typeof message === 'string') out.writeUtf8(message);
  else if (message instanceof Uint8Array) out.writeBytes(message);
  else throw new UsageError('E_RAW', 'a raw send takes a string or bytes');
}
