import { X509Certificate } from 'node:crypto';
import { writeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { type Source, sourceOf } from '../bytes/source.ts';
import { type Address, plainIp } from './address.ts';
import { BufferedWire } from './buffered-wire.ts';
import type { Sink, TlsFacts, Wire, WireCause } from './engine.ts';

/** Every plain socket reads into this one place: bytes are on loan and used up before the next read. */
export const landing: Source = sourceOf(Buffer.allocUnsafeSlow(65_536));

const owner: unique symbol = Symbol('wire');
type OwnedSocket = Socket & { [owner]?: NodeWire };

/** Where the two ends of a wire are. */
export interface Ends {
  readonly remote: Address;
  readonly local: Address;
}

export interface OpenOptions {
  readonly secure: boolean;
  /** Read by 'data' events; sockets made with `onread` call `receive` themselves. */
  readonly events: boolean;
  /** Somebody else looks at the socket too, and at what it counts: nothing is written past Node. */
  readonly shared?: boolean;
}

/** A wire over a socket of `node:net` or `node:tls`. */
export class NodeWire extends BufferedWire implements Wire {
  sink: Sink;
  #ends: Ends;
  #socket: Socket;
  #secure = false;
  /** Of the open socket, where bytes may be written past Node; -1 where they may not. */
  #descriptor = -1;
  #opening = false;
  #opened = false;
  #paused = false;
  #closed = false;
  #destroyed = false;
  #peerEnded = false;
  #error: Error | undefined;
  /** The write under way has ended, maybe before `_write` has returned; made once per wire. */
  readonly #written = (error?: Error | null): void => {
    if (this.#destroyed) return;
    if (error) this.fail(error);
    else if (this.#writing) this.#left = true;
    else this.writtenLater();
  };
  /** Within `_write`. */
  #writing = false;
  #left = false;
  #shown: Buffer | undefined;

  constructor(socket: Socket, sink: Sink, ends: Ends) {
    super();
    this.sink = sink;
    this.#socket = socket;
    this.#ends = ends;
    this.#listenTo(socket);
  }

  get secure(): boolean {
    return this.#secure;
  }

  get tls(): TlsFacts | undefined {
    const socket = this.#socket;
    if (!this.#secure || !(socket instanceof TLSSocket)) return undefined;
    return {
      version: socket.getProtocol() ?? '',
      resumed: socket.isSessionReused(),
      certificate: this.#shown ? new X509Certificate(this.#shown) : socket.getPeerX509Certificate(),
    };
  }

  get remote(): Address {
    return this.#ends.remote;
  }

  get local(): Address {
    return this.#ends.local;
  }

  /** Has no effect on a wire that was destroyed before it was ready. */
  open(options: OpenOptions): void {
    if (this.#destroyed || this.#closed) return;
    this.#secure = options.secure;
    this.#descriptor = options.secure || options.shared ? -1 : descriptorOf(this.#socket);
    this.#opened = true;
    this.sink.opened(this);
    if (this.#destroyed) return;
    if (this.#peerEnded) return this.sink.ended(this);
    if (options.events) this.#socket.on('data', NodeWire.events.data);
    if (this.#paused) this.#socket.pause();
    else if (options.events) this.#socket.resume();
  }

  /**
   * In the next turn: a socket that ends within the last step of its TLS handshake sends no close_notify.
   *
   * @param shown the certificate of the other side in DER, where that is known: to be asked for by a client, Node has it
   *   only once, and not at all where a session is resumed.
   */
  openAfterHandshake(shown?: Buffer): void {
    this.#opening = true;
    this.#shown = shown;
    setImmediate(() => this.open({ secure: true, events: true }));
  }

  /** Goes on with another socket around the same connection: the TLS end of a plain one. */
  replaceSocket(socket: Socket): void {
    this.#socket = socket;
    this.#listenTo(socket);
  }

  /** Tells the real ends, once an outgoing connection has them. */
  settle(ends: Ends): void {
    this.#ends = ends;
  }

  /** @returns false when reading is paused from here on. */
  receive(size: number): boolean {
    this.sink.received(this, landing, 0, size);
    return !this.#paused;
  }

  pause(): void {
    this.#paused = true;
    if (this.#opened) this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    if (this.#opened) this.#socket.resume();
  }

  destroy(): void {
    if (this.#closed) return;
    this.#destroyed = true;
    this.drop();
    this.#socket.destroy();
  }

  /** The wire cannot go on: the reason of `closed`. */
  fail(error: Error): void {
    this.#error ??= error;
    this.destroy();
  }

  /**
   * Past the stream's own queue, which would be empty: one write is under way at a time, and what waits
   * is kept here. The queue's bookkeeping costs a tenth of a small write, and a request object for libuv
   * another: so the kernel is asked first, and only what it does not take goes the long way.
   */
  protected override write(chunk: Buffer): boolean {
    const taken = this.#mayWriteNow() ? writeNow(this.#descriptor, chunk) : 0;
    return taken === chunk.length || this.#writeLater(taken === 0 ? chunk : chunk.subarray(taken));
  }

  /** A socket that Node has destroyed has no handle from that moment on: its descriptor may be another's. */
  #mayWriteNow(): boolean {
    return this.#descriptor >= 0 && (this.#socket as SocketWithHandle)._handle !== null;
  }

  #writeLater(chunk: Buffer): boolean {
    const socket = this.#socket;
    if (socket.destroyed) return false;
    this.#writing = true;
    this.#left = false;
    socket._write(chunk, 'buffer' as BufferEncoding, this.#written);
    this.#writing = false;
    return this.#left;
  }

  protected override writeAll(chunks: readonly Buffer[]): boolean {
    return this.write(Buffer.concat(chunks));
  }

  protected override changed(delta: number): void {
    this.sink.buffered(this, delta);
  }

  protected override finish(): void {
    this.#socket.end();
  }

  #listenTo(socket: OwnedSocket): void {
    socket[owner] = this;
    socket.on('error', NodeWire.events.error);
    socket.on('end', NodeWire.events.end);
    socket.on('close', NodeWire.events.close);
  }

  /** What the socket says; a socket that was replaced is not listened to any more. */
  static readonly events = {
    data(this: OwnedSocket, chunk: Buffer): void {
      const wire = NodeWire.of(this);
      if (wire && !wire.#destroyed) wire.sink.received(wire, sourceOf(chunk), 0, chunk.length);
    },
    error(this: OwnedSocket, error: Error): void {
      const wire = NodeWire.of(this);
      if (wire) wire.#error ??= error;
    },
    end(this: OwnedSocket): void {
      const wire = NodeWire.of(this);
      if (!wire || wire.#destroyed) return;
      wire.#peerEnded = true;
      if (wire.#opened) wire.sink.ended(wire);
      else if (!wire.#opening) wire.#socket.destroy();
    },
    close(this: OwnedSocket): void {
      const wire = NodeWire.of(this);
      if (!wire || wire.#closed) return;
      wire.#closed = true;
      wire.drop();
      wire.sink.closed(wire, wire.#cause());
    },
  };

  /** The wire that this socket serves at present. */
  static of(socket: OwnedSocket): NodeWire | undefined {
    const wire = socket[owner];
    return wire && wire.#socket === socket ? wire : undefined;
  }

  #cause(): WireCause {
    const error = this.#error;
    if (!this.#opened) return error ? { how: 'failed', error } : { how: 'failed' };
    if (error) return { how: 'reset', error };
    return { how: this.#destroyed || !this.#peerEnded ? 'destroyed' : 'finished' };
  }
}

/** Not documented; where it is missing, or on systems that have no descriptors, everything goes through Node. */
function descriptorOf(socket: SocketWithHandle): number {
  return socket._handle?.fd ?? -1;
}

type SocketWithHandle = Socket & { readonly _handle?: { readonly fd?: number } | null };

/** @returns how many bytes the kernel took; none when it is full, or the connection broken, which Node will tell. */
function writeNow(descriptor: number, chunk: Buffer): number {
  try {
    return writeSync(descriptor, chunk);
  } catch {
    return 0;
  }
}

/**
 * The ends of a socket that is connected.
 *
 * @param unix for a Unix socket: the path on our side (accepted) or on the peer's (connected).
 */
export function endsOf(socket: Socket, unix?: Partial<Readonly<Record<'remote' | 'local', string>>>): Ends {
  if (unix) {
    return {
      remote: { kind: 'unix', path: unix.remote ?? '' },
      local: { kind: 'unix', path: unix.local ?? '' },
    };
  }
  const { remoteAddress = '', remotePort = 0, localAddress = '', localPort = 0 } = socket;
  return {
    remote: { kind: 'ip', host: plainIp(remoteAddress), port: remotePort },
    local: { kind: 'ip', host: plainIp(localAddress), port: localPort },
  };
}
