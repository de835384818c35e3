import { UsageError } from '../errors.ts';
import { type Address, formatAddress, isTooLong } from './address.ts';
import type { ConnectOptions, Engine, Listener, ListenOptions, Sink, Wire } from './engine.ts';
import { cannotListen } from './listen-error.ts';
import { MemoryWire } from './memory-wire.ts';
import { systemError } from './system-error.ts';

/** Ports given out by ourselves: to listeners that ask for 0, and to whoever connects (RFC 6335 §6). */
const FIRST_PORT = 49_152;
const PORTS = 16_384;
/** Connections that may wait while a listener is paused; more are refused. */
const BACKLOG = 1024;

/**
 * An engine without sockets: whoever connects finds the listeners of the same engine, by address. TLS is
 * believed, not spoken: wires are `secure` as both sides ask for it.
 */
export function memoryEngine(): Engine {
  return new MemoryEngine();
}

class MemoryEngine implements Engine {
  readonly #listeners = new Set<MemoryListener>();
  #ports = 0;

  async listen(address: Address, options: ListenOptions, sink: Sink): Promise<Listener> {
    if (options.preface)
      throw new UsageError('E_ENGINE', 'this engine reads no preface: nobody is on the way');
    const place = this.#settled(address);
    if (isTooLong(place)) throw cannotListen(place, 'ENAMETOOLONG');
    if (this.#isTaken(place)) throw cannotListen(place, 'EADDRINUSE');
    const listener: MemoryListener = new MemoryListener(place, options, sink, () =>
      this.#listeners.delete(listener),
    );
    this.#listeners.add(listener);
    return listener;
  }

  connect(address: Address, options: ConnectOptions, sink: Sink): Wire {
    const remote = withIp(address);
    const local: Address =
      remote.kind === 'unix' ? { kind: 'unix', path: '' } : this.#here(remote.host, options.local);
    const secure = options.tls !== undefined;
    const wire = new MemoryWire(sink, { remote, local, secure });
    wire.accept();
    const listener = [...this.#listeners].find((candidate) => answers(candidate.address, remote));
    if (listener === undefined) wire.fail(refused());
    else if (secure && !listener.secure) wire.fail(systemError('handshake', 'EPROTO'));
    else setImmediate(() => listener.arrived(wire));
    return wire;
  }

  #settled(address: Address): Address {
    const place = withIp(address);
    if (place.kind === 'unix' || place.port !== 0) return place;
    let free: Address;
    do free = { ...place, port: this.#nextPort() };
    while (this.#isTaken(free));
    return free;
  }

  #isTaken(place: Address): boolean {
    return [...this.#listeners].some(({ address }) => answers(address, place) || answers(place, address));
  }

  #here(host: string, wanted: ConnectOptions['local']): Address {
    const own = wanted?.host ?? (host.includes(':') ? '::1' : '127.0.0.1');
    return { kind: 'ip', host: own, port: wanted?.port || this.#nextPort() };
  }

  #nextPort(): number {
    return FIRST_PORT + (this.#ports++ % PORTS);
  }
}

class MemoryListener implements Listener {
  readonly address: Address;
  readonly secure: boolean;
  readonly #backlog: number;
  readonly #sink: Sink;
  readonly #left: () => void;
  /** Connections that wait, oldest first. */
  readonly #waiting: Connection[] = [];
  #paused = false;
  #closed = false;

  constructor(address: Address, options: ListenOptions, sink: Sink, left: () => void) {
    this.address = address;
    this.secure = options.tls !== undefined;
    this.#backlog = options.backlog ?? BACKLOG;
    this.#sink = sink;
    this.#left = left;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    while (!this.#paused) {
      const connection = this.#waiting.shift();
      if (connection === undefined) return;
      this.#admit(connection);
    }
  }

  renew(): void {}

  async close(): Promise<void> {
    this.#closed = true;
    this.#left();
    for (const { dialled } of this.#waiting.splice(0)) dialled.fail(refused());
  }

  arrived(dialled: MemoryWire): void {
    if (dialled.isOver) return;
    if (this.#closed || this.#waiting.length >= this.#backlog) return dialled.fail(refused());
    const connection = { dialled, answering: this.#answer(dialled) };
    MemoryWire.join(dialled, connection.answering);
    if (!dialled.secure) dialled.open();
    if (this.#paused) this.#waiting.push(connection);
    else this.#admit(connection);
  }

  #answer(dialled: MemoryWire): MemoryWire {
    const ends = { remote: dialled.local, local: dialled.remote };
    return new MemoryWire(this.#sink, {
      ...ends,
      secure: dialled.secure,
      awaitsByte: this.secure && !dialled.secure,
    });
  }

  #admit({ dialled, answering }: Connection): void {
    answering.accept();
    if (dialled.secure && dialled.isOver) return answering.destroy();
    answering.open();
    dialled.open();
  }
}

/** The two wires of a connection. */
interface Connection {
  readonly dialled: MemoryWire;
  readonly answering: MemoryWire;
}

function refused(): Error {
  return systemError('connect', 'ECONNREFUSED');
}

/** Whether somebody who listens at `place` is the one meant by `wanted`. */
function answers(place: Address, wanted: Address): boolean {
  if (place.kind === 'unix' || wanted.kind === 'unix') return formatAddress(place) === formatAddress(wanted);
  return (
    place.port === wanted.port &&
    (place.host === wanted.host || place.host === '0.0.0.0' || place.host === '::')
  );
}

function withIp(address: Address): Address {
  return address.kind === 'ip' && address.host === 'localhost' ? { ...address, host: '127.0.0.1' } : address;
}
