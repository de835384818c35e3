import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Environment,
  isAboutDirectory,
  isPrivateDirectory,
  runtimeDirectories,
} from '../../runtime-directory.ts';
import { askHello } from './control-client.ts';
import { probe } from './probe.ts';
import { isSocketName } from './socket-path.ts';

/** A service of this user that runs. */
export interface KnownService {
  /** Of its control socket. */
  readonly path: string;
  /** Of the master; absent with `script` when it does not answer: it is stopped, or too busy. */
  readonly pid?: number;
  /** Real path. */
  readonly script?: string;
}

/** Seconds that each has to answer; they are asked at the same time. */
const PATIENCE = 1;

/**
 * The services of this user that run, by the scripts' names.
 *
 * @throws {SystemError} none was found, and a directory where they would be is not for this user alone.
 */
export async function knownServices(environment?: Environment): Promise<readonly KnownService[]> {
  const complaints: unknown[] = [];
  const paths = runtimeDirectories(environment).flatMap((directory) => {
    try {
      return isPrivateDirectory(directory) ? socketsIn(directory) : [];
    } catch (error) {
      if (!isAboutDirectory(error)) throw error;
      complaints.push(error);
      return [];
    }
  });
  const found = (await Promise.all(paths.map(serviceAt))).flat();
  if (found.length === 0 && complaints.length > 0) throw complaints[0];
  return found.sort((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1));
}

function socketsIn(directory: string): string[] {
  return readdirSync(directory)
    .filter(isSocketName)
    .map((name) => join(directory, name));
}

async function serviceAt(path: string): Promise<KnownService[]> {
  try {
    if ((await probe(path)) !== 'living') return [];
    const { pid, script } = await askHello({ script: path, paths: [path] }, PATIENCE);
    return [{ path, pid, script }];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'E_GONE' || code === 'E_NOT_RUNNING' ? [] : [{ path }];
  }
}

function nameOf({ script, path }: KnownService): string {
  return script ?? path;
}
