import { type Server, Socket, type SocketConstructorOpts } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { publish } from '../telemetry.ts';
import { type Address, plainIp } from './address.ts';
import type { Sink } from './engine.ts';
import { type Ends, endsOf, landing, NodeWire } from './node-wire.ts';

/** A connection that was accepted and is not read yet; it may be kept waiting, or refused. */
export interface Arrival {
  /** @returns undefined when it has gone already. */
  wire(sink: Sink, listener: Address): NodeWire | undefined;
  refuse(): void;
}

/** As Node documents it: a socket that reads by events. */
export class AcceptedSocket implements Arrival {
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', ignore);
  }

  wire(sink: Sink, listener: Address): NodeWire | undefined {
    if (this.socket.destroyed) return undefined;
    const unix = listener.kind === 'unix' ? { local: listener.path } : undefined;
    return new NodeWire(this.socket, sink, endsOf(this.socket, unix));
  }

  refuse(): void {
    this.socket.destroy();
  }
}

/** What lies under a socket of Node's; not documented, as little of it as is needed here. */
interface Handle {
  close(): void;
  setNoDelay?(on: boolean): void;
  getpeername?(name: { address?: string; port?: number }): number;
  getsockname?(name: { address?: string; port?: number }): number;
}

/**
 * The handle itself, before Node makes a socket of it: so that it can be given one that reads into the
 * common landing place (`onread`) instead of a fresh buffer per read. Node offers that only to sockets
 * made by hand.
 */
export class AcceptedHandle implements Arrival {
  readonly #handle: Handle;

  constructor(handle: Handle) {
    this.#handle = handle;
  }

  wire(sink: Sink, listener: Address): NodeWire {
    this.#handle.setNoDelay?.(true);
    let wire: NodeWire | undefined;
    const onread = { buffer: landing.bytes, callback: (size: number) => wire?.receive(size) ?? true };
    const options = { handle: this.#handle, allowHalfOpen: true, onread };
    const socket = new Socket(options as SocketConstructorOpts);
    wire = new NodeWire(socket, sink, this.#ends(listener));
    return wire;
  }

  refuse(): void {
    this.#handle.close();
  }

  #ends(listener: Address): Ends {
    if (listener.kind === 'unix') return { remote: { kind: 'unix', path: '' }, local: listener };
    const peer: { address?: string; port?: number } = {};
    this.#handle.getpeername?.(peer);
    const remote: Address = { kind: 'ip', host: plainIp(peer.address ?? ''), port: peer.port ?? 0 };
    return { remote, local: this.#local(listener) };
  }

  /** Where it arrived: of a listener on all addresses, one of them; those are few, and kept. */
  #local(listener: Address & { kind: 'ip' }): Address {
    if (listener.host !== '0.0.0.0' && listener.host !== '::') return listener;
    const own: { address?: string } = {};
    this.#handle.getsockname?.(own);
    const host = plainIp(own.address ?? '');
    return knownLocal(host, listener.port);
  }
}

const locals: (Address & { kind: 'ip' })[] = [];

function knownLocal(host: string, port: number): Address {
  const known = locals.find((one) => one.host === host && one.port === port);
  if (known) return known;
  const address = { kind: 'ip', host, port } as const;
  if (locals.length < 64) locals.push(address);
  return address;
}

/**
 * Has a listening server give out the handles of its connections instead of making sockets of them.
 * Where this version of Node does it otherwise, nothing changes.
 */
export function takeHandles(server: Server, arrived: (handle: Handle) => void): void {
  const { _handle: listening } = server as Server & { _handle?: { onconnection?: unknown } };
  if (typeof listening?.onconnection !== 'function') return;
  listening.onconnection = (status: number, handle: Handle | undefined) => {
    if (status === 0 && handle !== undefined) arrived(handle);
    else
      publish('usta:notice', { text: `a connection could not be accepted: ${getSystemErrorName(status)}` });
  };
}

/** Whether `net.Socket` takes a handle and gives it back: asked with no connection at stake. */
export function canAdopt(): boolean {
  const handle = { readStart() {}, readStop() {}, close() {}, unref() {}, ref() {}, reading: false };
  try {
    const socket = new Socket({ handle } as SocketConstructorOpts);
    return (socket as Socket & { _handle?: unknown })._handle === handle;
  } catch {
    return false;
  }
}

function ignore(): void {}
