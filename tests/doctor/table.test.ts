import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { doctorCommand } from '../../src/commands/doctor.ts';
import { REPORT_VERSION } from '../../src/doctor/report.ts';
import { verdictTable } from './table.ts';

const page = readFileSync(new URL('../../../docs/reference/doctor.md', import.meta.url), 'utf8');

describe('docs/reference/doctor.md', () => {
  it('has the table that the catalogue and its fixtures make', () => {
    assert.ok(page.includes(verdictTable()), 'run node dist/tests/doctor/write-table.js');
  });

  it('has every option', () => {
    for (const name of Object.keys(doctorCommand.options))
      assert.match(page, new RegExp(`^\\| \`--${name}\\b`, 'm'), name);
  });

  it('names the version of the report', () => {
    assert.match(page, new RegExp(`"version": ${REPORT_VERSION},`));
  });
});
