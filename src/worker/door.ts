import type { Watched } from '../connection/watch.ts';
import { publish } from '../telemetry.ts';
import { now } from '../timer.ts';
import { formatAddress } from '../transport/address.ts';
import type { Listener, Sink, Wire, WireCause } from '../transport/engine.ts';
import { premises } from './premises.ts';

export interface DoorOptions {
  /** For the first byte and the TLS handshake together, in milliseconds. */
  readonly handshakeMs: number;
  /** TLS comes first; plain wires are ready at once. */
  readonly negotiates: boolean;
  /** Connections from one address; `Infinity` for no limit. */
  readonly connectionsPerIp: number;
  /** Takes over a wire that is ready for bytes. */
  readonly admit: (wire: Wire) => void;
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
  /** Connections by address, counted where they are limited. */
  readonly #perIp: Map<string, number> | undefined;
  #full = false;

  constructor(options: DoorOptions) {
    this.#options = options;
    if (options.connectionsPerIp !== Number.POSITIVE_INFINITY) this.#perIp = new Map();
  }

  accepted(wire: Wire): void {
    premises.connections++;
    if (this.#isOneTooMany(wire)) return wire.destroy();
    if (this.#options.negotiates) this.#negotiating.set(wire, now() + this.#options.handshakeMs);
    this.#checkRoom();
  }

  opened(wire: Wire): void {
    this.#negotiating.delete(wire);
    this.#options.admit(wire);
  }

  /** Only wires that were never opened end here. */
  closed(wire: Wire, cause: WireCause): void {
    this.#negotiating.delete(wire);
    this.left(wire);
    const { error } = cause;
    if (error === undefined) return;
    // OpenSSL's message is a stack of source lines; its reason is the one that says something.
    const { reason = error.message } = error as Error & { reason?: string };
    tellFailure(wire, reason);
  }

  received(): void {}

  ended(): void {}

  buffered(): void {}

  /** A connection has gone: there may be room again. */
  left({ remote }: Wire): void {
    premises.connections--;
    if (this.#perIp !== undefined && remote.kind === 'ip') addTo(this.#perIp, remote.host, -1);
    if (!this.#full || premises.connections >= premises.maxConnections) return;
    this.#full = false;
    this.listener?.resume();
  }

  visit(time: number): void {
    for (const [wire, end] of this.#negotiating) {
      if (end > time) return;
      tellFailure(wire, `no handshake within ${this.#options.handshakeMs / 1000} s`);
      wire.destroy();
    }
  }

  /** Ends all handshakes that are under way. */
  clear(): void {
    for (const wire of this.#negotiating.keys()) wire.destroy();
  }

  #isOneTooMany({ remote }: Wire): boolean {
    if (this.#perIp === undefined || remote.kind !== 'ip') return false;
    if (addTo(this.#perIp, remote.host, 1) <= this.#options.connectionsPerIp) return false;
    const reason = `more than ${this.#options.connectionsPerIp} connections from one address`;
    publish('usta:connection:failed', { remote: formatAddress(remote), code: 1008, reason });
    return true;
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

function tellFailure({ remote, local }: Wire, reason: string): void {
  publish('usta:tls:failed', { remote: formatAddress(remote), local: formatAddress(local), reason });
}

/** @returns the new count; an address with none is forgotten. */
function addTo(counts: Map<string, number>, key: string, change: number): number {
  const count = (counts.get(key) ?? 0) + change;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
  return count;
}
