import { readlinkSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { now } from '../../timer.ts';
import { namesIn, readStart } from './bounded-file.ts';
import type { Owner } from './listeners.ts';

/** Time for looking through all descriptors of all processes, in milliseconds. */
const SEARCH_MS = 1500;

/**
 * Who holds sockets, as far as this user may see.
 *
 * @param inodes the sockets' numbers.
 * @returns for each socket its processes, the oldest first; a socket of other users has none.
 */
export function findOwners(inodes: ReadonlySet<number>): Map<number, Owner[]> {
  const found = new Map<number, Owner[]>();
  const end = now() + SEARCH_MS;
  for (const pid of processIds()) {
    if (now() > end || inodes.size === 0) break;
    for (const inode of socketsOf(pid, end)) {
      if (!inodes.has(inode)) continue;
      const owners = found.get(inode) ?? [];
      if (!owners.some((one) => one.pid === pid)) owners.push(describeProcess(pid));
      found.set(inode, owners);
    }
  }
  return found;
}

/** All processes that this user may see, in order of their ids. */
export function processIds(): number[] {
  return namesIn('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((one, other) => one - other);
}

/** The file that it runs, or the name that it has given itself. */
export function programOf(pid: number): string {
  try {
    return basename(readlinkSync(`/proc/${pid}/exe`)).replace(/ \(deleted\)$/, '');
  } catch {
    return readStart(`/proc/${pid}/comm`, 64)?.trim() ?? '';
  }
}

/** @param passwd the text of /etc/passwd. */
export function userName(passwd: string, uid: number): string {
  const row = passwd.split('\n').find((line) => line.split(':')[2] === String(uid));
  return row?.split(':')[0] || String(uid);
}

/** @param uid of whoever holds something. @returns the name, or the number of a user who has none. */
export function userOf(uid: number): string {
  return userName(readStart('/etc/passwd') ?? '', uid);
}

function describeProcess(pid: number): Owner {
  const program = programOf(pid);
  try {
    return { pid, program, user: userOf(statSync(`/proc/${pid}`).uid) };
  } catch {
    return { pid, program };
  }
}

function socketsOf(pid: number, end: number): number[] {
  const folder = `/proc/${pid}/fd`;
  const inodes: number[] = [];
  for (const name of namesIn(folder)) {
    if (now() > end) break;
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`${folder}/${name}`))?.[1];
      if (inode !== undefined) inodes.push(Number(inode));
    } catch {
      // Closed since the folder was read.
    }
  }
  return inodes;
}
