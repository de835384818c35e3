import type { Sentence } from '../finding.ts';
import type { ServerKind } from '../server-kind.ts';

/** One thing that can be found: its sentences have `{gaps}` for what was seen. */
export interface Entry {
  readonly severity: 'fault' | 'warning';
  readonly cause: Sentence;
  readonly remedy: Sentence;
  /** The remedy in the words of the server that answered, instead of `remedy`. */
  readonly inWordsOf?: Partial<Record<ServerKind, Sentence>>;
}

/** Entries by code, each exactly once. */
export type Entries<Code extends string> = Readonly<Record<Code, Entry>>;
