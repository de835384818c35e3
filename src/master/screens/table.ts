import { printable } from '../../worker/log/printable.ts';
import { displayWidth, fit, pad } from './display-width.ts';
import type { Canvas, Style } from './paint.ts';

/** One column of a table that knows how to become narrow. */
export interface Column {
  readonly title: string;
  /** Instead of the title where there is little room. */
  readonly short?: string;
  readonly align?: 'left' | 'right';
  /** May be cut down to so many columns of the terminal; otherwise it is never cut. */
  readonly least?: number;
  readonly cut?: 'end' | 'middle';
  /** Who leaves first where there is no room: the highest. 0 stays. */
  readonly rank: number;
  style?(cell: string): Style | undefined;
}

export interface Table {
  /** The titles first; without trailing blanks. */
  readonly lines: readonly string[];
  readonly width: number;
  /** Titles of the columns that found no room. */
  readonly missing: readonly string[];
}

/** Which columns are drawn, and how wide. */
interface Layout {
  readonly indexes: readonly number[];
  readonly widths: readonly number[];
  readonly short: boolean;
  readonly gap: number;
}

/**
 * Rows under titles, aligned and never wider than the canvas: titles become short, then long cells are cut, then
 * whole columns go.
 *
 * @param rows a cell for each column, without colour codes.
 */
export function drawTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  canvas: Canvas,
): Table {
  const layout = arrange(columns, rows, canvas.width);
  const titles = columns.map((column) => titleOf(column, layout.short));
  const lines = [
    drawRow(columns, titles, { layout, paint: (_column, text) => canvas.paint('bold', text) }),
    ...rows.map((row) => drawRow(columns, row, { layout, paint: cellPainter(canvas) })),
  ];
  const missing = columns.filter((_, index) => !layout.indexes.includes(index)).map(({ title }) => title);
  return { lines, width: total(layout.widths, layout.gap), missing };
}

function arrange(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): Layout {
  const longest = columns.map((_, index) => longestCell(rows, index));
  for (const indexes of selections(columns)) {
    for (const short of [false, true]) {
      const natural = indexes.map((index) => {
        const column = columns[index];
        return Math.max(longest[index] ?? 0, column ? displayWidth(titleOf(column, short)) : 0);
      });
      if (total(natural, 2) <= width) return { indexes, widths: natural, short, gap: 2 };
      if (!short) continue;
      const widths = narrowed(
        natural,
        indexes.map((index) => columns[index]?.least),
        width,
      );
      if (total(widths, 1) <= width) return { indexes, widths, short, gap: 1 };
    }
  }
  return { indexes: [0], widths: [width], short: true, gap: 1 };
}

/** All columns, then all but the one of the highest rank, and so on. */
function* selections(columns: readonly Column[]): Generator<readonly number[]> {
  const leaving = columns
    .map(({ rank }, index) => ({ rank, index }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank);
  for (let gone = 0; gone <= leaving.length; gone++) {
    const without = new Set(leaving.slice(0, gone).map(({ index }) => index));
    yield [...columns.keys()].filter((index) => !without.has(index));
  }
}

function longestCell(rows: readonly (readonly string[])[], index: number): number {
  let width = 0;
  for (const row of rows) width = Math.max(width, displayWidth(printable(row[index] ?? '')));
  return width;
}

/** Takes from the widest of those that may be cut, until it fits with single blanks or nothing is left to take. */
function narrowed(
  natural: readonly number[],
  least: readonly (number | undefined)[],
  width: number,
): number[] {
  const widths = [...natural];
  const cuttable = [...widths.keys()].filter((index) => least[index] !== undefined);
  while (total(widths, 1) > width) {
    const spare = cuttable.filter((index) => (widths[index] ?? 0) > (least[index] ?? 0));
    const widest = spare.sort((a, b) => (widths[b] ?? 0) - (widths[a] ?? 0))[0];
    if (widest === undefined) return widths;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function drawRow(
  columns: readonly Column[],
  cells: readonly string[],
  { layout, paint }: { readonly layout: Layout; readonly paint: (column: Column, text: string) => string },
): string {
  const { indexes, widths, gap } = layout;
  let line = '';
  let blanks = '';
  for (const [place, index] of indexes.entries()) {
    const column = columns[index];
    if (!column) continue;
    const width = widths[place] ?? 0;
    const text = fit(cells[index] ?? '', width, column.cut ?? 'end');
    const room = pad('', width - displayWidth(text), 'left');
    if (column.align === 'right') blanks += room;
    if (text !== '') line += blanks + paint(column, text);
    blanks = `${text === '' ? blanks : ''}${column.align === 'right' ? '' : room}${' '.repeat(gap)}`;
  }
  return line;
}

function cellPainter({ paint }: Canvas): (column: Column, text: string) => string {
  return (column, text) => {
    const style = column.style?.(text);
    return style === undefined ? text : paint(style, text);
  };
}

function titleOf({ title, short }: Column, narrow: boolean): string {
  return narrow ? (short ?? title) : title;
}

function total(widths: readonly number[], gap: number): number {
  return widths.reduce((sum, width) => sum + width + gap, -gap);
}
