/** docs/reference/certificates.md says what the tables in the code say: a row that differs is printed as it has to be. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { EXPIRES_SOON_DAYS } from '../../src/certificates/chain.ts';
import { SENTENCES } from '../../src/certificates/findings.ts';
import { REFUSED_WORDS, SSL_WORDS } from '../../src/certificates/ssl-words.ts';
import { trustGuide } from '../../src/certificates/trust-guide.ts';
import { certificateCommand } from '../../src/commands/certificate.ts';

const ROOT = join(import.meta.dirname ?? '.', '..', '..', '..');
const page = readFileSync(join(ROOT, 'docs/reference/certificates.md'), 'utf8');

describe('docs/reference/certificates.md', () => {
  it('has a row for every word of ssl, and no other', () => {
    for (const [name, { from, says, idle }] of Object.entries(SSL_WORDS)) {
      has(`| \`${name}\` | ${from} | ${idle ? `changes nothing: ${says}` : says} |`);
    }
    assert.equal(rowsUnder('Words').length, Object.keys(SSL_WORDS).length);
  });

  it('has a row for every word that is refused, and no other', () => {
    for (const [name, instead] of Object.entries(REFUSED_WORDS)) has(`| \`${name}\` | ${instead} |`);
    assert.equal(rowsUnder('Words that are refused').length, Object.keys(REFUSED_WORDS).length);
  });

  it('has a row for every finding, with its remedy, and no other', () => {
    for (const [code, { error, severity = 'fault', cause, remedy }] of Object.entries(SENTENCES)) {
      const start = error === undefined ? severity : `stops: \`${error}\``;
      has(`| \`${code}\` | ${start} | ${spelled(cause)} | ${spelled(remedy)} |`);
    }
    assert.equal(rowsUnder('Findings').length, Object.keys(SENTENCES).length);
  });

  it('has every option of usta cert', () => {
    for (const [name, { value, summary }] of Object.entries(certificateCommand.options)) {
      has(`| \`--${name}${value === undefined ? '' : ` ${value}`}\` | ${summary} |`);
    }
  });

  it('has every system that can be told to trust', () => {
    for (const [where, how] of trustGuide('ca.pem')) has(`| ${where} | ${how} |`);
  });

  it('names the days of the warning', () => {
    assert.ok(page.includes(`${EXPIRES_SOON_DAYS} days`));
  });
});

function has(row: string): void {
  assert.ok(page.includes(`\n${row}\n`), `the page lacks this row:\n${row}`);
}

/** `{file}` is a place to be filled in. */
function spelled(template: string): string {
  return template.replaceAll('|', '\\|').replace(/\{(\w+)\}/g, '*$1*');
}

function rowsUnder(heading: string): string[] {
  const from = page.indexOf(`\n## ${heading}\n`);
  const to = page.indexOf('\n## ', from + 1);
  return page.slice(from, to < 0 ? undefined : to).match(/^\| `.*$/gm) ?? [];
}
