import process from 'node:process';
import { UsageError } from '../errors.ts';
import { runProgram } from '../programs.ts';
import type { BaseWorker } from '../worker/worker.ts';

/**
 * Becomes the user and the group of the worker's options. What needs root is done by then: ports are bound,
 * keys are read.
 *
 * @throws {UsageError} there is no such user or group, or this process may not become it.
 */
export async function dropPrivileges({ options: { user, group } }: BaseWorker): Promise<void> {
  if (user === undefined && group === undefined) return;
  if (process.getuid?.() !== 0) {
    throw new UsageError('E_USER', 'user and group need root: start the service as root, or leave them out');
  }
  try {
    const own = group ?? (await groupOf(user ?? ''));
    if (user !== undefined) (process as WithGroups).initgroups?.(user, own);
    process.setgid?.(own);
    if (user !== undefined) process.setuid?.(user);
  } catch (cause) {
    const who = [user && `user ${user}`, group && `group ${group}`].filter(Boolean).join(' and ');
    throw new UsageError('E_USER', `cannot become ${who}: ${(cause as Error).message}`, { cause });
  }
}

/** POSIX; not in every declaration of `process`. */
type WithGroups = { initgroups?(user: string, group: string | number): void };

async function groupOf(user: string): Promise<number> {
  const { exitCode, output, errors } = await runProgram('id', ['-g', '--', user]);
  if (exitCode !== 0) throw new Error(errors.trim().replace(/^id: /, ''));
  return Number(output);
}
