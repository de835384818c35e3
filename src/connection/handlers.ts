import type { CloseCause } from './close-cause.ts';
import type { Request } from './http/request.ts';
import type { HttpData, TcpConnection, WebSocketData } from './tcp-connection.ts';

/** A callback may be left out, or taken back with `undefined` or `null`. */
export type Handler<Arguments extends unknown[]> = ((...args: Arguments) => unknown) | undefined | null;

/** Codes of `onError`. */
export const ErrorCode = {
  /** A client could not connect. */
  connectFailed: 1,
  /** A message could not be sent: `connection closed`, or `send queue is full`. */
  sendFailed: 2,
  /** A callback threw or rejected; the error is the fourth argument. */
  handlerFailed: 3,
} as const;

/**
 * What a connection calls, in Workerman's words and order.
 *
 * @typeParam Out what `send` takes. @typeParam In what messages are. @typeParam Context see `TcpConnection`.
 */
export interface Handlers<Out, In, Context> {
  /** Connected; after the TLS handshake where there is one. */
  onConnect?: Handler<[connection: TcpConnection<Out, Context>]>;
  /** One message. Not awaited before the next unless `ordered` is set. */
  onMessage?: Handler<[connection: TcpConnection<Out, Context>, message: In]>;
  /** Once per connection that was opened, whoever closes it. */
  onClose?: Handler<[connection: TcpConnection<Out, Context>, cause: CloseCause]>;
  onError?: Handler<
    [connection: TcpConnection<Out, Context>, code: number, message: string, error?: unknown]
  >;
  /** The send queue has reached `maxSendBufferSize`. */
  onBufferFull?: Handler<[connection: TcpConnection<Out, Context>]>;
  /** The send queue is empty again. */
  onBufferDrain?: Handler<[connection: TcpConnection<Out, Context>]>;
  /**
   * A valid upgrade request, before the 101, which waits for a promise. Refuse it with
   * `connection.reject(401, 'text')`.
   */
  onWebSocketConnect?: Handler<[connection: TcpConnection<WebSocketData, Context>, request: Request]>;
  /** The 101 is on its way. */
  onWebSocketConnected?: Handler<[connection: TcpConnection<WebSocketData, Context>, request: Request]>;
  /** A WebSocket message on an `http://` worker, whose `onMessage` is for requests. */
  onWebSocketMessage?: Handler<[connection: TcpConnection<WebSocketData, Context>, message: string | Buffer]>;
  /** A ping has come; the pong is sent by itself. */
  onWebSocketPing?: Handler<[connection: TcpConnection<WebSocketData, Context>, payload: Buffer]>;
  onWebSocketPong?: Handler<[connection: TcpConnection<WebSocketData, Context>, payload: Buffer]>;
  /** The peer's close frame has come; the answer is sent by itself. Code 1005 means that it named none. */
  onWebSocketClose?: Handler<
    [connection: TcpConnection<WebSocketData, Context>, code: number, reason: string]
  >;
  /** A plain HTTP request on a `websocket://` worker; without this callback it is answered 426. */
  onRequest?: Handler<[connection: TcpConnection<HttpData, Context>, request: Request]>;
}

export type HandlerName = keyof Handlers<unknown, unknown, unknown>;

export const HANDLER_NAMES: readonly HandlerName[] = [
  'onConnect',
  'onMessage',
  'onClose',
  'onError',
  'onBufferFull',
  'onBufferDrain',
  'onWebSocketConnect',
  'onWebSocketConnected',
  'onWebSocketMessage',
  'onWebSocketPing',
  'onWebSocketPong',
  'onWebSocketClose',
  'onRequest',
];

/** Whoever has a set of callbacks that is replaced whole, so that those who took the old one keep it. */
export interface WithHandlers {
  handlers: Readonly<Partial<Record<HandlerName, unknown>>>;
}

/** Makes every callback a property of a class; setting one makes a new set. */
export function defineCallbacks(prototype: WithHandlers): void {
  for (const name of HANDLER_NAMES) {
    Object.defineProperty(prototype, name, {
      get(this: WithHandlers) {
        return this.handlers[name];
      },
      set(this: WithHandlers, handler: unknown) {
        this.handlers = { ...this.handlers, [name]: handler ?? undefined };
      },
    });
  }
}
