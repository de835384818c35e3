import type { CloseCause } from '../../connection/close-cause.ts';
import type { Ends } from '../../connection/ends.ts';
import type { Handler, HandlerName } from '../../connection/handlers.ts';
import type { TcpConnection } from '../../connection/tcp-connection.ts';
import type { HeaderValue } from '../../protocol/http/response.ts';
import type { ResponseHead } from '../../protocol/http/response-head.ts';
import type { AnyProtocol } from '../../protocol/protocol.ts';
import type { Protocols } from '../registered.ts';
import type { ProtocolName, Scheme } from '../schemes.ts';
import type { Accept, MessageOf, SentBy, SpokenAt } from '../typed-address.ts';

/** What a client speaks: a protocol of the house, by its name, or one of yours. */
export type ClientSpoken = Exclude<ProtocolName, 'http' | 'udp'> | AnyProtocol;

type ClientScheme = Exclude<Scheme, 'http' | 'https' | 'udp'>;

/** What a client takes from its address at compile time; one only known at run time is typed as WebSocket. */
export type ClientSpokenAt<Address extends string> = Extract<SpokenAt<Address>, ClientSpoken>;

type CheckedScheme<Address extends string> = string extends Address
  ? Address
  : Address extends `${infer S}://${string}`
    ? S extends ClientScheme | keyof Protocols
      ? Address
      : `unknown scheme "${S}": use ws, wss, text, frame, tcp, ssl or unix`
    : `an address is written scheme://host:port, such as wss://domain.com:443`;

/**
 * The address itself when its scheme is known and nothing else is to be spoken there than it says; otherwise
 * a type whose text says what is wrong.
 */
export type CheckedClient<Address extends string, P extends ClientSpoken> = [P] extends [SpokenAt<Address>]
  ? CheckedScheme<Address>
  : string extends Address
    ? Address
    : Address extends `${'tcp' | 'ssl' | 'unix'}://${string}`
      ? Address
      : `the option protocol goes with tcp://, ssl:// and unix://`;

/** What a client calls, in Workerman's words and order. */
export interface ClientHandlers<Self, In> {
  /** Connected, after the TLS handshake where there is one; of a WebSocket, before its own handshake. */
  onConnect?: Handler<[connection: Self]>;
  onMessage?: Handler<[connection: Self, message: In]>;
  /** Once for each time it connects or tries to, behind `onError` where it could not. */
  onClose?: Handler<[connection: Self, cause: CloseCause]>;
  /** Code 1: it could not connect; the message says why, and what to do. */
  onError?: Handler<[connection: Self, code: number, message: string, error?: unknown]>;
  /** The send queue has reached `maxSendBufferSize`. */
  onBufferFull?: Handler<[connection: Self]>;
  /** The send queue is empty again. */
  onBufferDrain?: Handler<[connection: Self]>;
  /** The WebSocket is open. What is sent in here goes before what has waited. */
  onWebSocketConnect?: Handler<[connection: Self, response: ResponseHead]>;
  /** The same, right behind it. */
  onWebSocketConnected?: Handler<[connection: Self, response: ResponseHead]>;
  onWebSocketPing?: Handler<[connection: Self, payload: Buffer]>;
  onWebSocketPong?: Handler<[connection: Self, payload: Buffer]>;
  /** The server's close frame has come; the answer is sent by itself. */
  onWebSocketClose?: Handler<[connection: Self, code: number, reason: string]>;
}

/** What a client has in common with the connections of a worker. */
type Shared =
  | Exclude<keyof Ends, 'wire' | 'remote' | 'client'>
  | 'id'
  | 'bytesRead'
  | 'bytesWritten'
  | 'maxSendBufferSize'
  | 'subprotocol'
  | 'context'
  | 'close'
  | 'end'
  | 'destroy'
  | 'pauseRecv'
  | 'resumeRecv'
  | 'pipe'
  | 'switchProtocol'
  | 'ping'
  | 'bufferedBytes'
  | 'getSendBufferQueueSize'
  | 'bufferIsEmpty'
  | 'getStatus';

/** A connection that we open, in the words of those that a worker accepts. */
export interface ClientConnectionOf<P extends ClientSpoken, A extends Accept, Context>
  extends Pick<TcpConnection<SentBy<P>, Context>, Exclude<Shared, HandlerName>>,
    ClientHandlers<ClientConnectionOf<P, A, Context>, MessageOf<P, A>> {
  /** `'ssl'` puts TLS under the protocol. */
  transport: 'tcp' | 'ssl' | 'unix';
  /** Header fields of the WebSocket handshake. */
  headers: Record<string, HeaderValue>;
  /** The subprotocol to ask for, or several, the best first; `protocols` among the options. */
  websocketClientProtocol: string | readonly string[] | undefined;
  /** The Origin of the handshake; `origin` among the options. */
  websocketOrigin: string | undefined;
  /** Seconds between two pings; `pingInterval` among the options. */
  websocketPingInterval: number;
  /** `'binary'` sends strings as binary messages too. Otherwise what is sent decides. */
  websocketType: 'text' | 'binary' | undefined;
  /** Attempts in a row that have failed. */
  readonly failures: number;

  /**
   * Begins to connect; `onConnect`, or `onError` and `onClose`, follow. While it is connected, or about
   * to be, this has no effect.
   *
   * @throws {UsageError} `ssl`, a header or another option cannot be used.
   */
  connect(): void;
  /**
   * Connects again, in so many seconds. An open connection is closed first. What waits to be sent is kept.
   *
   * @param after seconds.
   */
  reconnect(after?: number): void;
  /** Workerman's older spelling. */
  reConnect(after?: number): void;
  /** Does not come back, neither by `reconnect()` nor by the option `reconnect`. */
  cancelReconnect(): void;
  /**
   * Sends one message, whole or not at all. Before the connection is open it waits, below
   * `maxSendBufferSize`, and is sent at most once.
   *
   * @param raw true sends bytes as they are, without the protocol.
   * @returns true when it was accepted.
   */
  send(message: SentBy<P>, raw?: boolean): boolean;
  /** Host, or path of the Unix socket, as in the address. */
  getRemoteHost(): string;
  /** Path and query of the address. */
  getRemoteURI(): string;
}
