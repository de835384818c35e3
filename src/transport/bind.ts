import net from 'node:net';
import { getSystemErrorName } from 'node:util';
import { type Address, isTooLong } from './address.ts';
import { cannotListen } from './listen-error.ts';

/** A socket that is bound and not yet listened on. */
export interface BoundSocket {
  /** Node's own object, for `ChildProcess.send()` and `Listener`s. */
  readonly handle: unknown;
  /** The real port where 0 was asked for; 0 for a Unix socket. */
  readonly port: number;
  close(): void;
}

export interface BindOptions {
  /** An IPv6 address serves IPv6 alone. */
  readonly ipv6Only?: boolean;
  /** Others may bind the same address. */
  readonly reusePort?: boolean;
}

/** libuv's UV_TCP_IPV6ONLY. */
const IPV6_ONLY = 1;

/**
 * Binds an address without accepting: the master keeps this socket, every slot listens on it, and a
 * connection that waits in its queue survives whoever leaves.
 *
 * Node's cluster module does this with the same function, which is not documented.
 *
 * @throws {SystemError} the address cannot be bound.
 */
export function bind(address: Address, { ipv6Only = false }: BindOptions = {}): BoundSocket {
  if (isTooLong(address)) throw cannotListen(address, 'ENAMETOOLONG');
  const handle = create(address, ipv6Only);
  if (typeof handle === 'number') throw cannotListen(address, getSystemErrorName(handle));
  const name: { port?: number } = {};
  if (address.kind === 'ip') handle.getsockname(name);
  const { port = 0 } = name;
  if (address.kind === 'ip' && (port === 0 || (address.port !== 0 && port !== address.port))) {
    // A port that is taken is told of only by `listen`, which would choose another one by itself.
    handle.close();
    throw cannotListen(address, 'EADDRINUSE');
  }
  return { handle, port, close: () => handle.close() };
}

function create(address: Address, ipv6Only: boolean): Handle | number {
  const internal = net as unknown as {
    _createServerHandle?: (
      host: string,
      port: number,
      kind: number,
      fd?: undefined,
      flags?: number,
    ) => Handle | number;
  };
  if (!internal._createServerHandle)
    throw new Error('this version of Node cannot bind a socket for its children');
  if (address.kind === 'unix') return internal._createServerHandle(address.path, -1, -1);
  const host = address.host === 'localhost' ? '127.0.0.1' : address.host;
  const flags = ipv6Only ? IPV6_ONLY : 0;
  return internal._createServerHandle(host, address.port, host.includes(':') ? 6 : 4, undefined, flags);
}

interface Handle {
  getsockname(name: { port?: number }): number;
  close(): void;
}
