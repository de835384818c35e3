import { connect, createServer, type Server, Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls, TLSSocket } from 'node:tls';
import { type Address, isTooLong, plainIp } from './address.ts';
import { AcceptedHandle, AcceptedSocket, type Arrival, canAdopt, takeHandles } from './arrival.ts';
import { ClientSession } from './client-session.ts';
import type { ConnectOptions, Engine, Listener, ListenOptions, Sink, Wire } from './engine.ts';
import { giveWay } from './give-way.ts';
import { cannotListen } from './listen-error.ts';
import { endsOf, landing, NodeWire } from './node-wire.ts';
import { readPreface } from './preface.ts';
import { systemError } from './system-error.ts';
import { TlsDoor } from './tls-door.ts';
import type { TlsClientOptions, TlsServerOptions } from './tls-options.ts';
import { passTunnel } from './tunnel.ts';

const MAX_WAITING = 1024;
/** Of a server that is silent for so long the kernel asks whether it is there (RFC 9293 §3.8.4); ten times, each second. */
const SILENCE_MS = 60_000;

export interface NodeEngineOptions {
  /** Read accepted connections through `onread` where this version of Node can; false reads by events. */
  readonly adopt?: boolean;
}

/** Node's own sockets: always there. */
export const nodeEngine: Engine = makeNodeEngine();

export function makeNodeEngine({ adopt = true }: NodeEngineOptions = {}): Engine {
  return {
    async listen(address, options, sink) {
      const listener = new NodeListener(address, { ...options, adopt: adopt && canAdopt() }, sink);
      await listener.open(options);
      return listener;
    },
    connect: dial,
  };
}

function dial(address: Address, options: ConnectOptions, sink: Sink): Wire {
  let wire: NodeWire | undefined;
  const { tls, tunnel } = options;
  const session = tls && new ClientSession(address, tls);
  const receive = tunnel ? undefined : (size: number): boolean => wire?.receive(size) ?? true;
  const socket = dialling(tunnel?.place ?? address, options, { receive, session });
  const local: Address =
    address.kind === 'unix' ? { kind: 'unix', path: '' } : { kind: 'ip', host: '', port: 0 };
  const dialled = new NodeWire(socket, sink, { remote: address, local });
  wire = dialled;
  sink.accepted(dialled);
  socket.once('connect', () => socket.setKeepAlive(true, SILENCE_MS));
  if (tunnel === undefined) {
    socket.once(tls ? 'secureConnect' : 'connect', () => {
      if (address.kind === 'ip') dialled.settle(endsOf(socket));
      opened(dialled, socket, options, session);
    });
  } else {
    socket.once('connect', () => {
      dialled.settle({ remote: address, local: endsOf(socket).local });
      passTunnel(dialled, socket, tunnel, () => behind(dialled, socket, options, session));
    });
  }
  return dialled;
}

function opened(
  wire: NodeWire,
  socket: Socket,
  { tls, tunnel }: ConnectOptions,
  session: ClientSession | undefined,
): void {
  if (!tls || !session || !(socket instanceof TLSSocket))
    return wire.open({ secure: false, events: tunnel !== undefined });
  const certificate = session.shown(socket);
  const refusal = tls.verdict?.({ objection: String(socket.authorizationError ?? ''), certificate });
  if (refusal) return wire.fail(refusal);
  session.trust(socket, certificate);
  wire.openAfterHandshake(certificate.raw);
}

/** The proxy has connected us: TLS begins only here. */
function behind(
  wire: NodeWire,
  socket: Socket,
  options: ConnectOptions,
  session: ClientSession | undefined,
): void {
  if (options.tls === undefined) return opened(wire, socket, options, session);
  const secure = startTls({ socket }, options.tls, session);
  wire.replaceSocket(secure);
  secure.once('secureConnect', () => opened(wire, secure, options, session));
}

function startTls(
  over: ConnectionOptions,
  tls: TlsClientOptions,
  session: ClientSession | undefined,
): TLSSocket {
  const socket = connectTls({ ...over, ...(tls as ConnectionOptions), ...session?.offer() });
  session?.follow(socket);
  return socket;
}

