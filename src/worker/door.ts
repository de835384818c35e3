import type { Watched } from '../connection/watch.ts';
import { PeerError } from '../errors.ts';
import { publish, type TlsFailure } from '../telemetry.ts';
import { now } from '../timer.ts';
import { type Address, formatAddress } from '../transport/address.ts';
import type { Listener, Sink, Wire, WireCause } from '../transport/engine.ts';
import { tlsFailureOf } from '../transport/tls-failure.ts';
import { Census } from './census.ts';
import { premises } from './premises.ts';

export interface DoorOptions {
  /** For the first byte and the TLS handshake together, in milliseconds. */
  readonly handshakeMs: number;
  /** A TLS handshake comes first; without one, and without a PROXY header, wires are ready at once. */
  readonly tls: boolean;
  /** Who comes is known only when a wire is opened: a PROXY header tells. */
  readonly prefaced: boolean;
  /** Peers that bring the connections of others are not counted themselves. */
  readonly isProxy: (peer: Address) => boolean;
  /** Connections from one address; `Infinity` for no limit. */
  readonly connectionsPerIp: number;
  /** Takes over a wire that is ready for bytes. */
  readonly admit: (wire: Wire) => void;
  /** No handshake is under way any more. */
  readonly cleared: () => void;
}

/**
 * Stands between a listener and its worker: counts who comes, gives TLS handshakes their time, and lets
 * newcomers wait outside while the process has all the connections it may have.
 */
export class Door implements Sink, Watched {
  readonly id = 0;
  listener: Listener | undefined;
  readonly #options: DoorOptions;
  /** Wires that are not ready yet, oldest first, with the moment their time is up. */
  readonly #negotiating = new Map<Wire, number>();
  /** Closed by us, for a reason that was told. */
  readonly #givenUp = new WeakSet<Wire>();
  readonly #census: Census | undefined;
  #full = false;

  constructor(options: DoorOptions) {
    this.#options = options;
    if (options.connectionsPerIp !== Number.POSITIVE_INFINITY)
      this.#census = new Census(options.connectionsPerIp);
  }

  /** Handshakes are under way. */
  get isNegotiating(): boolean {
    return this.#negotiating.size > 0;
  }

  accepted(wire: Wire): void {
    premises.connections++;
    premises.accepted++;
    if (!this.#options.prefaced && !this.#mayEnter(wire)) return this.#turnAway(wire);
    if (this.#options.tls || this.#options.prefaced)
      this.#negotiating.set(wire, now() + this.#options.handshakeMs);
    this.#checkRoom();
  }

  opened(wire: Wire): void {
    this.#negotiating.delete(wire);
    if (this.#options.prefaced && !this.#mayEnter(wire)) return this.#turnAway(wire);
    if (wire.tls) publish('usta:tls:opened', { version: wire.tls.version, resumed: wire.tls.resumed });
    this.#options.admit(wire);
  }

  /** Only wires that were never opened end here. */
  closed(wire: Wire, cause: WireCause): void {
    if (this.#negotiating.delete(wire) && !this.isNegotiating) this.#options.cleared();
    this.left(wire);
    const { error } = cause;
    if (error instanceof PeerError) return tellPeerError(wire, error.message);
    if (this.#givenUp.delete(wire) || !this.#options.tls) return;
    // OpenSSL's message is a stack of source lines; its reason is the one that says something.
    const { reason = error?.message ?? 'the client left' } = (error ?? {}) as Error & { reason?: string };
    tellFailure(wire, tlsFailureOf(error), reason);
  }

  /** Counts a wire for this client. @returns false when that is one too many. */
  counts(wire: Wire, client: Address): boolean {
    if (this.#census === undefined || client.kind !== 'ip' || this.#census.add(wire, client.host))
      return true;
    const reason = `more than ${this.#options.connectionsPerIp} connections from one address`;
    publish('usta:connection:failed', { remote: formatAddress(client), code: 1008, reason });
    return false;
  }

  received(): void {}

  ended(): void {}

  buffered(): void {}

  /** A connection has gone: there may be room again. */
  left(wire: Wire): void {
    premises.connections--;
    this.#census?.delete(wire);
    if (!this.#full || premises.connections >= premises.maxConnections) return;
    this.#full = false;
    this.listener?.resume();
  }

  visit(time: number): void {
    for (const [wire, end] of this.#negotiating) {
      if (end > time) return;
      this.#giveUp(wire, `${this.#options.handshakeMs / 1000} s`);
    }
  }

  /** Ends all handshakes that are under way. */
  clear(): void {
    for (const wire of this.#negotiating.keys()) this.#turnAway(wire);
  }

  #turnAway(wire: Wire): void {
    this.#givenUp.add(wire);
    wire.destroy();
  }

  #giveUp(wire: Wire, within: string): void {
    if (this.#options.tls) tellFailure(wire, 'timed-out', `no handshake within ${within}`);
    else tellPeerError(wire, `no PROXY header within ${within}`);
    this.#turnAway(wire);
  }

  #mayEnter(wire: Wire): boolean {
    return this.#options.isProxy(wire.remote) || this.counts(wire, wire.remote);
  }

  #checkRoom(): void {
    if (this.#full || premises.connections < premises.maxConnections) return;
    this.#full = true;
    publish('usta:notice', {
      text: `${premises.connections} connections are open, which is the limit; more have to wait`,
    });
    this.listener?.pause();
  }
}

function tellFailure({ remote, local }: Wire, cause: TlsFailure, reason: string): void {
  publish('usta:tls:failed', { remote: formatAddress(remote), local: formatAddress(local), cause, reason });
}

function tellPeerError({ remote }: Wire, reason: string): void {
  publish('usta:connection:failed', { remote: formatAddress(remote), code: 1002, reason });
}
