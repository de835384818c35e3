import { publish } from '../telemetry.ts';
import { every, now } from '../timer.ts';
import type { SessionStore, SessionWrite, StoredSession } from './session-store.ts';

export interface MemoryStoreOptions {
  /** Bytes of all sessions, about; over it those used longest ago go. Default 64 MiB. */
  readonly maxBytes?: number;
}

interface Entry {
  readonly text: string;
  readonly version: number;
  expiresAt: number;
}

const MOST_BYTES = 64 * 1_048_576;
const SWEEP_MS = 60_000;
/** Of an entry besides its text, and two bytes for each of its characters. */
const ENTRY_BYTES = 300;

/** Keeps sessions in this process: other processes do not know them, and they end with it. */
export class MemoryStore implements SessionStore {
  /** The one used longest ago first. */
  readonly #entries = new Map<string, Entry>();
  readonly #most: number;
  readonly #stop: () => void;
  #bytes = 0;
  #hasTold = false;

  constructor({ maxBytes = MOST_BYTES }: MemoryStoreOptions = {}) {
    this.#most = maxBytes;
    this.#stop = every(SWEEP_MS, () => this.#sweep());
  }

  async load(key: string): Promise<StoredSession | undefined> {
    const entry = this.#living(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    const { text, version, expiresAt } = entry;
    return { text, version, secondsLeft: (expiresAt - now()) / 1000 };
  }

  async save(key: string, text: string, { after, seconds }: SessionWrite): Promise<boolean> {
    if ((this.#living(key)?.version ?? 0) !== after) return false;
    this.#remove(key);
    this.#entries.set(key, { text, version: after + 1, expiresAt: now() + seconds * 1000 });
    this.#bytes += sizeOf(text);
    this.#makeRoom();
    return true;
  }

  async touch(key: string, seconds: number): Promise<void> {
    const entry = this.#living(key);
    if (entry) entry.expiresAt = now() + seconds * 1000;
  }

  async delete(key: string): Promise<void> {
    this.#remove(key);
  }

  async close(): Promise<void> {
    this.#stop();
    this.#entries.clear();
    this.#bytes = 0;
  }

  #living(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (!entry || entry.expiresAt > now()) return entry;
    this.#remove(key);
    return undefined;
  }

  #remove(key: string): void {
    const entry = this.#entries.get(key);
    if (entry && this.#entries.delete(key)) this.#bytes -= sizeOf(entry.text);
  }

  #sweep(): void {
    for (const key of this.#entries.keys()) this.#living(key);
  }

  #makeRoom(): void {
    if (this.#bytes > this.#most) this.#sweep();
    for (const key of this.#entries.keys()) {
      if (this.#bytes <= this.#most || this.#entries.size === 1) return;
      this.#remove(key);
      this.#tell();
    }
  }

  #tell(): void {
    if (this.#hasTold) return;
    this.#hasTold = true;
    const text = `sessions in memory are over ${this.#most} bytes: those used longest ago go before their time; see maxBytes`;
    publish('usta:notice', { text });
  }
}

function sizeOf(text: string): number {
  return text.length * 2 + ENTRY_BYTES;
}
