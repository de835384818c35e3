import { chmod, chown } from 'node:fs/promises';
import process from 'node:process';
import { UsageError } from '../errors.ts';
import { runProgram } from '../programs.ts';
import { removeStaleSocket } from '../transport/stale-socket.ts';
import type { BaseWorker } from './worker.ts';

/** Before it is bound: removes what a program that has ended has left in its place. */
export async function clearPlace({ address }: BaseWorker): Promise<void> {
  if (address?.place.kind === 'unix') await removeStaleSocket(address.place.path);
}

/**
 * Once it is bound: gives the file of a Unix socket its mode, its owner and its group. By default these are the
 * user and the group that the processes become.
 *
 * @throws {UsageError} there is no such user or group, or it cannot be given to them.
 */
export async function giveAway({ address, options }: BaseWorker): Promise<void> {
  if (address?.place.kind !== 'unix') return;
  const { path } = address.place;
  const { mode, owner = options.user, group = options.group } = options.socket ?? {};
  if (mode !== undefined) await chmod(path, mode);
  if (owner === undefined && group === undefined) return;
  const uid = owner === undefined ? undefined : await idOf('owner', owner);
  const gid = group === undefined ? undefined : await idOf('group', group);
  try {
    await chown(path, uid ?? process.getuid?.() ?? -1, gid ?? -1);
  } catch (cause) {
    const who = [owner, group].filter((one) => one !== undefined).join(':');
    throw new UsageError(
      'E_SOCKET_OPTION',
      `cannot give ${path} to ${who}: another owner needs root, another group one of your own`,
      { cause },
    );
  }
}

async function idOf(word: 'owner' | 'group', name: string | number): Promise<number> {
  if (typeof name === 'number') return name;
  const { exitCode, output } = await (word === 'owner'
    ? runProgram('id', ['-u', '--', name])
    : runProgram('getent', ['group', name]));
  const id = Number(word === 'owner' ? output : output.split(':')[2]);
  if (exitCode === 0 && Number.isInteger(id)) return id;
  throw new UsageError('E_SOCKET_OPTION', `socket.${word}: there is no ${word} "${name}" on this machine`);
}
