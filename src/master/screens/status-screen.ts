import type { ServiceStatus, WorkerStatus } from '../service-status.ts';
import { beside, missingNote, rule, ruleWidth } from './lines.ts';
import type { Canvas } from './paint.ts';
import { processTable } from './process-table.ts';
import { certificateText, numbers, times, versions } from './service-facts.ts';
import { type Column, drawTable } from './table.ts';

const WORKER_COLUMNS: readonly Column[] = [
  { title: 'name', rank: 0, least: 6 },
  { title: 'protocol', rank: 4 },
  { title: 'transport', rank: 3 },
  { title: 'user', rank: 2, least: 4 },
  { title: 'count', rank: 1, align: 'right' },
  { title: 'certificate', short: 'cert', rank: 5, style: (cell) => (cell === 'expired' ? 'red' : undefined) },
  { title: 'exit_status', short: 'exit', rank: 0, least: 9 },
  { title: 'exit_count', short: 'exits', rank: 0, align: 'right' },
];

/**
 * A service at this moment, as lines: what it is, how its processes have ended, and a row for each process.
 *
 * @param previous the sample before, for requests per second; without it that column is left out.
 * @returns lines that are not wider than the canvas.
 */
export function statusScreen(
  status: ServiceStatus,
  previous: ServiceStatus | undefined,
  canvas: Canvas,
): string[] {
  const { paint } = canvas;
  const workers = drawTable(WORKER_COLUMNS, status.workers.flatMap(workerRows), canvas);
  const processes = processTable(status, previous, canvas);
  const width = ruleWidth([workers.width, processes.width], canvas);
  const [titles = '', ...rows] = processes.lines;
  const summary = rows.pop() ?? '';
  return [
    paint('bold', rule('GLOBAL STATUS', width)),
    ...beside(versions(status), canvas.width),
    ...beside([status.script, mode(status), `master pid ${status.pid}`], canvas.width),
    ...beside(times(status), canvas.width),
    ...beside(numbers(status), canvas.width),
    ...workers.lines,
    ...missingNote(workers.missing, canvas),
    paint('bold', rule('PROCESS STATUS', width)),
    titles,
    ...rows,
    rule('', width),
    summary,
    ...missingNote(processes.missing, canvas),
  ];
}

function mode({ daemon, state }: ServiceStatus): string {
  return daemon ? `${state} as a daemon` : state;
}

/** One row for each way in which processes have ended; the worker is named in the first. */
function workerRows(worker: WorkerStatus): string[][] {
  const { name, protocol, transport, user, count, exits } = worker;
  const [first = ['none', 0], ...others] = Object.entries(exits);
  const about = [name, protocol, transport, user, String(count), certificateText(worker)];
  const more = others.map(([how, times]) => [...about.map(() => ''), how, String(times)]);
  return [[...about, first[0], String(first[1])], ...more];
}
