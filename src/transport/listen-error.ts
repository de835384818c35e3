import { SystemError } from '../errors.ts';
import { type Address, formatAddress } from './address.ts';

const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there; choose another port or stop that program',
  EACCES: 'not permitted; ports below 1024 need root or CAP_NET_BIND_SERVICE',
  EADDRNOTAVAIL: 'this machine does not have that address; use 0.0.0.0 for all of its addresses',
  ENOTFOUND: 'that host name is not known; use an address of this machine',
};

/** One line for an address that cannot be listened on: which, why, what to do. */
export function cannotListen(address: Address, code: string, cause?: Error): SystemError {
  const remedy = REMEDIES[code] ?? cause?.message ?? 'the system refused';
  return new SystemError(code, `cannot listen on ${formatAddress(address)}: ${remedy} (${code})`, { cause });
}
