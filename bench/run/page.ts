import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from './peers.ts';
import type { Table } from './table.ts';
import { asMarkdown, asText } from './table.ts';

/** What a block of the page lies between. */
export interface Markers {
  readonly begin: string;
  readonly end: string;
}

export const PEERS: Markers = {
  begin: '<!-- bench:begin, written by npm run bench -- --write -->',
  end: '<!-- bench:end -->',
};

export const CLUSTER: Markers = {
  begin: '<!-- bench:cluster:begin, written by npm run bench -- cluster --write -->',
  end: '<!-- bench:cluster:end -->',
};

/** The page with the results. */
export const PAGE: string = join(ROOT, 'docs', 'performance.md');

export interface Result {
  readonly circumstances: string;
  readonly tables: readonly Table[];
  readonly remarks: readonly string[];
}

/** For a terminal. */
export function textOf({ circumstances, tables, remarks }: Result): string {
  return [circumstances, ...tables.map(asText), remarks.join('\n')].join('\n\n').trimEnd();
}

/** Puts the result between the two markers of the page; everything around them stays as it is. */
export function writePage(file: string, result: Result, markers: Markers): void {
  const page = existsSync(file) ? readFileSync(file, 'utf8') : '# Performance\n';
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, insert(page, block(result), markers));
}

/** Replaces what lies between the markers, or adds them at the end. */
export function insert(page: string, text: string, markers: Markers = PEERS): string {
  const [begin, end] = [page.indexOf(markers.begin), page.indexOf(markers.end)];
  const marked = `${markers.begin}\n\n${text}\n\n${markers.end}`;
  if (begin < 0 || end < begin) return `${page.trimEnd()}\n\n${marked}\n`;
  return page.slice(0, begin) + marked + page.slice(end + markers.end.length);
}

function block({ circumstances, tables, remarks }: Result): string {
  const list = remarks.map((remark) => `- ${remark.replaceAll(/[*~]/g, '\\$&')}`).join('\n');
  return [`${circumstances}.`, ...tables.map(asMarkdown), ...(list ? [list] : [])].join('\n\n');
}
