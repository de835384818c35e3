import type { Socket } from 'node:net';
import { sourceOf } from '../bytes/source.ts';
import { type Address, plainIp } from './address.ts';
import { BufferedWire } from './buffered-wire.ts';
import type { Sink, Wire, WireCause } from './engine.ts';

/** Every plain socket reads into this one place: bytes are on loan and used up before the next read. */
export const landing: ReturnType<typeof sourceOf> = sourceOf(Buffer.allocUnsafeSlow(65_536));

const owner: unique symbol = Symbol('wire');
type OwnedSocket = Socket & { [owner]?: NodeWire };

/** A wire over a socket of `node:net` or `node:tls`. */
export class NodeWire extends BufferedWire implements Wire {
  sink: Sink;
  readonly remote: Address;
  readonly local: Address;
  #socket: Socket;
  #secure = false;
  #opened = false;
  #closed = false;
  #destroyed = false;
  #peerEnded = false;
  #error: Error | undefined;
  /** Made once per wire: a socket tells the end of a write only to a function. */
  readonly #written = (): void => {
    if (this.bufferedBytes > 0 && this.#socket.writableLength === 0) this.writtenLater();
  };

  constructor(socket: Socket, sink: Sink, path?: string) {
    super();
    this.sink = sink;
    this.#socket = socket;
    this.remote = path === undefined ? remoteOf(socket) : { kind: 'unix', path: '' };
    this.local = path === undefined ? localOf(socket) : { kind: 'unix', path };
    this.#listenTo(socket);
  }

  get secure(): boolean {
    return this.#secure;
  }

  /** Reads by 'data' events; sockets made with `onread` call `receive` themselves. */
  open(options: { readonly secure: boolean; readonly events: boolean }): void {
    this.#secure = options.secure;
    this.#opened = true;
    this.sink.opened(this);
    if (this.#closed) return;
    if (options.events) this.#socket.on('data', NodeWire.events.data);
    this.#socket.resume();
  }

  uses(socket: Socket): boolean {
    return this.#socket === socket;
  }

  /** Goes on with another socket around the same connection: the TLS end of a plain one. */
  replaceSocket(socket: Socket): void {
    this.#socket = socket;
    this.#listenTo(socket);
  }

  /** @returns false when reading is paused from here on. */
  receive(size: number): boolean {
    this.sink.received(this, landing, 0, size);
    return !this.#socket.isPaused();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  destroy(): void {
    this.#destroyed = true;
    this.#socket.destroy();
  }

  /** The connection did not come to be: the reason of `closed`. */
  fail(error: Error): void {
    this.#error ??= error;
    this.#socket.destroy();
  }

  protected override write(chunks: readonly Buffer[]): boolean {
    const socket = this.#socket;
    if (chunks.length === 1) {
      socket.write(chunks[0] as Buffer, this.#written);
      return socket.writableLength === 0;
    }
    socket.cork();
    for (const chunk of chunks) socket.write(chunk, this.#written);
    socket.uncork();
    return socket.writableLength === 0;
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
      const wire = current(this);
      wire?.sink.received(wire, sourceOf(chunk), 0, chunk.length);
    },
    error(this: OwnedSocket, error: Error): void {
      const wire = current(this);
      if (wire) wire.#error ??= error;
    },
    end(this: OwnedSocket): void {
      const wire = current(this);
      if (!wire) return;
      wire.#peerEnded = true;
      if (wire.#opened) wire.sink.ended(wire);
      else wire.#socket.destroy();
    },
    close(this: OwnedSocket): void {
      const wire = current(this);
      if (!wire || wire.#closed) return;
      wire.#closed = true;
      wire.forget();
      wire.sink.closed(wire, wire.#cause());
    },
  };

  #cause(): WireCause {
    const error = this.#error;
    if (!this.#opened) return error ? { how: 'failed', error } : { how: 'failed' };
    if (error) return { how: 'reset', error };
    return { how: this.#destroyed || !this.#peerEnded ? 'destroyed' : 'finished' };
  }
}

function current(socket: OwnedSocket): NodeWire | undefined {
  const wire = socket[owner];
  return wire?.uses(socket) ? wire : undefined;
}

function remoteOf(socket: Socket): Address {
  return { kind: 'ip', host: plainIp(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
}

function localOf(socket: Socket): Address {
  return { kind: 'ip', host: plainIp(socket.localAddress ?? ''), port: socket.localPort ?? 0 };
}
