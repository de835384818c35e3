import { readdirSync, readFileSync } from 'node:fs';

/** These processes and all that they have started, whether directly or not. */
export function familyOf(pids: readonly number[]): number[] {
  const children = childrenByParent();
  const family = [...pids];
  for (const pid of family) family.push(...(children.get(pid) ?? []));
  return family;
}

/** Empty where there is no `/proc`. */
function childrenByParent(): ReadonlyMap<number, readonly number[]> {
  const children = new Map<number, number[]>();
  for (const pid of pidsOfAll()) {
    const parent = parentOf(pid);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  return children;
}

function pidsOfAll(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return [];
  }
}

/** @returns undefined for a process that has ended meanwhile. */
function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}
