import { readdirSync, readFileSync } from 'node:fs';

/** Children of a process, of any depth, that are alive. */
export function descendantsOf(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), parent: parentOf(name) }));
  const children = parents.filter(({ parent }) => parent === pid).map((one) => one.pid);
  return children.flatMap((child) => [child, ...descendantsOf(child)]);
}

export function isAlive(pid: number): boolean {
  return parentOf(String(pid)) !== undefined;
}

/** `undefined` for one that is gone, or dead and only waits to be noticed. */
function parentOf(pid: string): number | undefined {
  const [state, parent] = /\) (\S) (\d+)/.exec(readIfThere(`/proc/${pid}/stat`) ?? '')?.slice(1) ?? [];
  return state === undefined || state === 'Z' ? undefined : Number(parent);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
