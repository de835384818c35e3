import type { Report } from '../load/report.ts';
import type { Floor } from './measures.ts';
import type { PeerName } from './peers.ts';
import type { Row, Scenario } from './scenarios.ts';

/** What one peer did in one round: a report, or the reason why there is none. */
export type Outcome = Report | { readonly failure: string };

/** All rounds of all peers in one scenario, in order. */
export interface ScenarioResult {
  readonly scenario: Scenario;
  readonly outcomes: ReadonlyMap<PeerName, readonly Outcome[]>;
}

/** A peer in a row, over all rounds. */
export interface Cell {
  readonly value?: number;
  /** How many times as good as `ws`: the median of the rounds' own ratios. */
  readonly ratio?: number;
  /** CPU seconds per second. */
  readonly serverShare?: number;
  readonly generatorShare?: number;
  readonly failure?: string;
}

/** Whether our promise was kept; undefined where nothing was promised. */
export type Verdict = 'kept' | 'missed' | undefined;

/** The middle value; of an even number of values the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  const lower = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

/** What the rounds of one peer say about one row. A failure in any round spoils the cell. */
export function cellOf(result: ScenarioResult, row: Row, peer: PeerName): Cell {
  const outcomes = result.outcomes.get(peer) ?? [];
  const failed = outcomes.find(isFailure);
  if (failed) return { failure: failed.failure };
  const reports = outcomes.filter(isReport);
  const values = reports.map(row.measure.value).filter((value) => value !== null);
  if (values.length === 0 || values.length < reports.length)
    return { failure: 'not measurable on this system (no /proc)' };
  return {
    value: median(values),
    ...ratioOf(result, row, values),
    ...share('serverShare', reports),
    ...share('generatorShare', reports),
  };
}

/** Judges our own cell. A cell without a number has missed its floor. */
export function judge(cell: Cell, floor: Floor | undefined): Verdict {
  if (!floor) return undefined;
  if ('most' in floor) return (cell.value ?? Number.POSITIVE_INFINITY) <= floor.most ? 'kept' : 'missed';
  return (cell.ratio ?? 0) >= floor.ratio ? 'kept' : 'missed';
}

/** Rounds are compared with the round of `ws` next to them, not with each other: the machine drifts. */
function ratioOf(result: ScenarioResult, row: Row, values: readonly number[]): { ratio?: number } {
  const reference = result.outcomes.get('ws') ?? [];
  const ratios = values.flatMap((value, round) => {
    const outcome = reference[round];
    const theirs = outcome && isReport(outcome) ? row.measure.value(outcome) : null;
    return theirs === null || value <= 0 ? [] : [theirs / value];
  });
  return ratios.length === 0 ? {} : { ratio: median(ratios) };
}

function share(name: 'serverShare' | 'generatorShare', reports: readonly Report[]): Partial<Cell> {
  const known = reports.map((report) => report[name]).filter((value) => value !== null);
  return known.length === 0 ? {} : { [name]: median(known) };
}

function isFailure(outcome: Outcome): outcome is { readonly failure: string } {
  return 'failure' in outcome;
}

function isReport(outcome: Outcome): outcome is Report {
  return !isFailure(outcome);
}
