import { type ChildProcess, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const children = new Set<ChildProcess>();
const folders = new Set<string>();

/** Sees to it that this process leaves nothing behind, however it ends. */
export function cleanUpOnExit(): void {
  process.on('exit', () => {
    for (const child of children) child.kill('SIGKILL');
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });
  process.on('SIGINT', () => process.exit(130));
  process.on('SIGTERM', () => process.exit(143));
  process.on('SIGHUP', () => process.exit(129));
}

/** A child that dies with us. */
export function keep<Child extends ChildProcess>(child: Child): Child {
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

/** A folder that is deleted with us. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'usta-bench-'));
  folders.add(folder);
  return folder;
}

/** The words that pin a program to one processor, none where that cannot be done. */
export function pinnedTo(processor: number): string[] {
  return canPin() ? ['taskset', '-c', String(processor)] : [];
}

let known: boolean | undefined;

/** Whether server and generator can have a processor each. */
export function canPin(): boolean {
  known ??= spawnSync('taskset', ['-c', '0,1', 'true']).status === 0;
  return known;
}
