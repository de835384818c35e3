import type { KeyKeeper, Keys } from '../certificates/key-keeper.ts';
import type { AnyHandlers } from '../connection/callbacks.ts';
import { defineCallbacks, HANDLER_NAMES, type Handler, type Handlers } from '../connection/handlers.ts';
import { Tally } from '../connection/tally.ts';
import type { TcpConnection } from '../connection/tcp-connection.ts';
import { UsageError } from '../errors.ts';
import { publish } from '../telemetry.ts';
import { formatAddress } from '../transport/address.ts';
import type { ListenOptions } from '../transport/engine.ts';
import { nodeEngine } from '../transport/node-engine.ts';
import { proveReusePort } from '../transport/reuse-port.ts';
import type { UpgradeServer } from '../transport/upgrades.ts';
import { ATTACHED, isWithoutPlace, parseAddress, transportOf, type WorkerAddress } from './address.ts';
import { Attachments } from './attachments.ts';
import { encodeOnce } from './broadcast.ts';
import { challengeAnswers } from './challenges.ts';
import { type Departure, empty } from './departure.ts';
import { answerByFetch, callbackOfFetch } from './fetch/fetch-handler.ts';
import { House } from './house.ts';
import { explained, type ListenChoice } from './listen-choice.ts';
import { MailRoom } from './mail-room.ts';
import { DEFAULT_BACKLOG, type OptionsOf, type Transport, type WorkerOptions } from './options.ts';
import { plainPort } from './plain-port.ts';
import { roomOutside } from './premises.ts';
import { proveOptions } from './prove-options.ts';
import { Proxies } from './proxies.ts';
import { type KeeperHooks, keeperOf, serverTls } from './tls.ts';
import type { Accept, ConnectionOf, MessageOf, SentBy, Spoken } from './typed-address.ts';
import { clearPlace, giveAway } from './unix-socket.ts';

const made: BaseWorker[] = [];

/** The workers of this script, in the order they were made. */
export function allWorkers(): readonly BaseWorker[] {
  return made;
}

/** Takes a worker of our own out of the list: it does not belong to the script. */
export function forget(worker: unknown): void {
  made.splice(made.indexOf(worker as BaseWorker), 1);
}

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
  /** Each process binds the address for itself; see the option. */
  reusePort: boolean;
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
  /** It listens, or is about to. */
  #listens = false;
  /** How it was first told to listen; the same holds when it listens again. */
  #choice: Omit<ListenChoice, 'bound'> = {};
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
    this.reusePort = options.reusePort ?? options.socket?.so_reuseport ?? false;
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

  /** @internal No socket of the master's serves it: each process binds one. */
  get bindsItself(): boolean {
    return this.reusePort && this.address?.place.kind === 'ip';
  }

  /** It listens, or is about to. */
  get isListening(): boolean {
    return this.#listens;
  }

  /** The address as it was given, with the real port. */
  getSocketName(): string {
    if (this.address === undefined) return 'none';
    const { scheme, place } = this.address;
    return place.kind === 'unix'
      ? `${scheme}://${place.path}`
      : `${scheme}://${formatAddress({ ...place, port: this.port })}`;
  }

  /**
   * Listens in this process: without a master, again behind `unlisten()`, or, for a worker that was made in another
   * one's `onWorkerStart`, beside that one.
   *
   * @throws {UsageError} the certificate cannot be used. @throws {SystemError} the address cannot be had.
   */
  async listen(choice: ListenChoice = {}): Promise<void> {
    if (this.#listens) throw new UsageError('E_LISTENING', `worker ${this.name} listens already`);
    if (this.stopping && this.#house)
      throw new UsageError('E_LISTENING', `worker ${this.name} is being stopped; await that first`);
    if (!this.address)
      throw new UsageError('E_NO_ADDRESS', `worker ${this.name} has no address to listen on`);
    const { bound: given, ...rest } = choice;
    this.#choice = { ...this.#choice, ...rest };
    this.#listens = true;
    this.stopping = false;
    try {
      if (this.bindsItself) proveReusePort();
      await this.#listen(this.address, given ?? (await this.#choice.rebind?.()));
    } catch (error) {
      this.#listens = false;
      throw explained(error);
    }
  }

  /** Listens no more; who waits to be accepted is turned away, open connections live on. `listen()` listens again. */
  async unlisten(): Promise<void> {
    this.#listens = false;
    this.#mailRoom?.close();
    this.#mailRoom = undefined;
    const { door } = this.#house ?? {};
    const listener = door?.listener;
    if (door) door.listener = undefined;
    await listener?.close();
    await this.#companion?.unlisten();
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
    if (this.#choice.keys) this.#choice = { ...this.#choice, keys };
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
    this.#listens = false;
    this.#mailRoom?.close();
    this.#mailRoom = undefined;
    const house = this.#house;
    if (!house) return;
    await empty(house, departure);
    this.#keeper?.stop();
    this.#keeper = undefined;
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

  async #listen(address: WorkerAddress, bound: unknown): Promise<void> {
    const { keys: given, engine = nodeEngine, hasEnough, processes = 1 } = this.#choice;
    const { backlog = this.options.socket?.backlog ?? DEFAULT_BACKLOG } = this.options;
    const reusePort = this.bindsItself;
    const socket = {
      ipv6Only: this.options.socket?.ipv6_v6only ?? false,
      reusePort,
      ...(bound ? { bound } : {}),
    };
    if (address.datagrams) {
      this.#mailRoom = MailRoom.open(this as unknown as BaseWorker, address, socket);
      return;
    }
    const keys = this.transport === 'ssl' ? (given ?? (await this.#keepKeys())) : undefined;
    const tls = keys ? { tls: serverTls(keys) } : {};
    const fair = hasEnough && !reusePort ? { hasEnough } : {};
    const options = { backlog, maxWaiting: roomOutside(), ...socket, ...tls, ...fair, ...this.#preface() };
    if (!this.#house && this.id === 0) this.#warn(address);
    const house = this.#house ?? this.#moveIn(address, processes);
    const makesFile = bound === undefined && engine === nodeEngine;
    try {
      if (makesFile) await clearPlace(this as unknown as BaseWorker);
      house.door.listener = await engine.listen(address.place, options, house.door);
      if (makesFile) await giveAway(this as unknown as BaseWorker);
      if (!this.#listens)
        throw new UsageError('E_LISTENING', `worker ${this.name} was stopped while it began to listen`);
      this.#house = house;
      this.#open();
    } catch (error) {
      await house.door.listener?.close();
      house.door.listener = undefined;
      if (house !== this.#house) house.close();
      this.#keeper?.stop();
      this.#keeper = undefined;
      throw error;
    }
  }

  #moveIn(spoken: Pick<WorkerAddress, 'protocol' | 'own'>, processes: number): House {
    return new House(this as unknown as BaseWorker, spoken, { processes, proxies: this.#proxies });
  }

  #openToServers(): Attachments {
    if (this.#house && this.#attachments) return this.#attachments;
    this.stopping = false;
    this.#house = this.#moveIn(ATTACHED, 1);
    const { door } = this.#house;
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
    if (this.#keeper) {
      await this.#companion?.listen();
      return this.#keeper.keys;
    }
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

defineCallbacks(BaseWorker.prototype);
