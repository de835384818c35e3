import { type PeerError, WebSocketProtocolError } from '../errors.ts';
import type { ControlEvent } from '../protocol/codec.ts';
import { CloseCode } from '../protocol/websocket/close-code.ts';
import type { HandlerName } from './handlers.ts';
import { Examination, type MessageSchema } from './message-schema.ts';
import type { Stage } from './stage.ts';
import type { TcpConnection } from './tcp-connection.ts';

const NOTHING = Buffer.alloc(0);

/**
 * WebSocket as a connection speaks it: messages to the handler, pings answered, the close handshake,
 * and a heartbeat that finds dead peers and keeps proxies awake.
 *
 * @see RFC 6455 §5.5 — Control Frames, §7 — Closing the Connection
 */
export class WebSocketStage implements Stage {
  readonly name = 'websocket';
  readonly #callback: HandlerName;

  /** @param callback who hears of messages: `onMessage`, or `onWebSocketMessage` on an HTTP worker. */
  constructor(callback: 'onMessage' | 'onWebSocketMessage') {
    this.#callback = callback;
  }

  message(connection: TcpConnection, message: unknown): void {
    const handler = connection.handlers[this.#callback] as MessageHandler;
    connection.call(this.#callback, handler, message);
  }

  control(connection: TcpConnection, { type, payload }: ControlEvent): void {
    const { handlers, codec } = connection;
    if (type === 'pong') return connection.call('onWebSocketPong', handlers.onWebSocketPong, payload);
    if (connection.isOpen) connection.write((out) => codec.encodePong?.(payload, out));
    connection.call('onWebSocketPing', handlers.onWebSocketPing, payload);
  }

  /** The peer's code is echoed (§5.5.1); a server then ends the transport (§7.1.1). */
  farewell(connection: TcpConnection, code: number | undefined, reason: string): void {
    const { handlers } = connection;
    connection.closeReceived(code ?? CloseCode.noStatus, reason);
    const tell = handlers.onWebSocketClose;
    if (tell)
      connection.call(
        'onWebSocketClose',
        (self) => tell(self, code ?? CloseCode.noStatus, reason),
        undefined,
      );
    if (!connection.closeWasSent) this.#sendClose(connection, code, '');
    connection.finish();
  }

  ended(connection: TcpConnection): void {
    connection.finish();
  }

  /** @see RFC 6455 §7.1.7 — Fail the WebSocket Connection */
  failed(connection: TcpConnection, error: PeerError): void {
    const code = error instanceof WebSocketProtocolError ? error.closeCode : CloseCode.protocolError;
    connection.report(code, error.message);
    if (!connection.closeWasSent) this.#sendClose(connection, code, error.message);
    connection.finish();
  }

  close(connection: TcpConnection, code: number, reason: string): void {
    if (!connection.closeWasSent) this.#sendClose(connection, code, reason);
  }

  dismiss(connection: TcpConnection, code: number): void {
    if (connection.isOpen) this.close(connection, code, 'the server stops');
  }

  handlerFailed(connection: TcpConnection): void {
    this.#sendClose(connection, CloseCode.internalError, 'internal error');
    connection.finish();
  }

  expired(connection: TcpConnection): void {
    connection.wire.destroy();
  }

  visit(connection: TcpConnection, time: number): void {
    const { pingMs, idleMs } = connection.host.limits;
    connection.checkStall(time);
    if (idleMs > 0 && connection.listens && time - connection.aliveAt >= idleMs) {
      connection.note({ by: 'network', how: 'deadline', reason: `nothing heard for ${idleMs / 1000} s` });
      return connection.wire.destroy();
    }
    if (pingMs === 0 || time < connection.pingAt || !connection.isOpen) return;
    connection.pingAt = time + pingMs;
    connection.ping(NOTHING);
  }

  #sendClose(connection: TcpConnection, code: number | undefined, reason: string): void {
    const { codec } = connection;
    connection.write((out) => codec.encodeClose?.(code, reason, out));
    connection.closeSent(code ?? CloseCode.noStatus, reason);
  }
}

/** The same, with messages that fit a schema. */
export class ExaminedWebSocketStage extends WebSocketStage {
  readonly #examination: Examination;

  constructor(schema: MessageSchema) {
    super('onMessage');
    this.#examination = new Examination(schema);
  }

  override message(connection: TcpConnection, message: unknown): void {
    this.#examination.examine(connection, message, (self, value) => super.message(self, value));
  }
}

type MessageHandler = ((connection: TcpConnection, message: unknown) => unknown) | undefined | null;
