import { HttpProtocolError, type PeerError } from '../errors.ts';
import type { HttpServerCodec } from '../protocol/http/http-codec.ts';
import type { Request } from '../protocol/http/request.ts';
import { Response } from '../protocol/http/response.ts';
import { wantsUpgrade } from '../protocol/websocket/handshake.ts';
import { httpDate, now } from '../timer.ts';
import { Hold } from './conversation.ts';
import type { HandlerName } from './handlers.ts';
import type { Stage } from './stage.ts';
import type { TcpConnection } from './tcp-connection.ts';
import { identification, type Trust } from './trust.ts';
import type { UpgradeDesk } from './upgrade-desk.ts';

const HEAD = 'the request head';
const BODY = 'the request body';
const IDLE = 'the next request';
/** What an upgrade waits for while `onWebSocketConnect` makes up its mind. */
export const DECISION = 'the decision on the upgrade';

/** HTTP/1.1 as a connection speaks it, and the door through which it becomes a WebSocket. */
export class HttpStage implements Stage {
  readonly name = 'http';
  readonly #callback: HandlerName;
  readonly #desk: UpgradeDesk;
  readonly #identify: (connection: TcpConnection, request: Request) => void;

  /**
   * @param callback who answers plain requests.
   * @param desk decides on upgrades.
   * @param trust whose word counts about where requests come from.
   */
  constructor(callback: 'onMessage' | 'onRequest', desk: UpgradeDesk, trust: Trust | undefined) {
    this.#callback = callback;
    this.#desk = desk;
    this.#identify = identification(trust);
  }

  message(connection: TcpConnection, message: unknown): void {
    const request = message as Request;
    const codec = codecOf(connection);
    codec.date = httpDate();
    connection.expect('', Number.POSITIVE_INFINITY);
    if (connection.host.stopping) codec.closeAfterAnswer();
    connection.request = request;
    request.connection = connection;
    this.#identify(connection, request);
    if (this.#takesUpgrades(connection) && wantsUpgrade(request))
      return this.#desk.receive(connection, request);
    const handler = connection.handlers[this.#callback] as RequestHandler;
    if (handler) connection.call(this.#callback, handler, request);
    else answer(connection, UPGRADE_REQUIRED);
  }

  ended(connection: TcpConnection): void {
    if (!codecOf(connection).serving) connection.finish();
  }

  failed(connection: TcpConnection, error: PeerError): void {
    const refusal = error instanceof HttpProtocolError ? error : new HttpProtocolError(400, error.message);
    connection.report(refusal.status, refusal.message);
    const codec = codecOf(connection);
    connection.write((out) => codec.refuse(refusal, out));
    connection.finish();
  }

  close(connection: TcpConnection): void {
    connection.finish();
  }

  dismiss(connection: TcpConnection): void {
    const codec = codecOf(connection);
    if (codec.serving) codec.closeAfterAnswer();
    else if (connection.isOpen) connection.finish();
  }

  linger(connection: TcpConnection): void {
    const codec = codecOf(connection);
    if (codec.serving) codec.closeAfterAnswer();
  }

  /** A handler that finds a request wrong, by itself or by reading its body, answers with the status of the error. */
  blame(connection: TcpConnection, error: PeerError): boolean {
    if (!(error instanceof HttpProtocolError) || !codecOf(connection).serving) return false;
    connection.report(error.status, error.message);
    answer(connection, plain(error.status, error.message));
    return true;
  }

  handlerFailed(connection: TcpConnection): void {
    if (codecOf(connection).serving) answer(connection, FAILED);
    if (connection.isOpen) connection.finish();
  }

  prepared(connection: TcpConnection): void {
    codecOf(connection).answerFields = connection.answering?.leave() ?? '';
  }

  sent(connection: TcpConnection): void {
    const codec = codecOf(connection);
    if (codec.serving) return;
    connection.endAnswering();
    if (!codec.persistent || connection.peerHasEnded || connection.host.stopping) return connection.finish();
    connection.expect(IDLE, connection.host.limits.keepAliveMs);
    connection.release(Hold.answer);
    connection.work();
  }

  /**
   * Who waits for a word before it sends a body gets it. Behind a request that is not answered yet a few
   * more may queue; reading goes on as long as it can, because only that shows that the peer has left.
   */
  starved(connection: TcpConnection): void {
    const codec = codecOf(connection);
    if (codec.owesContinue) connection.write((out) => codec.writeContinue(out));
    const { readPauseQueue } = connection.host.limits;
    if (codec.serving && codec.heldBytes > readPauseQueue) connection.hold(Hold.answer);
  }

  expired(connection: TcpConnection, what: string): void {
    if (what === IDLE) return connection.finish();
    if (!connection.isOpen) return connection.wire.destroy();
    this.failed(
      connection,
      new HttpProtocolError(what === DECISION ? 503 : 408, `${what} did not come in time`),
    );
  }

  /** A request that has begun is given its own time: first for the head, then while its body flows. */
  visit(connection: TcpConnection, time: number): void {
    connection.checkStall(time);
    const codec = codecOf(connection);
    if (!connection.isOpen || !codec.midMessage) return;
    const { upgradeMs } = connection.host.limits;
    if (codec.readingBody) {
      connection.awaited = BODY;
      connection.deadline = connection.aliveAt + upgradeMs;
    } else if (connection.awaited === IDLE) {
      connection.expect(HEAD, upgradeMs);
    }
  }

  /** On an HTTP worker an upgrade is a plain request unless somebody listens to WebSockets. */
  #takesUpgrades({ handlers }: TcpConnection): boolean {
    if (this.#callback === 'onRequest') return true;
    return Boolean(handlers.onWebSocketMessage ?? handlers.onWebSocketConnect);
  }

  /** A new connection has so long for its first request. */
  begin(connection: TcpConnection): void {
    connection.awaited = HEAD;
    connection.deadline = now() + connection.host.limits.upgradeMs;
  }
}

/** Answers in the HTTP stage; the connection goes on or closes as the answer says. */
export function answer(connection: TcpConnection, response: Response): void {
  connection.write((out) => connection.codec.encode(response, out));
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

function codecOf(connection: TcpConnection): HttpServerCodec {
  return connection.codec as unknown as HttpServerCodec;
}

type RequestHandler = ((connection: TcpConnection, request: Request) => unknown) | undefined | null;
