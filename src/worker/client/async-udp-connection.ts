import type { DatagramLinkSink } from '../../transport/datagram-link.ts';
import type { Accept, MessageOf, SentBy, Spoken, UdpAddress } from '../typed-address.ts';
import { type PlainUdpOptions, UdpClient, type UdpClientCallbacks } from './udp-client.ts';

/** What `AsyncUdpConnection` can be told. */
export interface AsyncUdpOptions<P extends Spoken = 'udp', Context = Record<string, unknown>>
  extends PlainUdpOptions,
    UdpClientCallbacks<AsyncUdpConnection<P, Context>, MessageOf<P, Accept>> {
  /** What a datagram holds: what `defineProtocol()` gives, or `'text'` or `'frame'`. */
  readonly protocol?: P;
  /** Makes the `context` of the connection and gives it its type. */
  readonly context?: () => Context;
}

type Shared = Exclude<
  keyof UdpClient,
  'send' | 'close' | 'context' | 'wire' | 'client' | 'remote' | keyof DatagramLinkSink | HandlerName
>;
type HandlerName = keyof UdpClientCallbacks<unknown, unknown>;

/** Datagrams to one address of another machine, and back. */
export interface AsyncUdpConnection<P extends Spoken = 'udp', Context = Record<string, unknown>>
  extends Pick<UdpClient, Shared>,
    UdpClientCallbacks<AsyncUdpConnection<P, Context>, MessageOf<P, Accept>> {
  /** Room of your own. */
  context: Context;
  /**
   * Sends one datagram. Before `onConnect` it waits, below `maxSendBufferSize`. Nobody knows whether it
   * arrives; where the network says that it did not, `onError` is called.
   *
   * @param raw true sends bytes as they are, without the protocol.
   * @returns false when it was not sent: after `close()`, over 65,507 bytes, or when `maxSendBufferSize` waits.
   */
  send(message: SentBy<P>, raw?: boolean): boolean;
  /** Sends what is under way and `last`, and lets go of the socket; the other side hears nothing of it. */
  close(last?: SentBy<P>): void;
}

type CheckedUdp<Address extends string, P extends Spoken> = P extends 'websocket' | 'http'
  ? `${P} needs a stream: datagrams are text, frame or a protocol of yours`
  : string extends Address
    ? Address
    : Address extends UdpAddress
      ? Address
      : 'an address is written udp://host:port; what a datagram holds, the option protocol says';

export interface AsyncUdpConnectionConstructor {
  /**
   * @param address `udp://host:port`.
   * @throws {UsageError} the address or an option cannot be read.
   */
  new <Address extends string, Context = Record<string, unknown>, P extends Spoken = 'udp'>(
    address: CheckedUdp<Address, P>,
    options?: AsyncUdpOptions<P, Context>,
  ): AsyncUdpConnection<P, Context>;
}

/** Sends datagrams to other servers and hears their answers, in a worker or in a script of its own. */
export const AsyncUdpConnection: AsyncUdpConnectionConstructor =
  UdpClient as unknown as AsyncUdpConnectionConstructor;
