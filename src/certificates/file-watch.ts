import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { every } from '../timer.ts';

/**
 * Tells that files have changed: written, renamed over, or a link on the way to them turned elsewhere.
 *
 * Asks the file system now and then instead of being told: links, mounts and tools that write to another
 * name first are seen alike.
 */
export class FileWatch {
  readonly #paths: readonly string[];
  #seen: string;
  readonly #stop: () => void;

  /**
   * @param paths files, and folders whose own folders are looked into.
   * @param seconds between two looks.
   */
  constructor(paths: readonly string[], seconds: number, changed: () => void) {
    this.#paths = paths;
    this.#seen = this.#look();
    this.#stop = every(seconds * 1000, () => {
      const seen = this.#look();
      if (seen === this.#seen) return;
      this.#seen = seen;
      changed();
    });
  }

  stop(): void {
    this.#stop();
  }

  #look(): string {
    return this.#paths.flatMap((path) => [print(path), ...within(path)]).join('\n');
  }
}

/** What makes one state of a file another: of the file itself, behind all links. */
function print(path: string): string {
  try {
    const { dev, ino, size, mtimeMs, ctimeMs } = statSync(path);
    return `${path} ${dev} ${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  } catch {
    return `${path} is not there`;
  }
}

/** Prints of what lies in the folders of a folder. */
function within(path: string): string[] {
  return names(path)
    .flatMap((name) => names(join(path, name)).map((file) => join(path, name, file)))
    .map(print);
}

function names(path: string): string[] {
  try {
    return readdirSync(path).sort();
  } catch {
    return [];
  }
}
