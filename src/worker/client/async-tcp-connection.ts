import type { Accept } from '../typed-address.ts';
import type { ClientProtocolName } from './address.ts';
import { ClientConnection } from './client-connection.ts';
import type { ClientOptions } from './options.ts';
import type { CheckedClient, ClientConnectionOf, ClientProtocolOf } from './typed.ts';

/** A connection to another server. Its protocol decides what messages are and what `send` takes. */
export type AsyncTcpConnection<
  P extends ClientProtocolName = 'websocket',
  A extends Accept = 'both',
  Context = Record<string, unknown>,
> = ClientConnectionOf<P, A, Context>;

export interface AsyncTcpConnectionConstructor {
  /**
   * @param address `ws://`, `wss://`, `tcp://`, `ssl://` with host and port, or `unix:///path`; the scheme chooses
   *   the protocol and the types of its messages. One only known at run time is typed as WebSocket.
   * @throws {UsageError} the address or an option cannot be read.
   */
  new <Address extends string, A extends Accept = 'both', Context = Record<string, unknown>>(
    address: CheckedClient<Address>,
    options?: ClientOptions<ClientProtocolOf<Address>, A, Context>,
  ): AsyncTcpConnection<ClientProtocolOf<Address>, A, Context>;
}

/** Connects to other servers, in a worker or in a script of its own. */
export const AsyncTcpConnection: AsyncTcpConnectionConstructor =
  ClientConnection as unknown as AsyncTcpConnectionConstructor;
