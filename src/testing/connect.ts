import type { WebSocketData } from '../connection/tcp-connection.ts';
import type { Codec } from '../protocol/codec.ts';
import type { AnyProtocol } from '../protocol/protocol.ts';
import { RawCodec } from '../protocol/raw-codec.ts';
import type { Accept, MessageOf, SentBy, Spoken } from '../worker/typed-address.ts';
import type { BaseWorker } from '../worker/worker.ts';
import { HttpClient } from './http-client.ts';
import type { MessageClient } from './message-client.ts';
import { Peer } from './peer.ts';
import { messages, type Speech, type WebSocketOpening, webSocket } from './speech.ts';
import { type Arrival, type Stand, standOf } from './stand.ts';

/** How a client comes. */
export interface ConnectOptions extends Arrival, WebSocketOpening {
  /** What it speaks, where that is not what the address of the worker says. */
  readonly protocol?: 'websocket' | 'http' | AnyProtocol;
}

/** The client of a WebSocket. */
export type WebSocketClient = MessageClient<WebSocketData, string | Buffer>;

/** The client that fits a worker: it speaks the same protocol from the other end. */
export type ClientOf<P extends Spoken> = P extends 'http'
  ? HttpClient
  : P extends 'websocket'
    ? WebSocketClient
    : MessageClient<SentBy<P>, MessageOf<P, 'both'>>;

/** The client for what was asked for, or else for the worker. */
type Chosen<P extends Spoken, Q> = Q extends Spoken ? ClientOf<Q> : ClientOf<P>;

/**
 * Connects a client to a worker in memory: no port, no socket, nothing printed. For the first client the worker
 * begins, `onWorkerStart` included; from then on it serves as in life until `stop(worker)`.
 *
 * @throws what keeps it from being connected: an upgrade that was refused, an error of a callback.
 */
export async function connect<
  P extends Spoken,
  A extends Accept,
  Context,
  const Options extends ConnectOptions = Record<never, never>,
>(
  worker: BaseWorker<P, A, Context>,
  options?: Options,
): Promise<Chosen<P, Options extends { readonly protocol: infer Q } ? Q : undefined>> {
  const given: ConnectOptions = options ?? {};
  const stand = await standOf(worker as unknown as BaseWorker);
  const client =
    spokenBy(stand, given) === 'http'
      ? new HttpClient(stand, given)
      : await Peer.connect(stand, speechOf(stand, given), given);
  return client as never;
}

function spokenBy({ worker: { address } }: Stand, { protocol }: ConnectOptions): string | AnyProtocol {
  return protocol ?? address?.own ?? address?.protocol ?? 'tcp';
}

function speechOf(stand: Stand, options: ConnectOptions): Speech {
  const spoken = spokenBy(stand, options);
  if (spoken === 'websocket') return webSocket('localhost', options);
  if (typeof spoken === 'string') return messages(() => new RawCodec() as Codec<unknown, unknown>);
  const limits = { maxPackageSize: Number.MAX_SAFE_INTEGER };
  return messages(() => spoken.makeCodec(limits) as Codec<unknown, unknown>);
}
