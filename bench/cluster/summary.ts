import type { Report } from '../load/report.ts';
import { figure } from '../run/measures.ts';
import { median, type Outcome } from '../run/results.ts';
import type { Table } from '../run/table.ts';
import type { Contestant, ContestantName } from './contestants.ts';
import type { LoadResult } from './turns.ts';

/** Two contestants that are held against each other, and what we promise of them. */
interface Comparison {
  readonly title: string;
  readonly ours: ContestantName;
  readonly other: ContestantName;
  readonly floor: string;
  /** Under which load it is promised. */
  readonly promisedUnder: string;
  keeps(ratio: number): boolean;
}

const LEAST = 3;
/** Of the CPU time per delivery of one gateway. */
const MOST = 1.1;

const COMPARISONS: readonly Comparison[] = [
  againstSocketio('local bus : cluster adapter', 'usta', 'cluster-adapter'),
  againstSocketio('Redis bus : Redis adapter', 'usta-redis', 'redis-adapter'),
  againstSocketio('NATS bus : Redis adapter', 'usta-nats', 'redis-adapter'),
  {
    title: 'one gateway : two of them',
    ours: 'usta-one',
    other: 'usta',
    floor: `≤ ${MOST}×`,
    promisedUnder: 'bursts',
    keeps: (ratio) => ratio <= MOST,
  },
];

/** Below this share of the messages that were due, a server has not kept up. */
const KEPT_UP = 0.97;
const LATE = '!';

/** How many times as many deliveries a second of CPU time brings, and whether promises were kept. */
export function ratioTable(results: readonly LoadResult[], contestants: readonly Contestant[]): Table {
  const present = comparisonsOf(contestants);
  return {
    head: ['deliveries per CPU second', ...results.map(({ load }) => load.title), 'floor', ''],
    rows: present.map((comparison) => [
      comparison.title,
      ...results.map((result) => ratioText(ratioOf(result, comparison))),
      comparison.floor,
      verdictOf(results, comparison) ?? '',
    ]),
  };
}

/** The numbers themselves, with how busy the servers were and how late messages came. */
export function figureTable(results: readonly LoadResult[], contestants: readonly Contestant[]): Table {
  return {
    head: [
      'deliveries/CPU s (CPUs busy)',
      ...results.flatMap(({ load }) => [load.title, ...(isPaced(load.load.mode) ? ['p50, p99 in ms'] : [])]),
    ],
    rows: contestants.map(({ name, title }) => [
      title,
      ...results.flatMap((result) => {
        const lateness = isPaced(result.load.load.mode) ? [latencyText(reportsOf(result, name))] : [];
        return [perCpuSecond(result, name), ...lateness];
      }),
    ]),
  };
}

/** What Redis and NATS themselves have used, which is in no other figure. */
export function besideTable(results: readonly LoadResult[], contestants: readonly Contestant[]): Table {
  const served = contestants.filter(({ broker }) => broker !== undefined);
  return {
    head: ['CPU µs/delivery beside it', ...results.map(({ load }) => load.title)],
    rows: served.map(({ name, title, broker }) => [
      `${broker}-server of ${title}`,
      ...results.map((result) => {
        const values = reportsOf(result, name).map((report) => report.besideMicroseconds ?? null);
        return medianText(values, (value) => value.toFixed(2));
      }),
    ]),
  };
}

/** What the tables cannot say: who could not run, what failed, what the marks mean. */
export function remarks(results: readonly LoadResult[], contestants: readonly Contestant[]): string[] {
  const isLate = results.some((result) => contestants.some(({ name }) => fellBehind(result, name)));
  return [
    ...contestants.flatMap(({ title, missing }) => (missing === undefined ? [] : [`${title}: ${missing}.`])),
    ...contestants.filter(({ missing }) => missing === undefined).flatMap((one) => failuresOf(results, one)),
    ...(isLate ? [`${LATE}: it did not keep up with the rate.`] : []),
  ];
}

export function keepsPromises(results: readonly LoadResult[], contestants: readonly Contestant[]): boolean {
  return comparisonsOf(contestants).every((comparison) => verdictOf(results, comparison) !== '✗');
}

