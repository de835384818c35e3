import type { SslOptions } from '../../certificates/ssl-options.ts';
import type { LimitOptions } from '../../connection/limits.ts';
import type { HeaderValue } from '../../protocol/http/response.ts';
import type { Accept, MessageOf } from '../typed-address.ts';
import type { ClientConnectionOf, ClientHandlers, ClientSpoken } from './typed.ts';

/** How a client comes back. All but `limit` in seconds. */
export interface ReconnectOptions {
  /** Before the first attempt; doubles with each that fails. Default 1. */
  readonly delay?: number;
  /** No wait is longer. Default 30. */
  readonly maxDelay?: number;
  /** Share of the wait that is left to chance, 0 to 1, so that clients do not come back together. Default 0.5. */
  readonly jitter?: number;
  /** Attempts to come back, in a row, before it gives up. No limit by default. */
  readonly limit?: number;
}

type ClientLimits = Omit<
  LimitOptions,
  | 'maxBuffered'
  | 'maxConnections'
  | 'maxConnectionsPerIp'
  | 'handshakeTimeout'
  | 'keepAliveTimeout'
  | 'drainTimeout'
>;

/** What a client can be told when it is made. */
export interface PlainClientOptions extends ClientLimits {
  /** Seconds until it is connected: the name looked up, TCP and TLS. Default 10. */
  readonly connectTimeout?: number;
  /**
   * TLS for `wss://`, `ssl://`, or any other with `transport = 'ssl'`, in the words of a server. The server is verified, by
   * the authorities that Node trusts or those of `cafile`; `local_cert` is what we show ourselves.
   */
  readonly ssl?: SslOptions;
  readonly transport?: 'tcp' | 'ssl' | 'unix';
  /** Comes back by itself until we close it. Default false. */
  readonly reconnect?: boolean | ReconnectOptions;
  /** Subprotocols to ask for, the best first. */
  readonly protocols?: readonly string[];
  /** Header fields of the WebSocket handshake. */
  readonly headers?: Readonly<Record<string, HeaderValue>>;
  readonly origin?: string;
  /** Offers permessage-deflate; off unless asked for. */
  readonly deflate?: boolean | { readonly threshold?: number; readonly level?: number };
  /** `'text'` makes every message a string and answers binary with 1003; `'binary'` the reverse. */
  readonly accept?: Accept;
  /** An asynchronous `onMessage` is awaited before the next message; reading waits meanwhile. */
  readonly ordered?: boolean;
  /**
   * A proxy to connect through: `http://user:password@host:3128` (CONNECT) or `socks5://user:password@host:1080`.
   * It is given the host's name, and looks it up itself.
   */
  readonly proxy?: string;
  readonly socket?: {
    /** The end of ours that connects: `ip:port`, or `ip:0` for any port. */
    readonly bindto?: string;
  };
}

/** The same, with callbacks and types. */
export interface ClientOptions<
  P extends ClientSpoken = ClientSpoken,
  A extends Accept = Accept,
  Context = unknown,
> extends PlainClientOptions,
    ClientHandlers<ClientConnectionOf<P, A, Context>, MessageOf<P, A>> {
  /**
   * What is spoken over `tcp://`, `ssl://` or `unix://`: what `defineProtocol()` gives, or the name of a protocol (`'text'`,
   * `'frame'`, `'websocket'`, one you have registered). Any other scheme says it itself.
   */
  readonly protocol?: P;
  readonly accept?: A;
  /** Makes the `context` of the connection and gives it its type. */
  readonly context?: () => Context;
}
