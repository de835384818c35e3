import type { KeyKeeper, Keys } from '../certificates/key-keeper.ts';
import type { AnyHandlers } from '../connection/callbacks.ts';
import { defineCallbacks, HANDLER_NAMES, type Handler, type Handlers } from '../connection/handlers.ts';
import type { MessageSchema } from '../connection/message-schema.ts';
import { Tally } from '../connection/tally.ts';
import type { TcpConnection } from '../connection/tcp-connection.ts';
import { UsageError } from '../errors.ts';
import { publish } from '../telemetry.ts';
import type { Engine, ListenOptions } from '../transport/engine.ts';
import { nodeEngine } from '../transport/node-engine.ts';
import type { UpgradeServer } from '../transport/upgrades.ts';
import { ATTACHED, isWithoutPlace, parseAddress, type WorkerAddress } from './address.ts';
import { Attachments } from './attachments.ts';
import { encodeOnce } from './broadcast.ts';
import { challengeAnswers } from './challenges.ts';
import { type Departure, empty } from './departure.ts';
import { answerByFetch, callbackOfFetch } from './fetch/fetch-handler.ts';
import { House } from './house.ts';
import { MailRoom } from './mail-room.ts';
import type { Transport, WorkerOptions } from './options.ts';
import { plainPort } from './plain-port.ts';
import { roomOutside } from './premises.ts';
import { proveOptions } from './prove-options.ts';
import { Proxies } from './proxies.ts';
import { type KeeperHooks, keeperOf, serverTls } from './tls.ts';
import type { Accept, ConnectionOf, MessageOf, SentBy, Spoken } from './typed-address.ts';

/** How a worker listens when the usual way is not wanted. */
export interface ListenChoice {
  readonly engine?: Engine;
  /** A socket that the master has bound. */
  readonly bound?: unknown;
  /** True lets other processes of the service have the next connection. */
  readonly hasEnough?: () => boolean;
  /** What the master has read of `ssl`, and will renew; without it the files are read and watched here. */
  readonly keys?: Keys;
  /** Processes that serve this worker, to share out `maxBuffered`. */
  readonly processes?: number;
}

const made: BaseWorker[] = [];

/** The workers of this script, in the order they were made. */
export function allWorkers(): readonly BaseWorker[] {
  return made;
}

/** Takes a worker of our own out of the list: it does not belong to the script. */
export function forget(worker: unknown): void {
  made.splice(made.indexOf(worker as BaseWorker), 1);
}

/** The options of a worker of one protocol. */
export type OptionsOf<P extends Spoken, A extends Accept, Context, Message = MessageOf<P, A>> = WorkerOptions<
  SentBy<P>,
  NoInfer<Message>,
  A,
  Context
> & {
  readonly message?: MessageSchema<Message>;
  /**
   * What is spoken over `tcp://`, `ssl://`, `unix://` or `udp://`: what `defineProtocol()` gives, or the name of a protocol
   * (`'text'`, `'http'`, …). Any other scheme says it itself.
   */
  readonly protocol?: P;
};

// The callbacks are properties that can be set at any time: accessors, defined below the class.
export interface BaseWorker<P extends Spoken, A extends Accept, Context>
  extends Handlers<SentBy<P>, MessageOf<P, A>, Context> {}

