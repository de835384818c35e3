import type { StepRecord } from './examination.ts';
import type { Report } from './examine.ts';
import type { Finding, Sentence } from './finding.ts';

/** Rises when a field changes its meaning or goes; new fields may come without it. */
export const REPORT_VERSION = 1;

/** A finding in one language. */
export interface ToldFinding {
  /** Stable. */
  readonly code: string;
  readonly severity: 'fault' | 'warning';
  readonly cause: string;
  readonly remedy: string;
}

/** What `usta doctor --json` prints. */
export interface ToldReport {
  readonly version: typeof REPORT_VERSION;
  /** What was examined; `local` for this machine. */
  readonly url: string;
  readonly language: keyof Sentence;
  /** Nothing that is a fault was found. */
  readonly ok: boolean;
  /** The one cause to mend first; `null` when all is well. */
  readonly verdict: ToldFinding | null;
  readonly also: readonly ToldFinding[];
  readonly steps: readonly {
    readonly step: string;
    readonly ok: boolean;
    readonly note: string;
    readonly milliseconds: number;
  }[];
}

/** The report for programs to read. */
export function told(report: Report, language: keyof Sentence): ToldReport {
  const { url, verdict, also, steps } = report;
  return {
    version: REPORT_VERSION,
    url,
    language,
    ok: verdict === undefined,
    verdict: verdict === undefined ? null : toldFinding(verdict, language),
    also: also.map((one) => toldFinding(one, language)),
    steps: steps.map((one) => toldStep(one, language)),
  };
}

function toldFinding({ code, severity, cause, remedy }: Finding, language: keyof Sentence): ToldFinding {
  return { code, severity, cause: cause[language], remedy: remedy[language] };
}

function toldStep(
  { step, ok, note, milliseconds }: StepRecord,
  language: keyof Sentence,
): ToldReport['steps'][number] {
  const rounded = Math.round(milliseconds * 10) / 10;
  return { step: step[language], ok, note: note?.[language] ?? '', milliseconds: rounded };
}
