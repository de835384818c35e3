import { runAll } from './master/run-all.ts';
import { obeyOwnWords } from './script-words.ts';
import { SETTING_NAMES, type ServiceSettings, serviceSettings } from './worker/service-settings.ts';
import type {
  Accept,
  CheckedFor,
  Examined,
  MessageOf,
  Spoken,
  SpokenAt,
  UdpAddress,
} from './worker/typed-address.ts';
import type { UdpOptions, UdpWorker } from './worker/udp-worker.ts';
import { allWorkers, BaseWorker, type OptionsOf } from './worker/worker.ts';

/** Serves one address. Its protocol decides what messages are and what `send` takes. */
export type Worker<
  P extends Spoken = 'websocket',
  A extends Accept = 'both',
  Context = Record<string, unknown>,
> = BaseWorker<P, A, Context>;

export interface WorkerConstructor {
  /**
   * @param address `scheme://host:port`; the scheme chooses the protocol and the types of its messages.
   *   An address only known at run time is typed as WebSocket.
   * @throws {UsageError} the address cannot be read.
   */
  new <
    Address extends string,
    A extends Accept = 'both',
    Context = Record<string, unknown>,
    P extends Spoken = SpokenAt<Address>,
    Message = MessageOf<P, A>,
  >(
    address?: CheckedFor<Address, P>,
    options?: Address extends UdpAddress ? UdpOptions<P> : OptionsOf<P, A, Context, Message>,
  ): Address extends UdpAddress ? UdpWorker<P> : Worker<Examined<P, A, Message>, A, Context>;

  /**
   * Serves all workers of this script: one master process, `count` processes for each worker. Each of
   * them runs the script, and decides here what it is.
   *
   * @returns in the master, a promise for the moment when all of them serve; elsewhere it never resolves.
   */
  runAll(): Promise<void>;
}

/** What concerns the service as a whole is a property of the class. */
export interface WorkerConstructor extends ServiceSettings {}

class PublicWorker extends BaseWorker {
  static runAll(): Promise<void> {
    return obeyOwnWords() ?? runAll(allWorkers());
  }
}

for (const name of SETTING_NAMES) {
  Object.defineProperty(PublicWorker, name, {
    enumerable: true,
    get: () => serviceSettings[name],
    set(value: never) {
      serviceSettings[name] = value;
    },
  });
}

export const Worker: WorkerConstructor = PublicWorker as unknown as WorkerConstructor;
