import type { Floor } from './measures.ts';
import type { Peer, PeerName } from './peers.ts';
import { type Cell, cellOf, judge, type ScenarioResult, type Verdict } from './results.ts';
import type { Row } from './scenarios.ts';
import type { Table } from './table.ts';

/** A server below this share of a core was waiting for its generator. */
export const BUSY = 0.9;

const MARKS = { kept: '✓', missed: '✗' } as const;

/** One row of the result with a cell for each peer. */
export interface Line {
  readonly row: Row;
  readonly cells: ReadonlyMap<PeerName, Cell>;
  readonly verdict: Verdict;
}

/** Everything that the run says, row by row. */
export function linesOf(results: readonly ScenarioResult[], peers: readonly Peer[]): Line[] {
  return results.flatMap((result) =>
    result.scenario.rows.map((row) => {
      const cells = new Map(peers.map(({ name }) => [name, cellOf(result, row, name)]));
      const ours = cells.get('ours');
      return { row, cells, verdict: ours && judge(ours, row.floor) };
    }),
  );
}

/** How many times as good as `ws`, and whether promises were kept. */
export function ratioTable(lines: readonly Line[], peers: readonly Peer[]): Table {
  return {
    head: ['ratio to ws', ...peers.map((peer) => peer.title), 'floor', ''],
    rows: lines.map(({ row, cells, verdict }) => [
      row.title,
      ...peers.map(({ name }) => ratio(cells.get(name))),
      floorText(row.floor, row.measure.unit),
      verdict ? MARKS[verdict] : '',
    ]),
  };
}

/** The numbers themselves; behind CPU times how busy server and generator were. */
export function figureTable(lines: readonly Line[], peers: readonly Peer[]): Table {
  return {
    head: ['measured', 'unit', ...peers.map((peer) => peer.title)],
    rows: lines.map(({ row, cells }) => [
      row.title,
      row.measure.unit,
      ...peers.map(({ name }) => measured(row, cells.get(name))),
    ]),
  };
}

/** What the tables cannot say: who could not run, where we are behind, what failed or was not measured well. */
export function remarks(lines: readonly Line[], peers: readonly Peer[]): string[] {
  return [
    ...peers.flatMap(({ title, missing }) => (missing ? [`${title}: ${missing}.`] : [])),
    ...behind(lines, peers),
    ...failures(lines, peers),
    ...waiting(lines),
  ];
}

function failures(lines: readonly Line[], peers: readonly Peer[]): string[] {
  const titles = new Map<string, string[]>();
  for (const { row, cells } of lines) {
    for (const { name, title, missing } of peers) {
      const failure = cells.get(name)?.failure;
      if (!failure || missing) continue;
      const reason = `${title}: ${failure}`;
      titles.set(reason, [...(titles.get(reason) ?? []), row.title]);
    }
  }
  return [...titles].map(([reason, rows]) => `${reason} (${rows.join('; ')}).`);
}

function behind(lines: readonly Line[], peers: readonly Peer[]): string[] {
  return peers.flatMap(({ name, title }) => {
    if (name === 'ours') return [];
    const lost = lines.filter(
      ({ cells }) => (cells.get(name)?.ratio ?? 0) > (cells.get('ours')?.ratio ?? Number.POSITIVE_INFINITY),
    );
    return lost.length === 0 ? [] : [`Behind ${title} in: ${lost.map(({ row }) => row.title).join('; ')}.`];
  });
}

function waiting(lines: readonly Line[]): string[] {
  const some = lines.some(({ row, cells }) => [...cells.values()].some((cell) => isWaiting(row, cell)));
  return some ? [`*: the server used less than ${BUSY} of its core; it was waiting for the generator.`] : [];
}

function isWaiting(row: Row, cell: Cell): boolean {
  return row.measure.isCpuTime && cell.serverShare !== undefined && cell.serverShare < BUSY;
}

function ratio(cell: Cell | undefined): string {
  if (cell?.ratio === undefined) return '–';
  return `${cell.ratio < 10 ? cell.ratio.toFixed(2) : cell.ratio.toFixed(1)}×`;
}

function measured(row: Row, cell: Cell | undefined): string {
  if (cell?.value === undefined) return cell?.failure ? 'failed' : '–';
  const value = row.measure.show(cell.value);
  if (!row.measure.isCpuTime) return value;
  const shares = [cell.serverShare, cell.generatorShare].map((share) => share?.toFixed(2) ?? '?').join('/');
  return `${value} (${shares})${isWaiting(row, cell) ? '*' : ''}`;
}

function floorText(floor: Floor | undefined, unit: string): string {
  if (!floor) return '';
  return 'most' in floor ? `≤ ${floor.most} ${unit}` : `≥ ${floor.ratio}×`;
}
