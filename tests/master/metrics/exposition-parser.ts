import assert from 'node:assert/strict';

export interface ParsedFamily {
  readonly type: string;
  readonly help: string;
  /** By labels, as they stand between the braces. */
  readonly series: ReadonlyMap<string, number>;
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\\\\\|\\\\"|\\\\n)*"';
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(${LABEL}(?:,${LABEL})*)\\})? (\\S+)$`);
const NUMBER = /^(?:[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?|NaN|[+-]Inf)$/;

/**
 * Reads Prometheus' text format 0.0.4, and fails at anything that the format does not allow or that a reader may refuse:
 * a family that is not together, a missing HELP or TYPE, the same series twice, a counter below 0 or without `_total`.
 */
export function parseExposition(text: string): Map<string, ParsedFamily> {
  assert.ok(text === '' || text.endsWith('\n'), 'the last line has no line end');
  const families = new Map<string, ParsedFamily>();
  const lines = text.split('\n').slice(0, -1);
  for (let index = 0; index < lines.length; ) {
    const [, name = '', help = ''] = match(lines[index++], new RegExp(`^# HELP (${NAME}) (.+)$`));
    const [, typed, type = ''] = match(lines[index++], new RegExp(`^# TYPE (${NAME}) (counter|gauge)$`));
    assert.equal(typed, name, 'HELP and TYPE are of one family');
    assert.ok(!families.has(name), `${name} comes twice`);
    assert.equal(type === 'counter', name.endsWith('_total'), `${name} is a ${type}`);
    const series = new Map<string, number>();
    while (index < lines.length && !lines[index]?.startsWith('#')) {
      const [, of, labels = '', value = ''] = match(lines[index++], SAMPLE);
      assert.equal(of, name, `${of} stands in the family ${name}`);
      assert.match(value, NUMBER);
      assert.ok(!series.has(labels), `${name}{${labels}} comes twice`);
      assert.ok(type !== 'counter' || Number(value) >= 0, `${name}{${labels}} is ${value}`);
      series.set(labels, Number(value));
    }
    assert.ok(series.size > 0, `${name} has no series`);
    families.set(name, { type, help, series });
  }
  return families;
}

/** The value of a series. */
export function sampleOf(
  families: ReadonlyMap<string, ParsedFamily>,
  name: string,
  labels: string = '',
): number {
  const value = families.get(name)?.series.get(labels);
  assert.notEqual(value, undefined, `there is no ${name}{${labels}}`);
  return Number(value);
}

function match(line: string | undefined, pattern: RegExp): RegExpExecArray {
  const found = pattern.exec(line ?? '');
  assert.ok(found, `${JSON.stringify(line)} is not ${pattern}`);
  return found;
}
