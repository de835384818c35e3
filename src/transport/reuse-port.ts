import { platform, versions } from 'node:process';
import { UsageError } from '../errors.ts';

/** Systems whose kernel spreads connections over all sockets of a port (SO_REUSEPORT, as libuv has it). */
const SYSTEMS: readonly string[] = ['linux', 'freebsd', 'aix', 'sunos'];

/**
 * Whether every process may bind the same port for itself.
 *
 * @throws {UsageError} not with this version of Node, or not on this system: what to do instead.
 */
export function proveReusePort(node: string = versions.node, system: string = platform): void {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const knows = major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
  if (knows && SYSTEMS.includes(system)) return;
  const lacking = knows ? `${system} does not have it` : `Node ${node} does not have it, 22.12 and later do`;
  throw new UsageError(
    'E_REUSE_PORT',
    `reusePort: ${lacking}; leave it out: the master binds one socket for all processes`,
  );
}
