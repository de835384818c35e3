import type { ClientCloseCause, ClientRequest } from './events.ts';

/**
 * What business processes do with the events of clients: an object, a class with static methods, or a module. The
 * handlers of one client run one after the other; one that is asynchronous is awaited.
 */
export interface EventHandler {
  /** Before the first event; may be asynchronous. */
  onWorkerStart?(worker: unknown): unknown;
  /** A client is connected; a WebSocket when its handshake is done. */
  onConnect?(clientId: string): unknown;
  /** Behind `onConnect`, for a WebSocket: the request that opened it. */
  onWebSocketConnect?(clientId: string, request: ClientRequest): unknown;
  onMessage(clientId: string, message: string | Buffer): unknown;
  /** Once for each client that was told of. Its session is still there. */
  onClose?(clientId: string, cause: ClientCloseCause): unknown;
  /** After the last event. */
  onWorkerStop?(worker: unknown): unknown;
}
