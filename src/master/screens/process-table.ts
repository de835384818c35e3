import type { ProcessReport } from '../../worker/report.ts';
import type { ProcessStatus, ServiceStatus } from '../service-status.ts';
import type { Canvas, Style } from './paint.ts';
import { formatBytes, formatLag, formatRate } from './quantities.ts';
import { type Column, drawTable, type Table } from './table.ts';

/** A column, what a process says in it, and what all of them say together. */
interface Field extends Column {
  cell(row: Row): string;
  summary(rows: readonly Row[]): string;
}

/** A process that has answered, with its requests per second where they are known. */
interface Row {
  readonly report: ProcessReport;
  readonly rate: number | undefined;
}

const RATE: Field = {
  title: 'qps',
  align: 'right',
  rank: 3,
  cell: ({ rate }) => (rate === undefined ? '-' : formatRate(rate)),
  summary: (rows) => formatRate(sum(rows, ({ rate }) => rate ?? 0)),
};

const FIELDS: readonly Field[] = [
  field('connections', { short: 'conns', rank: 1, of: ({ connections }) => connections }),
  field('send_fail', { short: 'fails', rank: 8, of: ({ sendFailures }) => sendFailures, alarming: true }),
  field('timers', { rank: 11, of: ({ timers }) => timers }),
  field('total_request', { short: 'requests', rank: 2, of: ({ messagesReceived }) => messagesReceived }),
  RATE,
  field('accepted', { short: 'accepts', rank: 12, of: ({ accepted }) => accepted }),
  field('refused', { rank: 9, of: ({ refused }) => refused, alarming: true }),
  field('queued', { rank: 7, of: ({ queuedBytes }) => queuedBytes, format: formatBytes }),
  {
    title: 'loop_lag',
    short: 'lag',
    align: 'right',
    rank: 5,
    style: (cell) => (/^\d{3}ms$|\ds$/.test(cell) ? 'yellow' : undefined),
    cell: ({ report }) => formatLag(report.loopLag),
    summary: (rows) => formatLag(Math.max(0, ...rows.map(({ report }) => report.loopLag))),
  },
  { title: 'resumed', align: 'right', rank: 13, cell: (row) => resumption([row]), summary: resumption },
];

/** Only where processes speak with each other. */
const LOST: Field = {
  title: 'lost',
  align: 'right',
  rank: 6,
  style: (cell) => (/^[1-9]/.test(cell) ? 'yellow' : undefined),
  cell: ({ report }) => (report.bus ? String(lostBy(report)) : '-'),
  summary: (rows) => String(sum(rows, ({ report }) => lostBy(report))),
};

const MEMORY: Field = field('memory', { rank: 4, of: ({ memory }) => memory, format: formatBytes });

const BEFORE: readonly Column[] = [{ title: 'pid', rank: 0 }, MEMORY];
const PLACE: readonly Column[] = [
  { title: 'listening', rank: 10, least: 14, cut: 'middle' },
  { title: 'name', rank: 0, least: 6 },
];
const STATE: Column = { title: 'status', rank: 0, style: stateStyle };

/** A row for each process and one for their sum; a process that has not answered has `N/A` everywhere. */
export function processTable(
  status: ServiceStatus,
  previous: ServiceStatus | undefined,
  canvas: Canvas,
): Table {
  const onBus = status.processes.some(({ report }) => report?.bus !== undefined);
  const fields = [...FIELDS, LOST].filter(
    (one) => (previous !== undefined || one !== RATE) && (onBus || one !== LOST),
  );
  const columns = [...BEFORE, ...PLACE, ...fields, STATE];
  const answered: Row[] = [];
  const rows = status.processes.map((process) => {
    const place = [listening(status, process), process.worker];
    const state = `[${process.state}]`;
    const row = rowOf(process, previous);
    const cells = [MEMORY, ...fields].map((one) => (row ? one.cell(row) : 'N/A'));
    if (row) answered.push(row);
    const [memory = '', ...others] = cells;
    return [process.pid > 0 ? String(process.pid) : '-', memory, ...place, ...others, state];
  });
  const sums = fields.map((one) => one.summary(answered));
  return drawTable(
    columns,
    [...rows, ['Summary', MEMORY.summary(answered), '-', '-', ...sums, '[Summary]']],
    canvas,
  );
}

function rowOf({ pid, report }: ProcessStatus, previous: ServiceStatus | undefined): Row | undefined {
  if (!report) return undefined;
  const before = previous?.processes.find((one) => one.pid === pid)?.report;
  return { report, rate: before && requestRate(report, before) };
}

/** By the clock of the process: both samples tell how long it had lived. */
function requestRate(report: ProcessReport, before: ProcessReport): number | undefined {
  const seconds = report.uptime - before.uptime;
  const requests = report.messagesReceived - before.messagesReceived;
  return seconds > 0 && requests >= 0 ? requests / seconds : undefined;
}

function listening({ workers }: ServiceStatus, { worker }: ProcessStatus): string {
  return workers.find(({ name }) => name === worker)?.listen || 'none';
}

/** Messages between processes that were lost. */
function lostBy({ bus }: ProcessReport): number {
  return Object.values(bus?.lost ?? {}).reduce((total, one) => total + one, 0);
}

/** How many of the TLS handshakes were resumed ones. */
function resumption(rows: readonly Row[]): string {
  const resumed = sum(rows, ({ report }) => report.handshakes.resumed);
  const all = resumed + sum(rows, ({ report }) => report.handshakes.full);
  return all === 0 ? '-' : `${Math.round((100 * resumed) / all)}%`;
}

function field(
  title: string,
  {
    short,
    rank,
    of,
    format = String,
    alarming = false,
  }: {
    readonly short?: string;
    readonly rank: number;
    readonly of: (report: ProcessReport) => number;
    readonly format?: (value: number) => string;
    /** Shown in another colour when it is not 0. */
    readonly alarming?: boolean;
  },
): Field {
  return {
    title,
    ...(short === undefined ? {} : { short }),
    align: 'right',
    rank,
    ...(alarming ? { style: (cell: string) => (/^[1-9]/.test(cell) ? 'yellow' : undefined) } : {}),
    cell: ({ report }) => format(of(report)),
    summary: (rows) => format(sum(rows, ({ report }) => of(report))),
  };
}

function stateStyle(cell: string): Style | undefined {
  switch (cell) {
    case '[idle]':
      return 'green';
    case '[busy]':
    case '[backing-off]':
      return 'red';
    case '[draining]':
    case '[starting]':
      return 'yellow';
    default:
      return undefined;
  }
}

function sum(rows: readonly Row[], of: (row: Row) => number): number {
  return rows.reduce((total, row) => total + of(row), 0);
}
