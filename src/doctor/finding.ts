/** One thing to say, in each language that we speak. */
export interface Sentence {
  readonly en: string;
  readonly tr: string;
}

/** What an examination has found, with what to do about it. */
export interface Finding {
  /** Stable, in kebab-case: `certificate-expired`. */
  readonly code: string;
  /** `fault`: a client cannot connect, or is cut. `warning`: it works, but not for everybody or not for long. */
  readonly severity: 'fault' | 'warning';
  /** What is wrong and how that was seen. */
  readonly cause: Sentence;
  /** What to change, and where. */
  readonly remedy: Sentence;
}