/** Listens on one address and serves its connections in this process. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: the accessors are defined right below the class
export class BaseWorker<
  P extends Spoken = 'websocket',
  A extends Accept = 'both',
  Context = Record<string, unknown>,
> {
  /** Position among the processes of this worker, 0 to `count - 1`. */
  id = 0;
  name: string;
  /** Processes that serve it under `Worker.runAll()`. */
  count: number;
  /** `'ssl'` puts TLS under the protocol. */
  transport: Transport;
  /** Called once in each process before it listens; may be asynchronous. */
  onWorkerStart: Handler<[worker: BaseWorker<P, A, Context>]>;
  /** Called in each process when it is told to stop. */
  onWorkerStop: Handler<[worker: BaseWorker<P, A, Context>]>;
  /** Called in each process at a reload, before it leaves; of a worker that is not `reloadable`, instead. */
  onWorkerReload: Handler<[worker: BaseWorker<P, A, Context>]>;
  /** Called in the master when one of its processes has ended. */
  onWorkerExit: Handler<[worker: BaseWorker<P, A, Context>, status: number | NodeJS.Signals, pid: number]>;
  /** The open connections of this process, by id. */
  readonly connections: Map<number, ConnectionOf<P, Context>> = new Map();
  /** True once `stop()` was called. */
  stopping = false;

  /** @internal What its connections have done in this process. */
  readonly tally: Tally = new Tally();
  /** @internal What the callbacks are now; each connection keeps those of its birth. */
  handlers: AnyHandlers = {};
  /** @internal The port that the master has bound. */
  boundPort = 0;
  /** @internal */
  readonly address: WorkerAddress | undefined;
  /** @internal */
  readonly options: OptionsOf<P, A, Context>;
  readonly #proxies: Proxies;
  #house: House | undefined;
  /** In place of a house, for datagrams. */
  #mailRoom: MailRoom | undefined;
  #attachments: Attachments | undefined;
  #keeper: KeyKeeper | undefined;
  /** It accepts connections: an authority that asks now is answered. */
  readonly #opened: Promise<void>;
  #open: () => void = () => {};
  /** Serves plain HTTP beside this worker's TLS. */
  readonly #companion: BaseWorker<'http'> | undefined;

  /**
   * @param address `scheme://host:port`; without one, or with `websocket://` alone, nothing is listened to.
   * @throws {UsageError} the address cannot be read, or a network of `trustProxy` or `proxyProtocol`.
   */
  constructor(address?: string, options: OptionsOf<P, A, Context> = {}) {
    const anyHost = options.trustProxy ? '127.0.0.1' : '0.0.0.0';
    const placed = address !== undefined && !isWithoutPlace(address);
    this.address = placed ? parseAddress(address, anyHost, options.protocol) : undefined;
    this.options = options;
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
    this.#proxies = new Proxies(options);
    proveOptions(options as WorkerOptions, this.address?.protocol);
    this.name = options.name ?? 'none';
    this.count = options.count ?? 1;
    this.transport = options.transport ?? (this.address ? transportOf(this.address) : 'tcp');
    for (const name of HANDLER_NAMES) {
      if (options[name]) this[name] = options[name] as never;
    }
    const { fetch } = options as WorkerOptions;
    if (fetch) this[callbackOfFetch(options, this.address?.protocol)] = answerByFetch(fetch) as never;
    made.push(this as unknown as BaseWorker);
    this.#companion = this.#plainPort();
  }

  /** The port it listens on; the real one where the address said 0. */
  get port(): number {
    const { address } = this.#house?.door.listener ?? this.#mailRoom?.port ?? {};
    const place = address ?? this.address?.place;
    return place?.kind === 'ip' ? place.port || this.boundPort : 0;
  }

  /** Messages that did not fit the option `message` so far, in this process. */
  get invalidMessages(): number {
    return this.tally.invalidMessages;
  }

  /** Messages refused by `send` so far, in this process. */
  get sendFailures(): number {
    return this.tally.sendFailures;
  }

  /**
   * Listens in this process, without a master.
   *
   * @throws {UsageError} the certificate cannot be used. @throws {SystemError} the address cannot be had.
   */
  async listen(choice: ListenChoice = {}): Promise<void> {
    if (this.#house || this.#mailRoom)
      throw new UsageError('E_LISTENING', `worker ${this.name} listens already`);
    const { address } = this;
    if (!address) throw new UsageError('E_NO_ADDRESS', `worker ${this.name} has no address to listen on`);
    this.stopping = false;
    if (address.datagrams) {
      this.#mailRoom = MailRoom.open(this as unknown as BaseWorker, address, choice.bound);
      return;
    }
    const keys = this.transport === 'ssl' ? (choice.keys ?? (await this.#keepKeys())) : undefined;
    const tls = keys ? { tls: serverTls(keys) } : {};
    if (this.id === 0) this.#warn(address);
    const house = this.#openHouse(address, choice.processes);
    try {
      const { backlog = this.options.socket?.backlog ?? 4096 } = this.options;
      const ipv6Only = this.options.socket?.ipv6_v6only ?? false;
      const bound = choice.bound === undefined ? {} : { bound: choice.bound };
      const fair = choice.hasEnough ? { hasEnough: choice.hasEnough } : {};
      house.door.listener = await (choice.engine ?? nodeEngine).listen(
        address.place,
        { backlog, ipv6Only, maxWaiting: roomOutside(), ...tls, ...bound, ...fair, ...this.#preface() },
        house.door,
      );
      this.#open();
    } catch (error) {
      house.close();
      this.#keeper?.stop();
      this.#house = undefined;
      throw error;
    }
  }

  /**
   * Takes the upgrades of a server of Node's (`http`, `https`; Express, Fastify and others are built on it): its
   * requests stay its own. With the option `path` only those on that path; the others are left to whoever
   * else listens to upgrades there.
   *
   * @throws {UsageError} the worker has an address of its own, or these upgrades are taken already.
   */
  attach(server: UpgradeServer): this {
    if (this.address)
      throw new UsageError(
        'E_ATTACH',
        `worker ${this.name} has an address of its own; attach one without: new Worker('websocket://')`,
      );
    this.#openToServers().add(server);
    return this;
  }

  /**
   * Takes no more upgrades of this server; open connections live on.
   *
   * @param server all servers without one.
   */
  detach(server?: UpgradeServer): void {
    this.#attachments?.delete(server);
  }

  /** @internal What it needs besides its address, behind `onWorkerStart`. */
  async begin(): Promise<void> {}

  /** @internal @throws {UsageError} a certificate or an option cannot be used. */
  makeKeeper(hooks: KeeperHooks): KeyKeeper {
    return keeperOf(this.options as WorkerOptions, hooks);
  }

  /** @internal New handshakes get these keys; open connections live on with theirs. */
  renewKeys(keys: Keys): void {
    this.#house?.door.listener?.renew(serverTls(keys));
  }

  /**
   * Accepts no more, tells every client that the server goes away (WebSocket: 1001) and waits for them,
   * at most `drainTimeout`; who is left then is cut off.
   */
  async stop(code: number = 1001): Promise<void> {
    await this.depart({ code });
  }

  /** @internal Stops in a manner of its own: a process that is replaced hurries nobody. */
  async depart(departure: Departure): Promise<void> {
    if (this.stopping) return;
    this.stopping = true;
    this.#mailRoom?.close();
    this.#mailRoom = undefined;
    const house = this.#house;
    if (!house) return;
    await empty(house, departure);
    this.#keeper?.stop();
    await this.#companion?.stop();
    this.#house = undefined;
  }

  /** New connections wait until `resumeAccept()`. */
  pauseAccept(): void {
    this.#house?.door.listener?.pause();
  }

  resumeAccept(): void {
    this.#house?.door.listener?.resume();
  }

  /**
   * Sends one message to many, encoded once.
   *
   * @param to all connections of this worker unless others are named.
   * @returns how many accepted it.
   */
  broadcast(message: SentBy<P>, to: Iterable<ConnectionOf<P, Context>> = this.connections.values()): number {
    return encodeOnce(message, to as unknown as Iterable<TcpConnection>);
  }

  #openHouse(spoken: Pick<WorkerAddress, 'protocol' | 'own'>, processes: number = 1): House {
    this.stopping = false;
    this.#house = new House(this as unknown as BaseWorker, spoken, { processes, proxies: this.#proxies });
    return this.#house;
  }

  #openToServers(): Attachments {
    if (this.#house && this.#attachments) return this.#attachments;
    const { door } = this.#openHouse(ATTACHED);
    this.#attachments = new Attachments(this.options.path, door);
    door.listener = this.#attachments;
    return this.#attachments;
  }

  /** Once per service: its other processes would say the same. */
  #warn(address: WorkerAddress): void {
    for (const text of this.#proxies.notices(address.place)) publish('usta:notice', { text });
  }

  /** Without a master the keys are kept here, and the companion serves in this process too. */
  async #keepKeys(): Promise<Keys> {
    const keeper = this.makeKeeper({
      changed: (keys) => this.renewKeys(keys),
      present: (answers) => {
        challengeAnswers.replace(answers);
        return this.#opened;
      },
    });
    this.#keeper = keeper;
    await this.#companion?.listen();
    await keeper.start();
    return keeper.keys;
  }

  #plainPort(): BaseWorker<'http'> | undefined {
    const { redirectPort, name = 'none' } = this.options;
    const { place } = this.address ?? {};
    if (redirectPort === undefined || place?.kind !== 'ip') return undefined;
    const host = place.host.includes(':') ? `[${place.host}]` : place.host;
    const worker = new BaseWorker<'http'>(`http://${host}:${redirectPort}`, { name: `${name}, plain port` });
    worker.onMessage = plainPort(() => this.port);
    return worker;
  }

  #preface(): Pick<ListenOptions, 'preface'> {
    const { preface } = this.#proxies;
    return preface ? { preface } : {};
  }
}

function transportOf({ tls, datagrams, place }: WorkerAddress): Transport {
  if (datagrams) return 'udp';
  if (place.kind === 'unix') return 'unix';
  return tls ? 'ssl' : 'tcp';
}

defineCallbacks(BaseWorker.prototype);
