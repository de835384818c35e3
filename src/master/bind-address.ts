import { type BindOptions, type BoundSocket, bind } from '../transport/bind.ts';
import { bindDatagrams } from '../transport/datagrams.ts';
import type { WorkerAddress } from '../worker/address.ts';

/** Binds what a worker serves, for streams or for datagrams. @throws {SystemError} it cannot be bound. */
export function bindAddress({ place, datagrams }: WorkerAddress, options: BindOptions = {}): BoundSocket {
  return datagrams && place.kind === 'ip' ? bindDatagrams(place, options) : bind(place, options);
}
