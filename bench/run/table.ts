/** A table of words: a head and rows of as many cells. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** For a terminal: columns of one width, the first to the left, the others to the right. */
export function asText({ head, rows }: Table): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => width(row[column] ?? ''))));
  const line = (row: readonly string[]): string =>
    widths
      .map((wide, column) => padded(row[column] ?? '', wide, column > 0))
      .join('  ')
      .trimEnd();
  const rule = widths.map((wide) => '─'.repeat(wide)).join('  ');
  return [line(head), rule, ...rows.map(line)].join('\n');
}

/** For a page: GitHub's tables. */
export function asMarkdown({ head, rows }: Table): string {
  const line = (row: readonly string[]): string =>
    `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const rule = `|${head.map((_, column) => (column === 0 ? '---' : '---:')).join('|')}|`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}

function padded(cell: string, wide: number, toTheRight: boolean): string {
  const space = ' '.repeat(wide - width(cell));
  return toTheRight ? space + cell : cell + space;
}

/** In characters, as a terminal shows them. */
function width(text: string): number {
  return [...text].length;
}
