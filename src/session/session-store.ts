/** A session as a store keeps it. */
export interface StoredSession {
  readonly text: string;
  /** How often it was written, from 1. */
  readonly version: number;
  /** Until it expires. */
  readonly secondsLeft: number;
}

/** What a write builds on. */
export interface SessionWrite {
  /** The version that must be there still; 0 when there must be none. */
  readonly after: number;
  /** Until it expires. */
  readonly seconds: number;
}

/**
 * Where sessions are between two requests. Every store sits the same examination
 * (tests/session/store-suite.ts).
 *
 * Keys are 64 hexadecimal digits, from which nobody finds the id that a client holds.
 */
export interface SessionStore {
  /** @returns `undefined` when there is none, or it has expired. */
  load(key: string): Promise<StoredSession | undefined>;
  /**
   * Writes version `after + 1`, whole or not at all, whoever else writes at the same time.
   *
   * @returns false when version `after` is not there any more: nothing was written.
   */
  save(key: string, text: string, write: SessionWrite): Promise<boolean>;
  /** Lets it live for so long from now on. One that is not there is not made. */
  touch(key: string, seconds: number): Promise<void>;
  /** No write that builds on it succeeds afterwards. */
  delete(key: string): Promise<void>;
  /** Lets go of what it holds open. */
  close?(): Promise<void>;
}
