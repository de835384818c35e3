import type { Sentence } from './finding.ts';

/** How one step of an examination ended. */
export interface StepResult {
  /** False when what was looked for is not as it must be, or could not be seen. */
  readonly ok: boolean;
  /** What was seen, in a few words. */
  readonly note?: Sentence;
  readonly milliseconds: number;
}

/** Watches an examination while it runs. Steps do not overlap: each ends before the next begins. */
export interface Observer {
  /** @param step its name, in a word or two: `TLS`. */
  began(step: Sentence): void;
  ended(step: Sentence, result: StepResult): void;
}
