import type { Request } from '../protocol/http/request.ts';
import type { CloseCause } from './close-cause.ts';

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

/** What a connection calls, in Workerman's words and order. `In` is what messages are. */
export interface Handlers<Connection, In> {
  /** Connected; after the TLS handshake where there is one. */
  onConnect?: Handler<[connection: Connection]>;
  /** One message. Not awaited before the next unless `ordered` is set. */
  onMessage?: Handler<[connection: Connection, message: In]>;
  /** Once per connection that was opened, whoever closes it. */
  onClose?: Handler<[connection: Connection, cause: CloseCause]>;
  onError?: Handler<[connection: Connection, code: number, message: string, error?: unknown]>;
  /** The send queue has reached `maxSendBufferSize`. */
  onBufferFull?: Handler<[connection: Connection]>;
  /** The send queue is empty again. */
  onBufferDrain?: Handler<[connection: Connection]>;
  /**
   * A valid upgrade request, before the 101, which waits for a promise. Refuse it with
   * `connection.reject(401, 'text')`.
   */
  onWebSocketConnect?: Handler<[connection: Connection, request: Request]>;
  /** The 101 is on its way. */
  onWebSocketConnected?: Handler<[connection: Connection, request: Request]>;
  /** A WebSocket message on an `http://` worker, whose `onMessage` is for requests. */
  onWebSocketMessage?: Handler<[connection: Connection, message: string | Buffer]>;
  /** A ping has come; the pong is sent by itself. */
  onWebSocketPing?: Handler<[connection: Connection, payload: Buffer]>;
  onWebSocketPong?: Handler<[connection: Connection, payload: Buffer]>;
  /** The peer's close frame has come; the answer is sent by itself. Code 1005 means that it named none. */
  onWebSocketClose?: Handler<[connection: Connection, code: number, reason: string]>;
  /** A plain HTTP request on a `websocket://` worker; without this callback it is answered 426. */
  onRequest?: Handler<[connection: Connection, request: Request]>;
}

export type HandlerName = keyof Handlers<unknown, unknown>;

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
