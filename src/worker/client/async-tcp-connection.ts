import type { Accept } from '../typed-address.ts';
import { ClientConnection } from './client-connection.ts';
import type { ClientOptions } from './options.ts';
import type { CheckedClient, ClientConnectionOf, ClientSpoken, ClientSpokenAt } from './typed.ts';

/** A connection to another server. Its protocol decides what messages are and what `send` takes. */
export type AsyncTcpConnection<
  P extends ClientSpoken = 'websocket',
  A extends Accept = 'both',
  Context = Record<string, unknown>,
> = ClientConnectionOf<P, A, Context>;

export interface AsyncTcpConnectionConstructor {
  /**
   * @param address `ws://`, `wss://`, `text://`, `frame://`, `tcp://`, `ssl://` or a scheme of yours with host and port,
   *   or `unix:///path`; the scheme chooses the protocol and the types of its messages. One only known at run time
   *   is typed as WebSocket.
   * @throws {UsageError} the address or an option cannot be read.
   */
  new <
    Address extends string,
    A extends Accept = 'both',
    Context = Record<string, unknown>,
    P extends ClientSpoken = ClientSpokenAt<Address>,
  >(
    address: CheckedClient<Address, P>,
    options?: ClientOptions<P, A, Context>,
  ): AsyncTcpConnection<P, A, Context>;
}

/** Connects to other servers, in a worker or in a script of its own. */
export const AsyncTcpConnection: AsyncTcpConnectionConstructor =
  ClientConnection as unknown as AsyncTcpConnectionConstructor;
