import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MEMORY, PER_CONNECT, PER_MESSAGE } from '../../bench/run/measures.ts';
import { insert } from '../../bench/run/page.ts';
import type { Peer } from '../../bench/run/peers.ts';
import type { Cell } from '../../bench/run/results.ts';
import { figureTable, type Line, ratioTable, remarks } from '../../bench/run/summary.ts';
import { asMarkdown, asText } from '../../bench/run/table.ts';

const PEERS: readonly Peer[] = [
  { name: 'ours', title: 'usta', command: [] },
  { name: 'ws', title: 'ws', command: [] },
  { name: 'bun', title: 'Bun', command: [], missing: 'not here' },
];

const LINES: readonly Line[] = [
  line({ title: 'echo', measure: PER_MESSAGE, floor: { ratio: 1.25 } }, 'kept', [
    { value: 4.5678, ratio: 1.5, serverShare: 1, generatorShare: 0.7 },
    { value: 6.85, ratio: 1, serverShare: 0.8, generatorShare: 0.95 },
  ]),
  line({ title: 'idle', measure: MEMORY, floor: { most: 7.5 } }, 'missed', [
    { value: 16, ratio: 0.5 },
    { value: 8, ratio: 1 },
  ]),
  line({ title: 'connect', measure: PER_CONNECT }, undefined, [
    { failure: 'it fell over' },
    { value: 250, ratio: 1, serverShare: 0.5, generatorShare: 0.4 },
  ]),
];

function line(row: Line['row'], verdict: Line['verdict'], [ours, ws]: readonly [Cell, Cell]): Line {
  const cells = new Map([
    ['ours', ours] as const,
    ['ws', ws] as const,
    ['bun', { failure: 'not here' }] as const,
  ]);
  return { row, verdict, cells };
}

describe('summary of a bench', () => {
  it('shows ratios, floors and verdicts, aligned', () => {
    assert.equal(
      asText(ratioTable(LINES, PEERS)),
      [
        'ratio to ws   usta     ws  Bun      floor',
        '───────────  ─────  ─────  ───  ─────────  ─',
        'echo         1.50×  1.00×    –    ≥ 1.25×  ✓',
        'idle         0.50×  1.00×    –  ≤ 7.5 KiB  ✗',
        'connect          –  1.00×    –',
      ].join('\n'),
    );
  });

  it('shows figures with the shares of both sides, and marks those to be doubted', () => {
    assert.equal(
      asMarkdown(figureTable(LINES, PEERS)),
      [
        '| measured |       unit |             usta |                         ws | Bun |',
        '| -------- | ---------: | ---------------: | -------------------------: | --: |',
        '| echo     | µs/message | 4.57 (1.00/0.70) |         6.85 (0.80/0.95)\\* |   – |',
        '| idle     |        KiB |             16.0 |                       8.00 |   – |',
        '| connect  | µs/connect |           failed | 250 → 4000/s (0.50/0.40)\\~ |   – |',
      ].join('\n'),
    );
  });

  it('says who could not run, where we are behind, what failed, what the marks mean', () => {
    const [missing, behind, failed, generator, neither, ...rest] = remarks(LINES, PEERS);
    assert.equal(missing, 'Bun: not here.');
    assert.equal(behind, 'Behind ws in: idle.');
    assert.equal(failed, 'usta: it fell over (connect).');
    assert.match(generator ?? '', /^\*: the generator was at its limit/);
    assert.match(neither ?? '', /^~: neither was at its limit/);
    assert.deepEqual(rest, []);
  });

  it('replaces what lies between the markers of a page and nothing else', () => {
    const first = insert('# Performance\n\nBefore.\n', 'one');
    const page = `${first}\nAfter.\n`;
    const second = insert(page, 'two');
    assert.equal(second, page.replace('\none\n', '\ntwo\n'));
    assert.match(
      second,
      /^# Performance\n\nBefore\.\n\n<!-- bench:begin.*-->\n\ntwo\n\n<!-- bench:end -->\n\nAfter\.\n$/,
    );
  });
});
