import type { Floor } from './measures.ts';
import type { Peer, PeerName } from './peers.ts';
import { type Cell, cellOf, judge, type ScenarioResult, type Verdict } from './results.ts';
import type { Row } from './scenarios.ts';
import type { Table } from './table.ts';

/** Above this share of its core a process is at its limit. */
const BUSY = 0.9;

const DOUBTS = [
  {
    mark: '*',
    meaning:
      'the generator was at its limit, the server was not: that makes each message dearer for the server',
  },
  {
    mark: '~',
    meaning: 'neither was at its limit: they waited for each other, or for other programs of the machine',
  },
] as const;

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
      ...peers.map(({ name, missing }) => (missing ? '–' : measured(row, cells.get(name)))),
    ]),
  };
}

/** What the tables cannot say: who could not run, where we are behind, what failed or was not measured well. */
export function remarks(lines: readonly Line[], peers: readonly Peer[]): string[] {
  return [
    ...peers.flatMap(({ title, missing }) => (missing ? [`${title}: ${missing}.`] : [])),
    ...behind(lines, peers),
    ...failures(lines, peers),
    ...legend(lines),
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

function legend(lines: readonly Line[]): string[] {
  const seen = new Set(
    lines.flatMap(({ row, cells }) => [...cells.values()].map((cell) => doubt(row, cell))),
  );
  return DOUBTS.filter(({ mark }) => seen.has(mark)).map(({ mark, meaning }) => `${mark}: ${meaning}.`);
}

/** The mark of a CPU time that says less than the others. */
function doubt(row: Row, { serverShare, generatorShare }: Cell): string {
  if (!row.measure.isCpuTime || serverShare === undefined || serverShare >= BUSY) return '';
  return (generatorShare ?? 0) >= BUSY ? '*' : '~';
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
  return `${value} (${shares})${doubt(row, cell)}`;
}

function floorText(floor: Floor | undefined, unit: string): string {
  if (!floor) return '';
  return 'most' in floor ? `≤ ${floor.most} ${unit}` : `≥ ${floor.ratio}×`;
}
