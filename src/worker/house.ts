import type { Budget } from '../connection/budget.ts';
import type { AnyHandlers } from '../connection/callbacks.ts';
import type { CloseCause } from '../connection/close-cause.ts';
import type { Host } from '../connection/host.ts';
import { type Limits, resolveLimits } from '../connection/limits.ts';
import { refusalStage } from '../connection/refusal-stage.ts';
import type { Stage } from '../connection/stage.ts';
import type { Beginning } from '../connection/switching.ts';
import type { Tally } from '../connection/tally.ts';
import { TcpConnection } from '../connection/tcp-connection.ts';
import { Watch } from '../connection/watch.ts';
import type { Codec } from '../protocol/codec.ts';
import { HttpServerCodec } from '../protocol/http/http-codec.ts';
import { CloseCode } from '../protocol/websocket/close-code.ts';
import type { Wire } from '../transport/engine.ts';
import type { WorkerAddress } from './address.ts';
import { Door } from './door.ts';
import type { WorkerOptions } from './options.ts';
import { joinPremises, premises } from './premises.ts';
import { beginningOf } from './protocol-stages.ts';
import { spoken } from './protocols.ts';
import type { Proxies } from './proxies.ts';
import type { BaseWorker } from './worker.ts';

/** A worker while it listens: where its connections live. */
export class House implements Host {
  readonly limits: Limits;
  readonly budget: Budget = premises.budget;
  readonly watch: Watch;
  readonly door: Door;
  readonly ordered: boolean;
  farewell: number = CloseCode.goingAway;
  /** Called whenever the last has left. */
  emptied: () => void = () => {};
  readonly #worker: BaseWorker;
  readonly #beginningOf: (spoken: Pick<WorkerAddress, 'protocol' | 'own'>) => Beginning;
  readonly #beginning: Beginning;
  readonly #tls: boolean;
  readonly #leavePremises: () => void;

  constructor(
    worker: BaseWorker,
    spoken: Pick<WorkerAddress, 'protocol' | 'own'>,
    { processes, proxies }: { readonly processes: number; readonly proxies: Proxies },
  ) {
    this.#worker = worker;
    this.limits = resolveLimits(worker.options);
    this.ordered = worker.options.ordered ?? false;
    this.#tls = worker.transport === 'ssl';
    const { limits } = this;
    this.#beginningOf = (next) =>
      beginningOf(next, worker.options as WorkerOptions, { limits, trust: proxies.trust });
    this.#beginning = this.#beginningOf(spoken);
    const { handshakeMs, upgradeMs, keepAliveMs, closeMs, pingMs, idleMs, stallMs, connectionsPerIp } =
      this.limits;
    const spans = [handshakeMs, upgradeMs, keepAliveMs, closeMs, pingMs, idleMs, stallMs];
    this.watch = new Watch(Math.min(...spans.filter((span) => span > 0)));
    this.door = new Door({
      handshakeMs,
      tls: this.#tls,
      prefaced: proxies.preface !== undefined,
      isProxy: (peer) => proxies.isProxy(peer),
      connectionsPerIp,
      admit: (wire) => this.#admit(wire),
      cleared: () => {
        if (this.isEmpty) this.emptied();
      },
    });
    this.watch.add(this.door);
    this.#leavePremises = joinPremises(worker.options, processes, () => worker.connections.values());
  }

  get handlers(): AnyHandlers {
    return this.#worker.handlers;
  }

  get stage(): Stage {
    return this.#beginning.stage;
  }

  get stopping(): boolean {
    return this.#worker.stopping;
  }

  makeCodec(): Codec<unknown, unknown> {
    return this.#beginning.makeCodec();
  }

  beginningIn(protocol: unknown): Beginning {
    return this.#beginningOf(spoken({ scheme: 'tcp', protocol: 'tcp' }, protocol));
  }

  makeContext(): unknown {
    return this.#worker.options.context?.() ?? {};
  }

  nextId(): number {
    return ++premises.lastId;
  }

  welcomes({ wire, client }: TcpConnection): boolean {
    return client === undefined || this.door.counts(wire, client.address);
  }

  get tally(): Tally {
    return this.#worker.tally;
  }

  get connections(): ReadonlyMap<number, TcpConnection> {
    return this.#worker.connections as unknown as Map<number, TcpConnection>;
  }

  /** Nobody is here, and nobody is at the door. */
  get isEmpty(): boolean {
    return this.#worker.connections.size === 0 && !this.door.isNegotiating;
  }

  leave(connection: TcpConnection, cause: CloseCause): void {
    this.watch.delete(connection);
    this.tally.ended(cause);
    this.#worker.connections.delete(connection.id);
    this.door.left(connection.wire);
    if (this.isEmpty) this.emptied();
  }

  /** Says goodbye in the connection's protocol. */
  dismiss(connection: TcpConnection): void {
    connection.note({ by: 'us', reason: 'the server stops' });
    connection.stage.dismiss(connection, this.farewell);
  }

  close(): void {
    this.watch.stop();
    this.#leavePremises();
  }

  #admit(wire: Wire): void {
    const connection = new TcpConnection(this, wire);
    this.#worker.connections.set(connection.id, connection);
    this.watch.add(connection);
    this.#beginning.begin(connection);
    if (this.#tls && !wire.secure) return this.#refuse(connection);
    connection.call('onConnect', this.handlers.onConnect, undefined);
  }

  /** No TLS on a TLS port. Nobody heard that it came, so nobody hears that it goes. */
  #refuse(connection: TcpConnection): void {
    connection.handlers = {};
    connection.become(new HttpServerCodec(), refusalStage);
  }
}
