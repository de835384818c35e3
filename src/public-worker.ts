import { PACKAGE_VERSION } from './master/package-version.ts';
import { runAll } from './master/run-all.ts';
import { RunStatus, runStatus, stopAll } from './master/standing.ts';
import { obeyOwnWords } from './script-words.ts';
import { log } from './worker/log.ts';
import { DEFAULT_BACKLOG, type OptionsOf } from './worker/options.ts';
import { SETTING_NAMES, type ServiceSettings, serviceSettings } from './worker/service-settings.ts';
import { type Statistics, statistics } from './worker/statistics.ts';
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
import { allWorkers, BaseWorker } from './worker/worker.ts';

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

  /**
   * In the master ends the service; in one of its processes that process, which is replaced once another serves in
   * its place; both tell their clients. Without a master stops all workers of the script.
   *
   * @param code the exit status of a master. @param text why, for the log.
   */
  stopAll(code?: number, text?: string): Promise<void>;
  /** The workers of this script, in the order they were made. */
  getAllWorkers(): readonly Worker<Spoken, Accept, unknown>[];
  /** How far this process has come: `STATUS_INITIAL`, `STATUS_STARTING`, … */
  getStatus(): RunStatus;
  /** It has begun to serve, or is about to. */
  isRunning(): boolean;
  /** Writes a line to the log of the service, with time and process. */
  log(text: string): void;

  /** What this process has done, all workers and clients together. */
  readonly statistics: Statistics;
  /** Of usta. */
  readonly VERSION: string;
  /** Connections that may wait to be accepted, where the option `backlog` says nothing else. */
  readonly DEFAULT_BACKLOG: number;
  readonly STATUS_INITIAL: 0;
  readonly STATUS_STARTING: 1;
  readonly STATUS_RUNNING: 2;
  readonly STATUS_SHUTDOWN: 4;
  readonly STATUS_RELOADING: 8;
}

/** What concerns the service as a whole is a property of the class. */
export interface WorkerConstructor extends ServiceSettings {}

class PublicWorker extends BaseWorker {
  static readonly VERSION: string = PACKAGE_VERSION;
  static readonly DEFAULT_BACKLOG: number = DEFAULT_BACKLOG;
  static readonly STATUS_INITIAL = RunStatus.initial;
  static readonly STATUS_STARTING = RunStatus.starting;
  static readonly STATUS_RUNNING = RunStatus.running;
  static readonly STATUS_SHUTDOWN = RunStatus.shutdown;
  static readonly STATUS_RELOADING = RunStatus.reloading;
  static readonly stopAll = stopAll;
  static readonly getAllWorkers = allWorkers;
  static readonly getStatus = runStatus;

  static get statistics(): Statistics {
    return statistics();
  }

  static isRunning(): boolean {
    return runStatus() !== RunStatus.initial;
  }

  static log(text: string): void {
    log(text);
  }

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
