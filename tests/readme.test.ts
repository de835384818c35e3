/** The README in its three languages is one page: same structure, same code, and the example is the real one. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';

const ROOT = join(import.meta.dirname ?? '.', '..', '..');
const ENGLISH = readPage('README.md');
const TRANSLATIONS = ['README.tr.md', 'README.zh.md'];

interface Page {
  readonly headings: readonly string[];
  readonly blocks: readonly string[];
  readonly rows: number;
  readonly items: number;
  readonly links: readonly string[];
}

for (const name of TRANSLATIONS) {
  describe(name, () => {
    const page = readPage(name);

    it('has the headings of README.md, level by level', () => {
      assert.deepEqual(page.headings.map(levelOf), ENGLISH.headings.map(levelOf));
    });

    it('has the same code blocks, but for comments and what is shown to people', () => {
      assert.equal(page.blocks.length, ENGLISH.blocks.length);
      for (const [index, block] of page.blocks.entries()) {
        assert.equal(withoutWords(block), withoutWords(ENGLISH.blocks[index] ?? ''));
      }
    });

    it('has as many table rows and list items', () => {
      assert.deepEqual([page.rows, page.items], [ENGLISH.rows, ENGLISH.items]);
    });

    it('links to the same pages in the same order', () => {
      assert.deepEqual(page.links, ENGLISH.links);
    });
  });
}

describe('README.md', () => {
  it('shows examples/wss.ts, with its defaults for what the environment gives there', () => {
    const file = readFileSync(join(ROOT, 'examples', 'wss.ts'), 'utf8');
    const defaults = [...file.matchAll(/\b([A-Z]+) = '([^']+)'/g)];
    const example = file
      .replace(/^.*(?:process\.env|node:process).*\n/gm, '')
      .replace('_message', 'message')
      .replace('`websocket://0.0.0.0:$' + '{PORT}`', `'websocket://0.0.0.0:${defaultOf(defaults, 'PORT')}'`)
      .replace(/: CERT\b/, `: '${defaultOf(defaults, 'CERT')}'`)
      .replace(/: KEY\b/, `: '${defaultOf(defaults, 'KEY')}'`)
      .replace(/\/\*\*[\s\S]*?\*\//, '');
    assert.equal(compact(blockWith(/Worker\.runAll/)), compact(example));
  });

  it('names the two commands, one line each', () => {
    assert.ok(ENGLISH.blocks.includes('sh\nnpm ci && npm start\n'));
    assert.ok(ENGLISH.blocks.includes('sh\nnpm ci && npm test\n'));
  });
});

function readPage(name: string): Page {
  const text = readFileSync(join(ROOT, name), 'utf8');
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '');
  return {
    headings: prose.match(/^#+ .+$/gm) ?? [],
    blocks: [...text.matchAll(/^```(\w+\n[\s\S]*?)^```$/gm)].map(([, block = '']) => block),
    rows: prose.match(/^\|/gm)?.length ?? 0,
    items: prose.match(/^(?:- |\d+\. )/gm)?.length ?? 0,
    links: [...prose.matchAll(/\]\(([^)#]+)[^)]*\)/g)]
      .map(([, link = '']) => link)
      .filter((link) => !link.startsWith('README')),
  };
}

function blockWith(pattern: RegExp): string {
  return ENGLISH.blocks.find((block) => pattern.test(block)) ?? assert.fail(`no code block has ${pattern}`);
}

function levelOf(heading: string): number {
  return heading.indexOf(' ');
}

/** Comments, and the texts of the browser's alerts, are in the reader's language. */
function withoutWords(code: string): string {
  return code.replace(/(?:^|\s)(?:\/\/|#).*$/gm, '').replace(/alert\("[^"]*"/g, 'alert(""');
}

/** The code on one line, without its language. */
function compact(code: string): string {
  return code.replace(/^ts\n/, '').replace(/\s+/g, ' ').trim();
}

function defaultOf(defaults: readonly RegExpExecArray[], name: string): string {
  return defaults.find(([, given]) => given === name)?.[2] ?? assert.fail(`examples/wss.ts has no ${name}`);
}
