import net from 'node:net';
import type { Address } from './address.ts';

/** A socket that is bound and not yet listened on; it can be sent to a child process. */
export interface BoundSocket {
  close(): void;
}

/**
 * Binds an address without accepting: the master keeps this socket, every slot listens on it, and a
 * connection that waits in its queue survives whoever leaves.
 *
 * Node does this itself for its cluster module, through the same function.
 *
 * @returns an errno (a negative number) when the address cannot be bound.
 */
export function bind(address: Address): BoundSocket | number {
  const create = (net as unknown as { _createServerHandle?: CreateServerHandle })._createServerHandle;
  if (!create) throw new Error('this version of Node cannot bind a socket for its children');
  if (address.kind === 'unix') return create(address.path, -1, -1);
  const host = address.host === 'localhost' ? '127.0.0.1' : address.host;
  return create(host, address.port, host.includes(':') ? 6 : 4);
}

type CreateServerHandle = (host: string, port: number, kind: number) => BoundSocket | number;
