import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { displayWidth } from '../../../src/master/screens/display-width.ts';
import { coloured, plain } from '../../../src/master/screens/paint.ts';
import { type Column, drawTable } from '../../../src/master/screens/table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'pid', rank: 0 },
  { title: 'listening', least: 6, cut: 'middle', rank: 2 },
  { title: 'connections', short: 'conns', align: 'right', rank: 1 },
  { title: 'status', rank: 0, style: (cell) => (cell === '[busy]' ? 'red' : undefined) },
];
const ROWS = [
  ['4101', 'websocket://0.0.0.0:8282', '7', '[idle]'],
  ['29', 'none', '12345', '[busy]'],
];

describe('drawTable', () => {
  it('aligns words left and numbers right, without trailing blanks', () => {
    assert.deepEqual(drawTable(COLUMNS, ROWS, { width: 80, paint: plain }).lines, [
      'pid   listening                 connections  status',
      '4101  websocket://0.0.0.0:8282            7  [idle]',
      '29    none                            12345  [busy]',
    ]);
  });

  it('becomes narrow by short titles first, then by cut cells, then without columns', () => {
    const at = (width: number): readonly string[] => drawTable(COLUMNS, ROWS, { width, paint: plain }).lines;
    assert.equal(at(50)[0], 'pid   listening                 conns  status');
    assert.deepEqual(
      at(30),
      [
        'pid  listening    conns status',
        '4101 webso…0:8282     7 [idle]',
        '29   none         12345 [busy]',
      ].map((line) => line),
    );
    assert.equal(at(20)[0], 'pid   conns  status');
    assert.equal(at(13)[0], 'pid   status');
  });

  it('tells which columns found no room', () => {
    assert.deepEqual(drawTable(COLUMNS, ROWS, { width: 80, paint: plain }).missing, []);
    assert.deepEqual(drawTable(COLUMNS, ROWS, { width: 13, paint: plain }).missing, [
      'listening',
      'connections',
    ]);
  });

  it('colours the text of a cell and nothing around it', () => {
    const [, , busy] = drawTable(COLUMNS, ROWS, { width: 80, paint: coloured }).lines;
    assert.ok(busy?.endsWith('12345  \u001b[31m[busy]\u001b[0m'), busy);
  });

  it('looks the same with and without colours', () => {
    const drawn = drawTable(COLUMNS, ROWS, { width: 60, paint: coloured }).lines;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
    const bare = drawn.map((line) => line.replace(/\u001b\[\d+m/g, ''));
    assert.deepEqual(bare, drawTable(COLUMNS, ROWS, { width: 60, paint: plain }).lines);
  });

  it('is never wider than its canvas, whatever the cells hold; each column begins or ends in one place', () => {
    const cell = fc.string({ unit: 'grapheme', maxLength: 12 });
    const row = fc.tuple(
      fc.nat(99_999).map(String),
      cell,
      fc.nat(1e9).map(String),
      fc.constantFrom('[idle]', '[busy]'),
    );
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 90 }),
        (rows, width) => {
          const { lines } = drawTable(COLUMNS, rows, { width, paint: plain });
          for (const line of lines) assert.ok(displayWidth(line) <= width, `${line} at ${width}`);
          if (width < 13) return;
          const starts = lines.slice(1).map((line) => displayWidth(line.slice(0, line.lastIndexOf('['))));
          assert.equal(new Set(starts).size, 1, lines.join('\n'));
        },
      ),
    );
  });
});
