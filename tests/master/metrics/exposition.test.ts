import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { exposition } from '../../../src/master/metrics/exposition.ts';
import { parseExposition, sampleOf } from './exposition-parser.ts';

describe("exposition — Prometheus' text format 0.0.4", () => {
  it('writes HELP, TYPE and a line for each series', () => {
    const samples = [
      { labels: { worker: 'chat', how: 'fin' }, value: 3 },
      { labels: {}, value: 0.25 },
    ];
    assert.equal(
      exposition([{ name: 'usta_a_total', type: 'counter', help: 'What it is.', samples }]),
      '# HELP usta_a_total What it is.\n# TYPE usta_a_total counter\nusta_a_total{worker="chat",how="fin"} 3\nusta_a_total 0.25\n',
    );
  });

  it('leaves out a family without series', () => {
    assert.equal(exposition([{ name: 'usta_a', type: 'gauge', help: 'Nothing.', samples: [] }]), '');
  });

  it('escapes backslash, quote and line end in labels, backslash and line end in HELP', () => {
    const samples = [{ labels: { worker: 'a"b\\c\nd' }, value: 1 }];
    const text = exposition([{ name: 'usta_a', type: 'gauge', help: 'x\\y\n"z"', samples }]);
    assert.equal(
      text,
      '# HELP usta_a x\\\\y\\n"z"\n# TYPE usta_a gauge\nusta_a{worker="a\\"b\\\\c\\nd"} 1\n',
    );
  });

  it('writes what is no finite number as the format has it', () => {
    const values = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 1e21];
    const samples = values.map((value, index) => ({ labels: { n: String(index) }, value }));
    const text = exposition([{ name: 'usta_a', type: 'gauge', help: 'h', samples }]);
    assert.deepEqual(
      [...text.matchAll(/\} (\S+)$/gm)].map((found) => found[1]),
      ['+Inf', '-Inf', 'NaN', '1e+21'],
    );
  });

  it('can be read, whatever a label holds', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        (label, value) => {
          const samples = [{ labels: { worker: label }, value }];
          const families = parseExposition(
            exposition([{ name: 'usta_a', type: 'gauge', help: 'h', samples }]),
          );
          const written = label.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
          assert.equal(sampleOf(families, 'usta_a', `worker="${written}"`), value === 0 ? 0 : value);
        },
      ),
    );
  });
});
