import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseNginx } from '../../../src/front/explain/nginx-parser.ts';

const one = (text: string) => parseNginx(text).directives[0];
const problem = (text: string) => parseNginx(text).problem;

describe('parseNginx', () => {
  it('reads words, blocks and lines', () => {
    assert.deepEqual(parseNginx('a 1 2;\n\nb {\n  c;\r\n}\n').directives, [
      { name: 'a', words: ['1', '2'], line: 1 },
      { name: 'b', words: [], line: 3, block: [{ name: 'c', words: [], line: 4 }] },
    ]);
  });

  it('takes a comment only where a word may begin', () => {
    assert.deepEqual(one('a b#c; # d; }\n')?.words, ['b#c']);
    assert.deepEqual(parseNginx('# a {\n#}').directives, []);
  });

  it('reads quotes and escapes as nginx does', () => {
    assert.deepEqual(one(String.raw`a "b \"c\" \d" 'e;{f}' g\ h "i\tj";`)?.words, [
      String.raw`b "c" \d`,
      'e;{f}',
      String.raw`g\ h`,
      'i\tj',
    ]);
    assert.deepEqual(one('a "" \'\';')?.words, ['', '']);
    assert.deepEqual(one('a "b\nc";\nd;')?.words, ['b\nc']);
  });

  it('does not take a variable in braces for a block', () => {
    assert.deepEqual(one(`a $${'{b}'}c d$e;`)?.words, [`$${'{b}'}c`, 'd$e']);
    assert.deepEqual(one('if ($a = "b") { c; }')?.words, ['($a', '=', 'b', ')']);
  });

  it('passes over Lua, whatever its strings and comments hold', () => {
    const lua = `content_by_lua_block {
      local a = "}" .. '\\'}' -- }
      --[[ } ]] local b = [==[ }]] } ]==] if a then x = {1, {2}} end
    }
    after;`;
    const { directives, problem: none } = parseNginx(lua);
    assert.equal(none, undefined);
    assert.deepEqual(
      directives.map(({ name, line }) => [name, line]),
      [
        ['content_by_lua_block', 1],
        ['after', 5],
      ],
    );
  });

  it('names what is not closed, and where', () => {
    assert.deepEqual(problem('a {\nb {\nc;\n}\n'), {
      line: 1,
      message: 'the block of "a" is not closed: a "}" is missing',
    });
    assert.match(problem('a;\n}\n')?.message ?? '', /closes nothing/);
    assert.equal(problem('a;\n}\n')?.line, 2);
    assert.match(
      problem('x {\n listen 443\n}\n')?.message ?? '',
      /"listen" is not ended by ";" before the "}" of line 3/,
    );
    assert.equal(problem('x {\n listen 443\n}\n')?.line, 2);
    assert.match(problem('a "b;\n')?.message ?? '', /a quote \("\) is not closed/);
    assert.match(problem('a "b"c;')?.message ?? '', /a closing quote \("\) is followed by "c"/);
    assert.match(problem('a b')?.message ?? '', /"a" is not ended/);
    assert.match(problem('{ a; }')?.message ?? '', /"{" without a directive/);
    assert.match(problem(';')?.message ?? '', /";" without a directive/);
    assert.match(problem('x_by_lua_block { "}" ')?.message ?? '', /Lua/);
    assert.match(problem('a {'.repeat(60))?.message ?? '', /nested deeper than 50/);
  });
});
