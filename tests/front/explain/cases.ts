import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { DescribedRule } from '../../../src/front/explain/explanation.ts';
import { type Dialect, explain } from '../../../src/front/explain.ts';

const FIXTURES = resolve(import.meta.dirname ?? '.', '..', '..', '..', '..', 'tests', 'front', 'fixtures');

/** A configuration that breaks one rule, and one like it that does not. */
export type Case = readonly [code: string, bad: string, good: string];

export function fixture(name: string): string {
  return readFileSync(join(FIXTURES, name), 'utf8');
}

/** The good configuration with one thing changed, which must be there. */
export function changed(text: string, ...changes: readonly (readonly [from: string, to: string])[]): string {
  return changes.reduce((before, [from, to]) => {
    assert.ok(before.includes(from), `the good configuration holds ${from}`);
    return before.replace(from, () => to);
  }, text);
}

export function codes(text: string, dialect?: Dialect): string[] {
  return explain(text, dialect).map(({ code }) => code);
}

/** Every rule has a case, every case finds its rule and only where it is broken. */
export function checkCases(rules: readonly DescribedRule[], cases: readonly Case[], dialect: Dialect): void {
  assert.deepEqual([...new Set(cases.map(([code]) => code))].sort(), rules.map(({ code }) => code).sort());
  for (const [code, bad, good] of cases) {
    const found = explain(bad, dialect).find((one) => one.code === code);
    assert.ok(found, `${code} in\n${bad}`);
    assert.equal(found.severity, rules.find((rule) => rule.code === code)?.severity);
    assert.ok(!codes(good, dialect).includes(code), `no ${code} in\n${good}`);
  }
}
