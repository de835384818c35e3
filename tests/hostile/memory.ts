import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import type { Memory } from './reports.ts';

/** Collects garbage and measures the peak from here on. Needs `--expose-gc`. */
export function newBaseline(): Memory {
  for (let round = 0; round < 3; round++) globalThis.gc?.();
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Not Linux, or not permitted: the peak is that of the whole life, which can only accuse us wrongly.
  }
  return memory();
}

/** The kernel's own record of this process, so no sample can miss a peak. */
export function memory(): Memory {
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    return { resident: kilobytes(status, 'VmRSS'), peak: kilobytes(status, 'VmHWM') };
  } catch {
    return { resident: process.memoryUsage.rss(), peak: process.resourceUsage().maxRSS * 1024 };
  }
}

function kilobytes(status: string, field: string): number {
  const value = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1];
  if (value === undefined) throw new Error(`no ${field} in /proc/self/status`);
  return Number(value) * 1024;
}
