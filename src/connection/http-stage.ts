import { HttpProtocolError, type PeerError, RequestAbortedError } from '../errors.ts';
import type { PartialEvent } from '../protocol/codec.ts';
import type { HttpServerCodec } from '../protocol/http/http-codec.ts';
import type { RequestHead } from '../protocol/http/request.ts';
import { Response } from '../protocol/http/response.ts';
import { CloseCode } from '../protocol/websocket/close-code.ts';
import { wantsUpgrade } from '../protocol/websocket/handshake.ts';
import { httpDate, now } from '../timer.ts';
import { Hold } from './conversation.ts';
import { BodyPace } from './http/body-pace.ts';
import { Exchange } from './http/exchange.ts';
import { pump, release } from './http/pump.ts';
import type { Request } from './http/request.ts';
import { RequestBody } from './http/request-body.ts';
import { ResponseStream } from './http/response-stream.ts';
import { resolveFile } from './http/send-file.ts';
import type { Stage } from './stage.ts';
import type { TcpConnection } from './tcp-connection.ts';
import { identification, type Trust } from './trust.ts';
import type { UpgradeDesk } from './upgrade-desk.ts';

const HEAD = 'the request head';
const BODY = 'the request body';
const DRAIN = 'the rest of the request body';
const IDLE = 'the next request';
const ANSWER = 'the answer to the request';
/** What an upgrade waits for while `onWebSocketConnect` makes up its mind. */
export const DECISION = 'the decision on the upgrade';

/** Which requests are given out before their body; asked when their head is there. */
export type StreamBody = boolean | ((request: Request) => boolean);

/** HTTP/1.1 as a connection speaks it, and the door through which it becomes a WebSocket. */
export class HttpStage implements Stage {
  readonly name = 'http';
  /** Who answers plain requests. */
  readonly callback: 'onMessage' | 'onRequest';
  readonly #desk: UpgradeDesk;
  readonly #identify: (connection: TcpConnection, request: Request) => void;
  readonly #streamBody: StreamBody;

  /**
   * @param callback who answers plain requests.
   * @param desk decides on upgrades.
   * @param trust whose word counts about where requests come from.
   */
  constructor(
    callback: 'onMessage' | 'onRequest',
    desk: UpgradeDesk,
    { trust, streamBody = false }: { readonly trust?: Trust | undefined; readonly streamBody?: StreamBody },
  ) {
    this.callback = callback;
    this.#desk = desk;
    this.#identify = identification(trust);
    this.#streamBody = streamBody;
  }

