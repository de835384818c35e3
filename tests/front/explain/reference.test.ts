import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { EXPLAINED, rulesTable } from '../../../src/front/explain/reference.ts';

const PAGE = resolve(import.meta.dirname ?? '.', '..', '..', '..', '..', 'docs', 'reference', 'explain.md');

describe('docs/reference/explain.md', () => {
  const page = readFileSync(join(PAGE), 'utf8');

  for (const [proxy, rules] of Object.entries(EXPLAINED)) {
    it(`has the table of ${proxy}'s rules as they are`, () => {
      assert.ok(page.includes(rulesTable(rules)), 'generate it: rulesTable(EXPLAINED[proxy])');
    });

    it(`has each code of ${proxy} once, in kebab-case, with something in every cell`, () => {
      const codes = rules.map(({ code }) => code);
      assert.equal(new Set(codes).size, codes.length);
      for (const { code, looks, cause, remedy } of rules) {
        assert.match(code, /^[a-z0-9]+(?:-[a-z0-9]+)*$/);
        for (const text of [looks, cause, remedy]) assert.match(text, /^[^\n]{5,400}$/, code);
      }
    });
  }

  it('means the same by a code of both', () => {
    const nginx = new Map(EXPLAINED.nginx.map((rule) => [rule.code, rule.severity]));
    for (const { code, severity } of EXPLAINED.apache)
      assert.equal(nginx.get(code) ?? severity, severity, code);
  });
});
