import { createSocket, type Socket } from 'node:dgram';
import { type Address, plainIp } from './address.ts';
import type { BindOptions, BoundSocket } from './bind.ts';
import { cannotListen } from './listen-error.ts';
import { systemError } from './system-error.ts';

/** Largest datagram that UDP over IPv4 carries, in bytes. */
export const MAX_DATAGRAM = 65_507;

type IpAddress = Extract<Address, { kind: 'ip' }>;

/** A UDP socket that receives. */
export interface DatagramPort {
  readonly address: Address;
  /** Bytes that the kernel has not taken. */
  readonly queuedBytes: number;
  /** What the network does with it is told to nobody, as UDP is. @returns false when it cannot be sent. */
  send(bytes: Buffer, to: Address): boolean;
  close(): void;
}

/** How a socket is bound, or the one that the master has bound. */
export interface DatagramOptions extends BindOptions {
  readonly bound?: unknown;
}

export interface DatagramSink {
  /** @param bytes one datagram, the sink's to keep. */
  received(bytes: Buffer, from: Address): void;
}

/**
 * Binds a UDP address without receiving: the master keeps this socket, every slot receives from it, and what
 * waits in its queue survives whoever leaves.
 *
 * @throws {SystemError} the address cannot be bound.
 */
export function bindDatagrams(address: IpAddress, options: BindOptions = {}): BoundSocket {
  const socket = bound(address, options);
  const handle = handleOf(socket);
  handle.recvStop();
  return { handle, port: socket.address().port, close: () => socket.close() };
}

/**
 * Receives on an address, or on a socket that the master has bound.
 *
 * @throws {SystemError} the address cannot be bound.
 */
export function openDatagrams(
  address: IpAddress,
  options: DatagramOptions,
  sink: DatagramSink,
): DatagramPort {
  const socket = options.bound === undefined ? bound(address, options) : adopted(address, options.bound);
  // A datagram that could not be delivered is told here, if at all, and concerns nobody else.
  socket.on('error', () => {});
  socket.on('message', (bytes, { address: host, port }) =>
    sink.received(bytes, { kind: 'ip', host: plainIp(host), port }),
  );
  return new NodeDatagramPort(socket, address);
}

class NodeDatagramPort implements DatagramPort {
  readonly address: Address;
  readonly #socket: Socket;
  readonly #isIpv6: boolean;
  #isClosed = false;

  constructor(socket: Socket, { host }: IpAddress) {
    this.#socket = socket;
    this.#isIpv6 = socket.address().family === 'IPv6';
    this.address = { kind: 'ip', host: plainIp(host), port: socket.address().port };
  }

  get queuedBytes(): number {
    return this.#isClosed ? 0 : this.#socket.getSendQueueSize();
  }

  send(bytes: Buffer, to: Address): boolean {
    // Port 0 can stand in a forged datagram; nobody is there.
    if (this.#isClosed || to.kind !== 'ip' || to.port === 0 || bytes.length > MAX_DATAGRAM) return false;
    const host = this.#isIpv6 && !to.host.includes(':') ? `::ffff:${to.host}` : to.host;
    this.#socket.send(bytes, to.port, host, () => {});
    return true;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }
}

/** Binds at once: a host that is an address needs no waiting. */
function bound(address: IpAddress, { ipv6Only = false, reusePort = false }: BindOptions): Socket {
  const host = address.host === 'localhost' ? '127.0.0.1' : address.host;
  const type = host.includes(':') ? 'udp6' : 'udp4';
  const lookup = (name: string, family: number, done: Looked): void => done(null, name, family);
  const shared = reusePort ? { reusePort } : {};
  const socket = createSocket({ type, ipv6Only, lookup: lookup as never, ...shared });
  let failure: NodeJS.ErrnoException | undefined;
  const fail = (error: NodeJS.ErrnoException): void => {
    failure = error;
  };
  socket.once('error', fail);
  socket.bind({ address: host, port: address.port, exclusive: true });
  socket.off('error', fail);
  if (failure === undefined) return socket;
  socket.close();
  throw cannotListen(address, failure.code ?? 'E_LISTEN', failure);
}

type Looked = (error: null, address: string, family: number) => void;

/** Node takes a handle that has come from another process in the place of a port; its types do not know it. */
function adopted(address: IpAddress, handle: unknown): Socket {
  const socket = createSocket({ type: address.host.includes(':') ? 'udp6' : 'udp4' });
  socket.bind(handle as never);
  return socket;
}

interface Handle {
  recvStop(): number;
}

/** Node's own object, which `ChildProcess.send()` takes; Node shows it to nobody but those who ask for its symbols. */
function handleOf(socket: Socket): Handle {
  const state = Object.getOwnPropertySymbols(socket).find(
    ({ description }) => description === 'state symbol',
  );
  const { handle } = (state === undefined ? {} : socket[state as never]) as { handle?: Handle };
  if (handle !== undefined) return handle;
  socket.close();
  throw systemError('bind', 'ENOTSUP');
}
