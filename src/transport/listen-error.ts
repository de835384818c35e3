import { SystemError } from '../errors.ts';
import { type Address, formatAddress } from './address.ts';

/** What to do about it, by Node's code. */
const REMEDIES: Readonly<Record<Address['kind'], Readonly<Record<string, string>>>> = {
  ip: {
    EADDRINUSE: 'another program listens there; choose another port or stop that program',
    EACCES: 'not permitted; ports below 1024 need root or CAP_NET_BIND_SERVICE',
    EADDRNOTAVAIL: 'this machine does not have that address; use 0.0.0.0 for all of its addresses',
    EINVAL: 'that is not an IP address; use one of this machine, or 0.0.0.0 for all of them',
    ENOTFOUND: 'that host name is not known; use an address of this machine',
  },
  unix: {
    EADDRINUSE:
      'another program listens there, or a file that is no socket has that name; stop it or choose another path',
    EACCES: 'the directory does not exist, or you may not write to it',
    ENAMETOOLONG: 'the path is too long for a socket; about 100 bytes are allowed',
  },
};

/** One line for an address that cannot be listened on: which, why, what to do. */
export function cannotListen(address: Address, code: string, cause?: Error): SystemError {
  const remedy = REMEDIES[address.kind][code] ?? cause?.message ?? 'the system refused';
  return new SystemError(code, `cannot listen on ${formatAddress(address)}: ${remedy} (${code})`, { cause });
}