  message(connection: TcpConnection, message: unknown): void {
    const request = message as Request;
    const codec = codecOf(connection);
    codec.date = httpDate();
    connection.pace = undefined;
    connection.expect(ANSWER, connection.host.limits.answerMs);
    if (connection.host.stopping) codec.closeAfterAnswer();
    connection.request = request;
    request.connection = connection;
    this.#identify(connection, request);
    if (this.#isUpgrade(connection, request)) return this.#desk.receive(connection, request);
    if (codec.bodyFollows) streamBody(connection, codec, request);
    const handler = connection.handlers[this.callback] as RequestHandler;
    if (handler) connection.call(this.callback, handler, request);
    else answer(connection, UPGRADE_REQUIRED);
  }

  partial(connection: TcpConnection, event: PartialEvent<unknown>): void {
    if (event.type === 'head') {
      if (this.#streams(connection, event.message as Request)) codecOf(connection).streamBody();
      return;
    }
    if (event.last) connection.pace = undefined;
    connection.expect(ANSWER, event.last ? connection.host.limits.answerMs : Number.POSITIVE_INFINITY);
    connection.exchange?.body?.give(event.bytes, event.last);
  }

  /** Who listens to an event stream has left; anybody else may still read his answer. */
  ended(connection: TcpConnection): void {
    const codec = codecOf(connection);
    if (!codec.serving || connection.exchange?.answer?.isEndless) connection.finish();
    else if (codec.bodyIsWanted) connection.work();
  }

  failed(connection: TcpConnection, error: PeerError): void {
    const refusal = error instanceof HttpProtocolError ? error : new HttpProtocolError(400, error.message);
    connection.report(refusal.status, refusal.message);
    const codec = codecOf(connection);
    connection.exchange?.body?.fail(refusal);
    if (connection.exchange?.answer) return connection.wire.destroy();
    connection.write((out) => codec.refuse(refusal, out));
    connection.finish();
  }

  /** What is under way is finished first, unless it is closed for a reason (another code than 1000). */
  close(connection: TcpConnection, code: number): void {
    const codec = codecOf(connection);
    const { answer } = connection.exchange ?? {};
    const isBegun = answer !== undefined || codec.deferring;
    if (!isBegun || code !== CloseCode.normal) return connection.finish();
    codec.closeAfterAnswer();
    if (answer && !answer.isPumped) answer.end();
  }

  /** An event stream has no end of its own: it gets one, so that the browser connects again. */
  dismiss(connection: TcpConnection): void {
    const codec = codecOf(connection);
    if (!codec.serving) return connection.isOpen ? connection.finish() : undefined;
    codec.closeAfterAnswer();
    if (connection.exchange?.answer?.isEndless) connection.exchange.answer.end();
  }

  linger(connection: TcpConnection): void {
    const codec = codecOf(connection);
    if (codec.serving) codec.closeAfterAnswer();
  }

  /** A handler that finds a request wrong, by itself or by reading its body, answers with the status of the error. */
  blame(connection: TcpConnection, error: PeerError): boolean {
    if (!(error instanceof HttpProtocolError) || connection.exchange?.answer) return false;
    if (!codecOf(connection).serving) return false;
    connection.report(error.status, error.message);
    answer(connection, plain(error.status, error.message));
    return true;
  }

  /** An answer that was begun is cut, so that it does not look whole. */
  handlerFailed(connection: TcpConnection): void {
    if (connection.exchange?.answer) return connection.wire.destroy();
    const codec = codecOf(connection);
    if (codec.serving) answer(connection, FAILED);
    else if (codec.readingBody)
      connection.write((out) => codec.refuse(new HttpProtocolError(500, 'internal error'), out));
    if (connection.isOpen) connection.finish();
  }

  prepared(connection: TcpConnection): void {
    codecOf(connection).answerFields = connection.answering?.leave() ?? '';
  }

  sent(connection: TcpConnection): void {
    const codec = codecOf(connection);
    if (codec.serving) return this.#begun(connection, codec);
    connection.exchange?.conclude();
    connection.exchange = undefined;
    connection.endAnswering();
    if (!codec.persistent || connection.peerHasEnded || connection.host.stopping) return connection.finish();
    const { keepAliveMs, upgradeMs } = connection.host.limits;
    if (codec.draining) connection.expect(DRAIN, upgradeMs);
    else connection.expect(IDLE, keepAliveMs);
    connection.release(Hold.answer);
    connection.work();
  }

  /**
   * Who waits for a word before it sends a body gets it. Behind a request that is not answered yet a few
   * more may queue; reading goes on as long as it can, because only that shows that the peer has left.
   */
  starved(connection: TcpConnection): void {
    const codec = codecOf(connection);
    const { readPauseQueue, keepAliveMs } = connection.host.limits;
    if (codec.owesContinue && (!codec.serving || codec.bodyIsWanted))
      connection.write((out) => codec.writeContinue(out));
    if (codec.bodyIsWanted) {
      if (connection.peerHasEnded) connection.exchange?.body?.fail(cutShort());
    } else if (codec.serving) {
      if (codec.heldBytes > readPauseQueue) connection.hold(Hold.answer);
    } else if (connection.awaited === DRAIN && !codec.draining) {
      if (codec.finished) connection.finish();
      else connection.expect(IDLE, keepAliveMs);
    }
  }

  expired(connection: TcpConnection, what: string): void {
    if (what === IDLE || what === DRAIN) return connection.finish();
    if (!connection.isOpen) return connection.wire.destroy();
    this.failed(connection, tooLate(what));
  }

  /** A request that has begun is given its own time: first for the head, then while its body flows. */
  visit(connection: TcpConnection, time: number): void {
    connection.checkStall(time);
    if (connection.isOpen) connection.exchange?.answer?.visit(time);
    const codec = codecOf(connection);
    if (!connection.isOpen) return;
    if (codec.readingBody || codec.bodyIsWanted) return this.#visitBody(connection, time);
    connection.pace = undefined;
    if (codec.midMessage && connection.awaited === IDLE)
      connection.expect(HEAD, connection.host.limits.upgradeMs);
  }

  /** A body may neither stand still nor drip; what waits for us is not its fault. */
  #visitBody(connection: TcpConnection, time: number): void {
    const { upgradeMs, minBodyRate } = connection.host.limits;
    connection.awaited = BODY;
    connection.deadline = connection.aliveAt + upgradeMs;
    if (!connection.listens) connection.pace = undefined;
    connection.pace ??= new BodyPace(time, connection.bytesRead);
    if (connection.pace.isKept(time, connection.bytesRead, minBodyRate, upgradeMs)) return;
    connection.note({ by: 'us', how: 'deadline', reason: BODY });
    this.failed(connection, tooLate(BODY));
  }

  /** The head of an answer is on its way, and its body follows. */
  #begun(connection: TcpConnection, codec: HttpServerCodec): void {
    const file = codec.takeDeferred();
    if (file) return void this.#sendFile(connection, codec, file);
    const source = codec.takeSource();
    if (!codec.answer || (connection.exchange?.answer && !source)) return;
    connection.expect('', Number.POSITIVE_INFINITY);
    const stream = new ResponseStream(connection, codec.answer, this.callback);
    exchangeOf(connection).answer = stream;
    if (!source) return;
    stream.isPumped = true;
    if (codec.answer.isSent) return void pump(source, stream);
    release(source);
    stream.end();
  }

