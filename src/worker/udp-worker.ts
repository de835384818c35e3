import type { Handler } from '../connection/handlers.ts';
import type { UdpConnection } from '../connection/udp-connection.ts';
import type { WorkerOptions } from './options.ts';
import type { MessageOf, SentBy, Spoken } from './typed-address.ts';
import type { BaseWorker } from './worker.ts';

/** The callbacks of a `udp://` worker: there are messages, and nothing that opens or closes. */
export interface UdpHandlers<P extends Spoken> {
  /** One datagram. `connection` is where it came from. */
  onMessage?: Handler<[connection: UdpConnection<SentBy<P>>, message: MessageOf<P, 'both'>]>;
  /** `onMessage` threw or rejected: code 3. */
  onError?: Handler<[connection: UdpConnection<SentBy<P>>, code: number, message: string, error?: unknown]>;
}

/** What a `udp://` worker can be told. */
export interface UdpOptions<P extends Spoken>
  extends UdpHandlers<P>,
    Pick<
      WorkerOptions,
      | 'name'
      | 'count'
      | 'maxPackageSize'
      | 'maxSendBufferSize'
      | 'maxMemory'
      | 'maxRequests'
      | 'reloadable'
      | 'user'
      | 'group'
      | 'socket'
      | 'reusePort'
    > {
  /** What a datagram holds: what `defineProtocol()` gives, or `'text'` or `'frame'`. */
  readonly protocol?: P;
}

/** Serves datagrams, with as many processes as it is told to. */
export interface UdpWorker<P extends Spoken = 'udp'>
  extends UdpHandlers<P>,
    Pick<
      BaseWorker,
      | 'id'
      | 'name'
      | 'count'
      | 'port'
      | 'reusePort'
      | 'stopping'
      | 'sendFailures'
      | 'listen'
      | 'unlisten'
      | 'stop'
      | 'getSocketName'
    > {
  onWorkerStart: Handler<[worker: UdpWorker<P>]>;
  onWorkerStop: Handler<[worker: UdpWorker<P>]>;
  onWorkerReload: Handler<[worker: UdpWorker<P>]>;
  onWorkerExit: Handler<[worker: UdpWorker<P>, status: number | NodeJS.Signals, pid: number]>;
}
