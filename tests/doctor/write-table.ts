/** Writes the table of verdicts into its page: `node dist/tests/doctor/write-table.js`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { BEGIN, END, verdictTable } from './table.ts';

const page = new URL('../../../docs/reference/doctor.md', import.meta.url);
const text = readFileSync(page, 'utf8');
const [before = ''] = text.split(BEGIN);
const [, after = ''] = text.split(END);
writeFileSync(page, before + verdictTable() + after);
