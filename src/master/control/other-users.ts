import { lstatSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ownUid } from '../../runtime-directory.ts';
import type { ControlPlace } from './socket-path.ts';

const SYSTEM = ['/run', '/var/run'];

/**
 * For whoever did not find a service as this user: who else seems to have started it. Root sees every user's
 * socket; the others see no more than that root has services.
 *
 * @returns what to add to the line; `''` when there is nothing to say.
 */
export function startedByOthers(place: ControlPlace, roots: readonly string[] = SYSTEM): string {
  if (ownUid() !== 0) {
    const ofRoot = roots.map((root) => join(root, 'usta')).find((path) => ownerOf(path) === 0);
    return ofRoot === undefined ? '' : '; root has services here: if it is one of them, use sudo';
  }
  const name = basename(place.paths[0] ?? '');
  const uid = directoriesOfOthers(roots)
    .map((directory) => ownerOf(join(directory, name)))
    .find((one) => one);
  return uid === undefined ? '' : `; uid ${uid} has started it: use sudo -u '#${uid}'`;
}

function directoriesOfOthers(roots: readonly string[]): string[] {
  const sessions = roots.flatMap((root) =>
    list(join(root, 'user')).map((uid) => join(root, 'user', uid, 'usta')),
  );
  const named = [...roots, '/tmp'].flatMap((root) =>
    list(root)
      .filter((one) => /^usta-\d+$/.test(one))
      .map((one) => join(root, one)),
  );
  return [...sessions, ...named];
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

function ownerOf(path: string): number | undefined {
  try {
    return lstatSync(path).uid;
  } catch {
    return undefined;
  }
}
