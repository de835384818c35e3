import type { ConnectionStatus } from '../service-status.ts';
import { missingNote, rule, ruleWidth } from './lines.ts';
import type { Canvas } from './paint.ts';
import { counted, formatBytes } from './quantities.ts';
import { type Column, drawTable } from './table.ts';

interface Field extends Column {
  cell(connection: ConnectionStatus): string;
}

const FIELDS: readonly Field[] = [
  { title: 'PID', rank: 2, cell: ({ pid }) => String(pid) },
  { title: 'Worker', rank: 3, least: 6, cell: ({ worker }) => worker },
  { title: 'CID', align: 'right', rank: 0, cell: ({ id }) => String(id) },
  { title: 'Trans', rank: 9, cell: ({ transport }) => transport },
  { title: 'Protocol', rank: 6, least: 9, cell: ({ protocol }) => protocol },
  { title: 'ipv4', align: 'right', rank: 10, cell: ({ ipVersion }) => (ipVersion === 4 ? '1' : '0') },
  { title: 'ipv6', align: 'right', rank: 11, cell: ({ ipVersion }) => (ipVersion === 6 ? '1' : '0') },
  bytes('Recv-Q', { rank: 4, of: ({ receiveQueue }) => receiveQueue }),
  bytes('Send-Q', { rank: 1, of: ({ sendQueue }) => sendQueue }),
  bytes('Bytes-R', { rank: 5, of: ({ bytesRead }) => bytesRead }),
  bytes('Bytes-W', { rank: 5, of: ({ bytesWritten }) => bytesWritten }),
  {
    title: 'Status',
    rank: 7,
    style: (cell) => (cell === 'ESTABLISHED' ? 'green' : 'yellow'),
    cell: ({ status }) => status.toUpperCase(),
  },
  {
    title: 'Local Address',
    short: 'Local',
    rank: 8,
    least: 13,
    cut: 'middle',
    cell: ({ local }) => local || '-',
  },
  {
    title: 'Foreign Address',
    short: 'Foreign',
    rank: 0,
    least: 21,
    cut: 'middle',
    cell: ({ remote }) => remote || '-',
  },
];

/**
 * Open connections, a line each, under Workerman's titles.
 *
 * @returns lines that are not wider than the canvas.
 */
export function connectionsScreen(connections: readonly ConnectionStatus[], canvas: Canvas): string[] {
  const rows = connections.map((connection) => FIELDS.map((field) => field.cell(connection)));
  const table = drawTable(FIELDS, rows, canvas);
  return [
    canvas.paint('bold', rule('CONNECTION STATUS', ruleWidth([table.width], canvas))),
    ...table.lines,
    counted(connections.length, 'connection'),
    ...missingNote(table.missing, canvas),
  ];
}

function bytes(
  title: string,
  { rank, of }: { readonly rank: number; readonly of: (connection: ConnectionStatus) => number },
): Field {
  return { title, align: 'right', rank, cell: (connection) => formatBytes(of(connection)) };
}
