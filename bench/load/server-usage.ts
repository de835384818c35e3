import { readFileSync } from 'node:fs';

/** Linux counts CPU time for user space in hundredths of a second (USER_HZ), on every architecture. */
const TICKS_PER_SECOND = 100;

/**
 * CPU time that the processes have used so far, user and system, all threads, in seconds.
 *
 * @returns `undefined` without a process or where there is no `/proc`.
 */
export function cpuSeconds(pids: readonly number[]): number | undefined {
  return sum(pids, (pid) => {
    const stat = read(`/proc/${pid}/stat`);
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields && (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  });
}

/**
 * Resident memory of the processes, in KiB. Not the proportional share (Pss): that of a Node server
 * moves whenever another Node process starts or ends, for both use the same program file.
 *
 * @returns `undefined` without a process or where there is no `/proc`.
 */
export function residentKib(pids: readonly number[]): number | undefined {
  return sum(pids, (pid) => {
    const memory = read(`/proc/${pid}/smaps_rollup`) ?? read(`/proc/${pid}/status`);
    const match = /^(?:Rss|VmRSS):\s+(\d+) kB/m.exec(memory ?? '');
    return match ? Number(match[1]) : undefined;
  });
}

function sum(pids: readonly number[], of: (pid: number) => number | undefined): number | undefined {
  const values = pids.map(of);
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 || known.length < values.length
    ? undefined
    : known.reduce((total, value) => total + value, 0);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
