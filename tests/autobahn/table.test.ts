import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { autobahnCases } from './cases.ts';
import { DOCUMENT, document, fileOf } from './document.ts';

/** How many cases each group of the suite has, counted from the suite itself. */
const GROUPS: Readonly<Record<string, number>> = {
  ...{ '1.1': 8, '1.2': 8, 2: 11, 3: 7, '4.1': 5, '4.2': 5, 5: 20 },
  ...{ '6.1': 3, '6.2': 4, '6.3': 2, '6.4': 4, '6.5': 5, '6.6': 11, '6.7': 4, '6.8': 2, '6.9': 4, '6.10': 3 },
  ...{ '6.11': 5, '6.12': 8, '6.13': 5, '6.14': 10, '6.15': 1, '6.16': 3, '6.17': 5, '6.18': 5, '6.19': 5 },
  ...{ '6.20': 7, '6.21': 8, '6.22': 34, '6.23': 7 },
  ...{ '7.1': 6, '7.3': 6, '7.5': 1, '7.7': 13, '7.9': 9, '7.13': 2 },
  ...{ '9.1': 6, '9.2': 6, '9.3': 9, '9.4': 9, '9.5': 6, '9.6': 6, '9.7': 6, '9.8': 6, '10.1': 1 },
  ...{ '12.1': 18, '12.2': 18, '12.3': 18, '12.4': 18, '12.5': 18 },
  ...{ '13.1': 18, '13.2': 18, '13.3': 18, '13.4': 18, '13.5': 18, '13.6': 18, '13.7': 18 },
};

const IDS = Object.entries(GROUPS).flatMap(([group, count]) =>
  Array.from({ length: count }, (_, index) => `${group}.${index + 1}`),
);

describe('the table of the Autobahn cases', () => {
  const cases = autobahnCases(1);

  it('has the 517 ids of the suite, each once', () => {
    assert.equal(IDS.length, 517);
    assert.equal(new Set(IDS).size, 517);
    assert.deepEqual(cases.map(({ id }) => id).sort(), [...IDS].sort());
  });

  it('gives each id a title, and no title twice within a section', () => {
    const titles = cases.map(({ id, title }) => `${id.split('.')[0]} ${title}`);
    assert.deepEqual(
      titles.filter((title, index) => titles.indexOf(title) !== index),
      [],
    );
  });

  it('finds the file of each case', () => {
    const root = fileURLToPath(new URL('../../../', import.meta.url));
    for (const file of new Set(cases.map(fileOf))) assert.ok(existsSync(root + file), file);
  });

  it('is what docs/autobahn.md says (npx tsc && node dist/tests/autobahn/document.js writes it)', () => {
    assert.equal(readFileSync(DOCUMENT, 'utf8'), document());
  });
});
