/**
 * The page docs/autobahn.md, made from the table of cases.
 *
 *   npx tsc && node dist/tests/autobahn/document.js     writes it anew
 */
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { autobahnCases } from './cases.ts';
import type { AutobahnCase } from './exchange.ts';

export const DOCUMENT: string = fileURLToPath(new URL('../../../docs/autobahn.md', import.meta.url));

const HEAD = `# The Autobahn testsuite, case by case

Each of the 517 cases that the [Autobahn testsuite](https://github.com/crossbario/autobahn-testsuite) runs
against a server (\`fuzzingclient\`, sections 1–7, 9, 10, 12 and 13) is a test of our own, run over \`ws://\` and
over \`wss://\` against the echo server. Only what the suite calls OK passes. Where it lets several outcomes
pass, or only reports what it has seen, we demand one: see the second table.

- \`npm test\` runs all of them; a case of 9.7, 9.8 and of sections 12 and 13 sends 5 messages.
- \`npm run test:slow\` runs them with the suite's 1000 messages.
- Cases are data in \`tests/autobahn/cases/\`, one file per section. After a change there,
  \`npx tsc && node dist/tests/autobahn/document.js\` writes this page anew; a test compares the two.

Where the suite waits a second to see whether something comes (5.19, 5.20, 6.4.1–6.4.4), ours lets a Ping and
its Pong show that the server has read everything so far. Sizes, cuts, offers and UTF-8 sequences are the
suite's; the contents of large messages are our own and are compared, where the suite compares lengths.
A Ping of the server's heartbeat is passed over.

Sections are those of RFC 6455 unless another is named.
`;

/** The page as it must be. */
export function document(): string {
  const cases = autobahnCases(1);
  return [
    HEAD,
    '## Cases',
    caseTable(cases),
    '## What we demand where the suite does not',
    choiceTable(cases),
  ].join('\n');
}

/** Where the case is written, from the root of the repository. */
export function fileOf({ id }: AutobahnCase): string {
  return `tests/autobahn/cases/section-${id.split('.')[0]}.ts`;
}

function caseTable(cases: readonly AutobahnCase[]): string {
  const rows = cases.map((entry) => {
    const file = fileOf(entry);
    return [entry.id, entry.title, entry.rfc, `[${file.slice(file.lastIndexOf('/') + 1)}](../${file})`];
  });
  return table(['id', 'what is sent, and the outcome', 'RFC', 'test'], rows);
}

function choiceTable(cases: readonly AutobahnCase[]): string {
  const rows = cases.flatMap(({ id, choice }) => (choice ? [[id, choice]] : []));
  return table(['id', 'we demand'], rows);
}

function table(names: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [names, names.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`);
  return `\n${lines.join('\n')}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(DOCUMENT, document());
