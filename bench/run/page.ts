import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Table } from './table.ts';
import { asMarkdown } from './table.ts';

const BEGIN = '<!-- bench:begin, written by npm run bench -- --write -->';
const END = '<!-- bench:end -->';

export interface Result {
  readonly circumstances: string;
  readonly tables: readonly Table[];
  readonly remarks: readonly string[];
}

/** Puts the result between the two markers of the page; everything around them stays as it is. */
export function writePage(file: string, result: Result): void {
  const page = existsSync(file) ? readFileSync(file, 'utf8') : '# Performance\n';
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, insert(page, block(result)));
}

/** Replaces what lies between the markers, or adds them at the end. */
export function insert(page: string, text: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  const marked = `${BEGIN}\n\n${text}\n\n${END}`;
  if (begin < 0 || end < begin) return `${page.trimEnd()}\n\n${marked}\n`;
  return page.slice(0, begin) + marked + page.slice(end + END.length);
}

function block({ circumstances, tables, remarks }: Result): string {
  const list = remarks.map((remark) => `- ${remark.replaceAll(/[*~]/g, '\\$&')}`).join('\n');
  return [`${circumstances}.`, ...tables.map(asMarkdown), ...(list ? [list] : [])].join('\n\n');
}
