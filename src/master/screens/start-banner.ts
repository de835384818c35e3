import { basename } from 'node:path';
import type { ServiceStatus, WorkerStatus } from '../service-status.ts';
import { displayWidth, fit } from './display-width.ts';
import { beside, missingNote, rule, ruleWidth } from './lines.ts';
import type { Canvas } from './paint.ts';
import { certificateText, isServing, processesOf, versions } from './service-facts.ts';
import { type Column, drawTable } from './table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'proto', rank: 2 },
  { title: 'user', rank: 3, least: 4 },
  { title: 'worker', rank: 0, least: 6 },
  { title: 'listen', rank: 0, least: 12, cut: 'middle' },
  { title: 'count', rank: 1, align: 'right' },
  { title: 'certificate', short: 'cert', rank: 4, style: certificateStyle },
  { title: 'state', rank: 0, style: (cell) => (cell === '[OK]' ? 'green' : 'yellow') },
];

/** What a service shows when it has started: what it is, and a row for each worker. */
export function startBanner(status: ServiceStatus, canvas: Canvas): string[] {
  const { paint } = canvas;
  const table = drawTable(
    COLUMNS,
    status.workers.map((worker) => row(status, worker)),
    canvas,
  );
  const width = ruleWidth([table.width], canvas);
  return [
    paint('bold', rule('USTA', width)),
    ...beside(versions(status), canvas.width),
    paint('bold', rule('WORKERS', width)),
    ...table.lines,
    ...missingNote(table.missing, canvas),
    rule('', width),
    ...farewell(status, canvas),
  ];
}

function row(status: ServiceStatus, worker: WorkerStatus): string[] {
  const { transport, user, name, listen, count } = worker;
  const serving = processesOf(status, worker).filter(isServing).length;
  const state = serving >= count ? '[OK]' : `[${serving} of ${count}]`;
  return [transport, user, name, listen || 'none', String(count), certificateText(worker), state];
}

/** How to stop it, in words to copy: whole, or with the script's bare name. */
function farewell({ daemon, script }: ServiceStatus, { width }: Canvas): string[] {
  if (!daemon) return beside(['Press Ctrl+C to stop.', 'Start success.'], width);
  const line = (name: string): string => `Input "usta stop ${quoted(name)}" to stop.`;
  const whole = line(script);
  const command = displayWidth(whole) <= width ? whole : line(basename(script));
  return beside([fit(command, width), 'Start success.'], width);
}

function quoted(path: string): string {
  return /^[\w./@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function certificateStyle(cell: string): 'red' | 'yellow' | undefined {
  if (cell === 'expired') return 'red';
  return /^\d /.test(cell) ? 'yellow' : undefined;
}