function dialling(
  address: Address,
  { tls, tunnel, local }: ConnectOptions,
  {
    receive,
    session,
  }: {
    readonly receive: ((size: number) => boolean) | undefined;
    readonly session: ClientSession | undefined;
  },
): Socket {
  if (isTooLong(address)) return new Socket().destroy(systemError('connect', 'ENAMETOOLONG'));
  const target =
    address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port };
  const own = local ? { localAddress: local.host, localPort: local.port } : {};
  const both = { ...target, ...own, allowHalfOpen: true };
  if (tls && tunnel === undefined) return startTls(both, tls, session).setNoDelay(true);
  if (receive === undefined) return connect({ ...both, noDelay: true });
  return connect({ ...both, noDelay: true, onread: { buffer: landing.bytes, callback: receive } });
}

class NodeListener implements Listener {
  address: Address;
  readonly #server: Server;
  readonly #sink: Sink;
  readonly #tls: TlsDoor | undefined;
  readonly #preface: ListenOptions['preface'];
  readonly #adopt: boolean;
  readonly #hasEnough: () => boolean;
  readonly #maxWaiting: number;
  #parked: Arrival[] | undefined;

  constructor(address: Address, options: ListenOptions & { readonly adopt: boolean }, sink: Sink) {
    this.address = address;
    this.#sink = sink;
    this.#maxWaiting = options.maxWaiting ?? MAX_WAITING;
    this.#tls = options.tls ? new TlsDoor(options.tls) : undefined;
    this.#preface = options.preface;
    this.#hasEnough = options.hasEnough ?? (() => false);
    this.#adopt = options.adopt && this.#tls === undefined && this.#preface === undefined;
    this.#server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true }, (socket) =>
      this.#arrived(new AcceptedSocket(socket)),
    );
  }

  async open(options: ListenOptions): Promise<void> {
    await listening(this.#server, this.address, options);
    const bound = this.#server.address();
    if (bound !== null && typeof bound === 'object') {
      this.address = { kind: 'ip', host: plainIp(bound.address), port: bound.port };
    }
    if (this.#adopt) takeHandles(this.#server, (handle) => this.#arrived(new AcceptedHandle(handle)));
  }

  pause(): void {
    this.#parked ??= [];
  }

  resume(): void {
    const parked = this.#parked ?? [];
    this.#parked = undefined;
    for (const arrival of parked) this.#arrived(arrival);
  }

  renew(tls: TlsServerOptions): void {
    this.#tls?.renew(tls);
  }

  async close(): Promise<void> {
    for (const arrival of this.#parked ?? []) arrival.refuse();
    this.#parked = undefined;
    this.#server.close();
  }

  #arrived(arrival: Arrival): void {
    if (this.#hasEnough()) giveWay();
    if (this.#parked === undefined) this.#admit(arrival);
    else if (this.#parked.length < this.#maxWaiting) this.#parked.push(arrival);
    else arrival.refuse();
  }

  #admit(arrival: Arrival): void {
    const wire = arrival.wire(this.#sink, this.address);
    if (wire === undefined) return;
    this.#sink.accepted(wire);
    if (arrival instanceof AcceptedHandle) return wire.open({ secure: false, events: false });
    const { socket } = arrival as AcceptedSocket;
    const enter = (): void => {
      if (this.#tls) this.#tls.admit(wire, socket);
      else wire.open({ secure: false, events: true });
    };
    if (this.#preface) readPreface(wire, socket, { reader: this.#preface(wire.remote), done: enter });
    else enter();
  }
}

function listening(server: Server, address: Address, options: ListenOptions): Promise<void> {
  const backlog = options.backlog ?? 4096;
  const place = address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port };
  return new Promise((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void =>
      reject(cannotListen(address, error.code ?? 'E_LISTEN', error));
    if (isTooLong(address)) return reject(cannotListen(address, 'ENAMETOOLONG'));
    // Not in the types of every version.
    const shared = options.reusePort ? { reusePort: true } : {};
    server.once('error', refuse);
    server.once('listening', () => {
      server.off('error', refuse);
      server.on('error', () => {});
      resolve();
    });
    if (options.bound === undefined)
      server.listen({
        ...place,
        backlog,
        exclusive: true,
        ipv6Only: options.ipv6Only ?? false,
        ...shared,
      } as object);
    else server.listen(options.bound, backlog);
  });
}
