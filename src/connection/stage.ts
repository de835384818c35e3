import type { PeerError } from '../errors.ts';
import type { ControlEvent, PartialEvent } from '../protocol/codec.ts';
import type { TcpConnection } from './tcp-connection.ts';

/**
 * What the events of the protocol now spoken mean for a connection. A stage keeps nothing of a
 * connection, so one serves all; changing protocols (HTTP becomes WebSocket) is changing codec and stage.
 */
export interface Stage {
  /** What is spoken: `http`, `websocket`, `refusal`, or the name of a protocol of messages. */
  readonly name: string;
  /** Another protocol may follow at any byte. */
  readonly switches?: boolean;
  message(connection: TcpConnection, message: unknown): void;
  /** Of a message that is given out before it is complete. */
  partial?(connection: TcpConnection, event: PartialEvent<unknown>): void;
  /** A ping or a pong. */
  control?(connection: TcpConnection, event: ControlEvent): void;
  /** The peer said that it ends the conversation (a close frame). */
  farewell?(connection: TcpConnection, code: number | undefined, reason: string): void;
  /** The peer has finished sending without a word in this protocol. */
  ended(connection: TcpConnection): void;
  /** The peer broke the protocol. */
  failed(connection: TcpConnection, error: PeerError): void;
  /** Says goodbye in this protocol and finishes; `code` and `reason` are WebSocket's. */
  close(connection: TcpConnection, code: number, reason: string): void;
  /** The server stops: says so in this protocol, once what is under way is done. */
  dismiss(connection: TcpConnection, code: number): void;
  /** Another process serves on: what is under way here is the last, but nobody is hurried. */
  linger?(connection: TcpConnection): void;
  /** More bytes are needed before anything else can happen. */
  starved?(connection: TcpConnection): void;
  /** An answer leaves: what had to be done before is done. */
  prepared?(connection: TcpConnection): void;
  /** An answer was encoded. */
  sent?(connection: TcpConnection): void;
  /** A callback has found the peer at fault. @returns whether it was told, so that nothing else has to follow. */
  blame?(connection: TcpConnection, error: PeerError): boolean;
  /** A callback has thrown. */
  handlerFailed(connection: TcpConnection): void;
  /** What was due has not come. */
  expired(connection: TcpConnection, what: string): void;
  /** Looked at now and then. */
  visit(connection: TcpConnection, time: number): void;
}
