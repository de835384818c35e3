/** A table of words: a head and rows of as many cells. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** For a terminal: columns of one width, the first to the left, the others to the right. */
export function asText({ head, rows }: Table): string {
  const widths = widthsOf([head, ...rows], 0);
  const rule = widths.map((wide) => '─'.repeat(wide));
  const line = (row: readonly string[]): string => row.join('  ').trimEnd();
  return [aligned(head, widths), rule, ...rows.map((row) => aligned(row, widths))].map(line).join('\n');
}

/** For a page: GitHub's tables, aligned as the project's formatter leaves them. */
export function asMarkdown(table: Table): string {
  const [head = [], ...rows] = [table.head, ...table.rows].map((row) => row.map(escaped));
  const widths = widthsOf([head, ...rows], SHORTEST_RULE);
  const rule = widths.map((wide, column) => (column === 0 ? '-'.repeat(wide) : `${'-'.repeat(wide - 1)}:`));
  const line = (row: readonly string[]): string => `| ${row.join(' | ')} |`;
  return [aligned(head, widths), rule, ...rows.map((row) => aligned(row, widths))].map(line).join('\n');
}

/** `--:` */
const SHORTEST_RULE = 3;

function widthsOf(rows: readonly (readonly string[])[], least: number): number[] {
  return (rows[0] ?? []).map((_, column) => Math.max(least, ...rows.map((row) => width(row[column] ?? ''))));
}

function aligned(row: readonly string[], widths: readonly number[]): string[] {
  return widths.map((wide, column) => {
    const cell = row[column] ?? '';
    const space = ' '.repeat(wide - width(cell));
    return column > 0 ? space + cell : cell + space;
  });
}

function escaped(cell: string): string {
  return cell.replaceAll(/[|*~]/g, '\\$&');
}

/** In characters, as a terminal shows them. */
function width(text: string): number {
  return [...text].length;
}
