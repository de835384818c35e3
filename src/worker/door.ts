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
  #full = false;

  constructor(options: DoorOptions) {
    this.#options = options;
  }

  accepted(wire: Wire): void {
    premises.connections++;
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
    this.left();
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
  left(): void {
    premises.connections--;
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
