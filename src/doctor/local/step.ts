import type { Finding, Sentence } from '../finding.ts';

/** One look at this machine. */
export interface Step {
  readonly name: Sentence;
  /** Never rejects for what a machine does not have or does not allow to be read: that is a note. */
  examine(): Promise<Examination>;
}

export interface Examination {
  readonly findings: readonly Finding[];
  /** What was seen, also when it is as it should be. */
  readonly note?: Sentence;
}