function againstSocketio(title: string, ours: ContestantName, other: ContestantName): Comparison {
  const promise = { floor: `≥ ${LEAST}×`, promisedUnder: 'bursts' };
  return { title, ours, other, ...promise, keeps: (ratio) => ratio >= LEAST };
}

function comparisonsOf(contestants: readonly Contestant[]): Comparison[] {
  const names = contestants.map(({ name }) => name);
  return COMPARISONS.filter(({ ours, other }) => names.includes(ours) && names.includes(other));
}

function verdictOf(results: readonly LoadResult[], comparison: Comparison): '✓' | '✗' | undefined {
  const result = results.find(({ load }) => load.name === comparison.promisedUnder);
  if (!result) return undefined;
  const ratio = ratioOf(result, comparison);
  return ratio !== undefined && comparison.keeps(ratio) ? '✓' : '✗';
}

/** Rounds are compared with the neighbour's of the same round, not with each other; a failed one spoils all. */
function ratioOf({ outcomes }: LoadResult, { ours, other }: Comparison): number | undefined {
  const theirs = outcomes.get(other) ?? [];
  const ratios = (outcomes.get(ours) ?? []).map((outcome, round) => {
    const [mine, yours] = [costOf(outcome), costOf(theirs[round])];
    return mine !== undefined && yours !== undefined ? yours / mine : undefined;
  });
  const known = ratios.filter((ratio) => ratio !== undefined);
  return known.length === 0 || known.length < ratios.length ? undefined : median(known);
}

/** CPU time of one delivery. */
function costOf(outcome: Outcome | undefined): number | undefined {
  if (outcome === undefined || 'failure' in outcome) return undefined;
  return outcome.serverMicroseconds || undefined;
}

/** None when a round has failed. */
function reportsOf({ outcomes }: LoadResult, name: ContestantName): Report[] {
  const all = outcomes.get(name) ?? [];
  const reports = all.flatMap((outcome) => ('failure' in outcome ? [] : [outcome]));
  return reports.length < all.length ? [] : reports;
}

function failuresOf(results: readonly LoadResult[], { name, title }: Contestant): string[] {
  return results.flatMap(({ load, outcomes }) =>
    (outcomes.get(name) ?? []).flatMap((outcome, round) =>
      'failure' in outcome ? [`${title}: ${outcome.failure} (${load.title}, round ${round + 1}).`] : [],
    ),
  );
}

function fellBehind(result: LoadResult, name: ContestantName): boolean {
  const { mode, rate = 0, connections = 0 } = result.load.load;
  const reports = reportsOf(result, name);
  if (!isPaced(mode) || reports.length === 0) return false;
  return median(reports.map(({ perSecond }) => perSecond)) < KEPT_UP * rate * connections;
}

function perCpuSecond(result: LoadResult, name: ContestantName): string {
  const reports = reportsOf(result, name);
  const costs = reports.map(({ serverMicroseconds }) => serverMicroseconds || null);
  const shares = reports.map(({ serverShare }) => serverShare);
  const deliveries = medianText(costs, (cost) => Math.round(1e6 / cost).toLocaleString('en'));
  if (deliveries === UNKNOWN) return UNKNOWN;
  const busy = medianText(shares, (share) => share.toFixed(2));
  return `${deliveries} (${busy})${fellBehind(result, name) ? LATE : ''}`;
}

function latencyText(reports: readonly Report[]): string {
  const of = (quantile: 'p50' | 'p99'): string =>
    medianText(
      reports.map(({ latency }) => latency?.[quantile] ?? null),
      figure,
    );
  return reports.length === 0 ? UNKNOWN : `${of('p50')}, ${of('p99')}`;
}

const UNKNOWN = '–';

function medianText(values: readonly (number | null)[], show: (value: number) => string): string {
  const known = values.filter((value) => value !== null);
  return known.length === 0 || known.length < values.length ? UNKNOWN : show(median(known));
}

function ratioText(ratio: number | undefined): string {
  return ratio === undefined ? UNKNOWN : `${ratio.toFixed(2)}×`;
}

function isPaced(mode: string): boolean {
  return mode === 'group-rate';
}
