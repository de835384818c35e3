import { lstatSync, unlinkSync, utimesSync } from 'node:fs';
import type { Listener } from '../../transport/engine.ts';

/** A control socket that is ours, in the place where it is looked for. */
export class ClaimedSocket {
  readonly path: string;
  readonly listener: Listener;
  readonly #identity: string | undefined;

  constructor(path: string, listener: Listener) {
    this.path = path;
    this.listener = listener;
    this.#identity = identityOf(path);
  }

  /** Whether the file is still the one that was put there. */
  get isInPlace(): boolean {
    return this.#identity !== undefined && identityOf(this.path) === this.#identity;
  }

  /** Removes the file unless another one is there. While it is listened on, nobody replaces it in between. */
  takeAway(): void {
    try {
      if (this.isInPlace) unlinkSync(this.path);
    } catch {
      // The directory has gone, and the file with it.
    }
  }

  /** For what tidies temporary directories up: this file is in use. */
  keepFresh(): void {
    const date = new Date();
    utimesSync(this.path, date, date);
  }
}

/** The file itself, under whatever name. */
function identityOf(path: string): string | undefined {
  try {
    const { dev, ino } = lstatSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
