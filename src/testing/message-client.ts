import type { CloseStatus } from '../connection/close-cause.ts';

/** The other end of a connection, in the hands of a test. */
export interface MessageClient<Out, In> {
  /** All messages that have come, those that `next` gave included. */
  readonly messages: readonly In[];
  /** WebSocket pings that have come. */
  readonly pings: number;
  /** The WebSocket subprotocol that the server has chosen. */
  readonly subprotocol: string | undefined;
  /**
   * Resolves when both ends have closed and `onClose` was called. The code is 1006 where there was no close frame.
   *
   * @throws what a callback has thrown for this connection.
   */
  readonly closed: Promise<CloseStatus>;
  /** @throws {UsageError} the connection is closed, or the message is not one of the protocol. */
  send(message: Out): void;
  /** Sends bytes as they are: half a message, or what breaks the protocol. */
  sendRaw(bytes: string | Uint8Array): void;
  /**
   * The next message, in the order in which they came.
   *
   * @param within seconds by the real clock. Default 5.
   * @throws what a callback has thrown for this connection; or that it was closed, or that nothing has come.
   */
  next(within?: number): Promise<In>;
  /** Closes in the protocol's way; then as `closed`. A code and a reason are for WebSockets. */
  close(code?: number, reason?: string): Promise<CloseStatus>;
  /** Is gone without a word, as a client without power is. */
  cutOff(): void;
}
