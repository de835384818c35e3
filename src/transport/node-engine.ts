import { connect, createServer, type Server, Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { type Address, plainIp } from './address.ts';
import type { ConnectOptions, Engine, Listener, ListenOptions, Sink, Wire } from './engine.ts';
import { cannotListen } from './listen-error.ts';
import { landing, NodeWire } from './node-wire.ts';
import { TlsDoor } from './tls-door.ts';

/** Accepted sockets that may wait, unread, while a listener is paused; more are refused. */
const MAX_PARKED = 1024;

/** Node's own sockets: always there. */
export const nodeEngine: Engine = {
  async listen(address, options, sink) {
    const listener = new NodeListener(address, options, sink);
    await listener.open(options);
    return listener;
  },

  connect(address: Address, options: ConnectOptions, sink: Sink): Wire {
    const target =
      address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port };
    const halfOpen = { allowHalfOpen: true };
    const socket = options.tls
      ? connectTls({ ...target, ...options.tls, ...halfOpen } as ConnectionOptions)
      : connect({ ...target, ...halfOpen, noDelay: true });
    const wire = new NodeWire(socket, sink, address.kind === 'unix' ? address.path : undefined);
    const secure = options.tls !== undefined;
    sink.accepted(wire);
    socket.once(secure ? 'secureConnect' : 'connect', () => wire.open({ secure, events: true }));
    return wire;
  },
};

class NodeListener implements Listener {
  address: Address;
  readonly #server: Server;
  readonly #sink: Sink;
  readonly #tls: TlsDoor | undefined;
  #parked: Socket[] | undefined;

  constructor(address: Address, options: ListenOptions, sink: Sink) {
    this.address = address;
    this.#sink = sink;
    this.#tls = options.tls ? new TlsDoor(options.tls) : undefined;
    this.#server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#arrived(socket),
    );
  }

  async open(options: ListenOptions): Promise<void> {
    await listening(this.#server, this.address, options);
    const bound = this.#server.address();
    if (bound !== null && typeof bound === 'object') {
      this.address = { kind: 'ip', host: plainIp(bound.address), port: bound.port };
    }
  }

  pause(): void {
    this.#parked ??= [];
  }

  resume(): void {
    const parked = this.#parked ?? [];
    this.#parked = undefined;
    for (const [index, socket] of parked.entries()) {
      if (this.#parked !== undefined) (this.#parked as Socket[]).push(...parked.slice(index));
      if (this.#parked !== undefined) return;
      if (!socket.destroyed) this.#admit(socket);
    }
  }

  close(): Promise<void> {
    for (const socket of this.#parked ?? []) socket.destroy();
    this.#parked = undefined;
    return new Promise((resolve) => {
      this.#server.close();
      resolve();
    });
  }

  #arrived(socket: Socket): void {
    if (this.#parked === undefined) return this.#admit(socket);
    if (this.#parked.length >= MAX_PARKED) return void socket.destroy();
    socket.on('error', () => socket.destroy());
    this.#parked.push(socket);
  }

  #admit(socket: Socket): void {
    const path = this.address.kind === 'unix' ? this.address.path : undefined;
    if (this.#tls) return this.#tls.admit(new NodeWire(socket, this.#sink, path), socket);
    const adopted = adoptHandle(socket, path, this.#sink);
    const wire = adopted ?? new NodeWire(socket, this.#sink, path);
    this.#sink.accepted(wire);
    wire.open({ secure: false, events: adopted === undefined });
  }
}

/**
 * Moves an accepted connection to a socket that reads into the common landing place instead of a fresh
 * buffer per read. Node offers that (`onread`) only to sockets made by hand, and takes a `handle` there
 * without documenting it: where that fails, the accepted socket serves as it is.
 */
function adoptHandle(accepted: Socket, path: string | undefined, sink: Sink): NodeWire | undefined {
  const internal = accepted as Socket & { _handle?: unknown };
  const handle = internal._handle;
  if (!handle || !canAdopt) return undefined;
  let wire: NodeWire | undefined;
  const callback = (size: number): boolean => wire?.receive(size) ?? true;
  const options = { handle, allowHalfOpen: true, onread: { buffer: landing.bytes, callback } };
  const socket = new Socket(options as ConstructorParameters<typeof Socket>[0]);
  internal._handle = null;
  accepted.destroy();
  wire = new NodeWire(socket, sink, path);
  return wire;
}

/** Whether `net.Socket` takes a handle and gives it back: asked once, with no connection at stake. */
const canAdopt: boolean = (() => {
  const handle = {
    onread: undefined,
    readStart() {},
    readStop() {},
    close() {},
    unref() {},
    ref() {},
    reading: false,
  };
  try {
    const socket = new Socket({ handle } as ConstructorParameters<typeof Socket>[0]);
    return (socket as Socket & { _handle?: unknown })._handle === handle;
  } catch {
    return false;
  }
})();

function listening(server: Server, address: Address, options: ListenOptions): Promise<void> {
  const backlog = options.backlog ?? 4096;
  const place = address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port };
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(cannotListen(address, error.code ?? 'E_LISTEN', error)),
    );
    server.once('listening', () => {
      server.removeAllListeners('error');
      server.on('error', () => {});
      resolve();
    });
    if (options.bound === undefined) server.listen({ ...place, backlog, exclusive: true });
    else server.listen(options.bound, backlog);
  });
}