  async #sendFile(connection: TcpConnection, codec: HttpServerCodec, response: Response): Promise<void> {
    try {
      const file = await resolveFile(codec.head as RequestHead, response);
      if (connection.isOpen && codec.deferring) answer(connection, file.answer);
      else file.close();
    } catch (error) {
      if (codec.deferring) connection.handlerFailed(this.callback, error);
    }
  }

  /** An upgrade is decided when all of its request is there. A predicate that throws is a handler that failed. */
  #streams(connection: TcpConnection, request: Request): boolean {
    const streamBody = this.#streamBody;
    if (streamBody === false || this.#isUpgrade(connection, request)) return false;
    try {
      return streamBody === true || streamBody(request);
    } catch (error) {
      connection.handlerFailed(this.callback, error);
      return false;
    }
  }

  /** On an HTTP worker an upgrade is a plain request unless somebody listens to WebSockets. */
  #isUpgrade({ handlers }: TcpConnection, request: Request): boolean {
    const taken = this.callback === 'onRequest' || handlers.onWebSocketMessage || handlers.onWebSocketConnect;
    return Boolean(taken) && wantsUpgrade(request);
  }

  /** A new connection has so long for its first request. */
  begin(connection: TcpConnection): void {
    connection.awaited = HEAD;
    connection.deadline = now() + connection.host.limits.upgradeMs;
  }
}

/** Answers in the HTTP stage; the connection goes on or closes as the answer says. */
export function answer(connection: TcpConnection, response: Response): void {
  const codec = codecOf(connection);
  connection.write((out) => (codec.deferring ? codec.settle(response, out) : codec.encode(response, out)));
  connection.stage.sent?.(connection);
}

export function plain(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(status, { 'Content-Type': 'text/plain; charset=utf-8', ...headers }, `${text}\n`);
}

const UPGRADE_REQUIRED: Response = plain(426, 'this address speaks WebSocket', {
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
});
const FAILED: Response = plain(500, 'internal error', { Connection: 'close' });

function streamBody(connection: TcpConnection, codec: HttpServerCodec, request: Request): void {
  const body = new RequestBody(() => {
    codec.wantBody();
    connection.release(Hold.answer);
    connection.work();
  });
  exchangeOf(connection).body = body;
  request.streamFrom(body);
}

function exchangeOf(connection: TcpConnection): Exchange {
  connection.exchange ??= new Exchange();
  return connection.exchange;
}

function tooLate(what: string): HttpProtocolError {
  return new HttpProtocolError(
    what === DECISION || what === ANSWER ? 503 : 408,
    `${what} did not come in time`,
  );
}

function cutShort(): RequestAbortedError {
  return new RequestAbortedError(
    'the peer ended the connection before the body of its request had come whole',
  );
}

function codecOf(connection: TcpConnection): HttpServerCodec {
  return connection.codec as unknown as HttpServerCodec;
}

type RequestHandler = ((connection: TcpConnection, request: Request) => unknown) | undefined | null;
