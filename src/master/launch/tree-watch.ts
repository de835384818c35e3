import { type Dirent, type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { after, every } from '../../timer.ts';

export interface TreeWatchOptions {
  /** Whether to look into a folder. */
  readonly enters: (name: string, path: string) => boolean;
  /** Whether a file matters. */
  readonly heeds: (name: string) => boolean;
  /** Milliseconds without further changes before they are told. Default 100. */
  readonly settleMs?: number;
  /** Milliseconds between two looks where the system does not tell of changes. Default 1,000. */
  readonly pollMs?: number;
  /** Looks by itself, without the system's help. */
  readonly polls?: boolean;
}

/** Folders that the system is asked to watch; beyond, a look every second is cheaper. */
const MOST_FOLDERS = 2_000;

/**
 * Tells when files of a tree were added, changed or removed. What the system says is only a reason to look: it
 * forgets some changes and tells others twice. One that stays silent is asked by looking, every second.
 */
export class TreeWatch {
  readonly #root: string;
  readonly #options: TreeWatchOptions;
  readonly #changed: (files: readonly string[]) => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #known: Map<string, string>;
  #callOff: () => void = () => {};
  #stopPolling: (() => void) | undefined;

  /** @param changed called with the paths of the files that have changed. */
  constructor(root: string, options: TreeWatchOptions, changed: (files: readonly string[]) => void) {
    this.#root = root;
    this.#options = options;
    this.#changed = changed;
    if (options.polls) this.#poll();
    this.#known = this.#look();
  }

  get polls(): boolean {
    return this.#stopPolling !== undefined;
  }

  stop(): void {
    this.#callOff();
    this.#stopPolling?.();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #settle(): void {
    this.#callOff();
    this.#callOff = after(this.#options.settleMs ?? 100, () => this.#compare());
  }

  #compare(): void {
    const found = this.#look();
    const changed = [...found]
      .filter(([path, state]) => this.#known.get(path) !== state)
      .map(([path]) => path);
    for (const path of this.#known.keys()) if (!found.has(path)) changed.push(path);
    this.#known = found;
    if (changed.length > 0) this.#changed(changed);
  }

  /** Every file that matters, with what changes when it does; folders on the way are watched from now on. */
  #look(): Map<string, string> {
    const files = new Map<string, string>();
    const folders = new Set<string>();
    const visit = (folder: string): void => {
      folders.add(folder);
      this.#watch(folder);
      for (const entry of entriesOf(folder)) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) {
          if (this.#options.enters(entry.name, path)) visit(path);
        } else if (this.#options.heeds(entry.name)) {
          const state = stateOf(path);
          if (state !== undefined) files.set(path, state);
        }
      }
    };
    visit(this.#root);
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    return files;
  }

  #watch(folder: string): void {
    if (this.polls || this.#watchers.has(folder)) return;
    if (this.#watchers.size >= MOST_FOLDERS) return this.#poll();
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#settle());
      watcher.on('error', () => this.#poll());
      this.#watchers.set(folder, watcher);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#poll();
    }
  }

  #poll(): void {
    if (this.polls) return;
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
    this.#stopPolling = every(this.#options.pollMs ?? 1_000, () => this.#compare());
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function stateOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found && `${found.mtimeMs} ${found.size} ${found.ino}`;
}
