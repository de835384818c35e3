import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';

/**
 * When a process was started, as a word that no other process has which gets the same id: after it, or after a
 * restart of the machine.
 *
 * @returns `undefined` when there is no such process.
 */
export function birthOf(pid: number): string | undefined {
  return process.platform === 'linux' ? birthOnLinux(pid) : birthByPs(pid);
}

/** @see proc(5) — /proc/pid/stat: field 22 is the start, in clock ticks since boot; a name may hold anything. */
function birthOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
    return `${boot}-${fields[18]}`;
  } catch {
    return undefined;
  }
}

function birthByPs(pid: number): string | undefined {
  try {
    const options = {
      encoding: 'utf8',
      timeout: 2_000,
      env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    } as const;
    const line = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], options).trim();
    return line === '' ? undefined : line.replace(/\s+/g, '-');
  } catch {
    return undefined;
  }
}
