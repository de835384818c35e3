/** What the documentation names is there: files, links, functions, options, defaults, commands, exports. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, it } from 'node:test';
import * as usta from 'usta';
import { HANDLER_NAMES } from '../src/connection/handlers.ts';
import { resolveLimits } from '../src/connection/limits.ts';
import { SCHEMES } from '../src/worker/address.ts';

const ROOT = resolve(import.meta.dirname ?? '.', '..', '..');
const MIB = 1_048_576;

/** Written by the benchmark, not by hand. */
const GENERATED = 'docs/performance.md';
const NAMED_FILE = /`((?:src|tests|docs|examples|start|bench|\.ci)\/[\w./-]+)`/g;

const pages = [
  ...markdownIn('.', false),
  ...['docs', 'src', 'bench'].flatMap((folder) => markdownIn(folder, true)),
];
const reference = read('docs/reference/worker.md');

describe('the pages', () => {
  it('are there', () => {
    assert.ok(pages.length > 30, `${pages.length} pages`);
  });

  it('have relative links that resolve, anchors too', () => {
    for (const page of pages) {
      for (const [, link = ''] of withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)/g)) {
        if (!/^[a-z]+:/.test(link)) checkLink(page, link);
      }
    }
  });

  it('name files that exist', () => {
    for (const page of pages) {
      for (const [, path = ''] of read(page).matchAll(NAMED_FILE)) {
        if (path !== GENERATED) assert.ok(existsSync(join(ROOT, path)), `${page} names ${path}`);
      }
    }
  });

  it('name npm scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    for (const page of pages) {
      for (const [, name = ''] of read(page).matchAll(/npm run (?:-s )?([a-z:]+)/g)) {
        assert.ok(name in scripts, `${page} names npm run ${name}`);
      }
    }
  });

  it('have examples that import what is exported', () => {
    for (const page of pages) {
      for (const [, names = ''] of read(page).matchAll(/^import \{ ([^}]+) \} from 'usta';$/gm)) {
        for (const name of names.split(', ')) assert.ok(name in usta, `${page} imports ${name}`);
      }
    }
  });
});

describe('docs/architecture.md', () => {
  const walk = [...read('docs/architecture.md').matchAll(/^\| `(src\/\S+\.ts)` \| `(\w+)` \|/gm)];

  it('walks one message through functions that are where it says', () => {
    assert.ok(walk.length >= 12, `${walk.length} steps`);
    for (const [, file = '', name = ''] of walk) {
      assert.match(
        read(file),
        new RegExp(`^(?: {2}|export )?(?:protected override |function )?${name}(?:<|\\()`, 'm'),
        `${file} ${name}`,
      );
    }
  });

  it('has every room of src/ on a floor', () => {
    const text = read('docs/architecture.md');
    for (const room of readdirSync(join(ROOT, 'src'), { withFileTypes: true })) {
      assert.ok(text.includes(`\`${room.name}${room.isDirectory() ? '/' : ''}\``), room.name);
    }
  });
});

describe('docs/reference/worker.md', () => {
  it('has every option of a worker', () => {
    for (const file of [
      'src/worker/options.ts',
      'src/connection/limits.ts',
      'src/connection/origin.ts',
      'src/worker/proxies.ts',
    ]) {
      for (const name of optionsIn(file)) assert.match(reference, rowOf(name), name);
    }
    for (const name of optionsIn('src/certificates/ssl-options.ts'))
      assert.ok(reference.includes(`\`${name}\``), name);
  });

  it('has every callback and every scheme', () => {
    for (const name of [...HANDLER_NAMES, 'onWorkerStart', 'onWorkerStop'])
      assert.match(reference, rowOf(name), name);
    for (const scheme of Object.keys(SCHEMES)) assert.ok(reference.includes(`\`${scheme}://`), scheme);
  });

  it('has every public name of a connection', () => {
    for (const name of publicNames('src/connection/tcp-connection.ts')) {
      assert.match(reference, new RegExp(`\`${name}[\`(]`), name);
    }
  });

  it('has the defaults that the code has', () => {
    const section = reference.slice(reference.indexOf('\n## Limits'));
    const limits = resolveLimits({});
    const shown: Readonly<Record<string, string>> = {
      maxPackageSize: `${limits.maxMessage / MIB} MiB; HTTP bodies ${limits.maxBody / MIB} MiB`,
      maxSendBufferSize: `${limits.softQueue / MIB} MiB`,
      maxQueued: `${limits.hardQueue / MIB} MiB`,
      overflow: `\`'${limits.overflow}'\``,
      handshakeTimeout: `${limits.handshakeMs / 1000}`,
      upgradeTimeout: `${limits.upgradeMs / 1000}`,
      keepAliveTimeout: `${limits.keepAliveMs / 1000}`,
      pingInterval: `${limits.pingMs / 1000}`,
      idleTimeout: `${limits.idleMs / 1000}`,
      closeTimeout: `${limits.closeMs / 1000}`,
      drainTimeout: `${limits.drainMs / 1000}`,
    };
    for (const [name, value] of Object.entries(shown)) {
      const [, , , cell] = (rowOf(name).exec(section)?.[0] ?? '').split('|');
      assert.equal(cell?.trim(), value, name);
    }
  });
});

function checkLink(page: string, link: string): void {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : relative(ROOT, resolve(ROOT, dirname(page), path));
  assert.ok(existsSync(join(ROOT, target)), `${page} links to ${link}`);
  if (anchor !== undefined) assert.ok(anchorsOf(target).includes(anchor), `${page} links to ${link}`);
}

function markdownIn(folder: string, deep: boolean): string[] {
  return readdirSync(join(ROOT, folder), { recursive: deep, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md') && !name.includes('node_modules'))
    .map((name) => (folder === '.' ? name : `${folder}/${name}`))
    .sort();
}

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function withoutCode(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');
}

/** As GitHub makes them from headings. */
function anchorsOf(page: string): string[] {
  const headings = read(page).match(/^#+ .+$/gm) ?? [];
  return headings.map((heading) =>
    heading
      .replace(/^#+ /, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** A table row that has the name in its first cell. */
function rowOf(name: string): RegExp {
  return new RegExp(`^\\| [^|]*\`${name}[\`(][^|]*\\|.*$`, 'm');
}

function optionsIn(file: string): string[] {
  return [...read(file).matchAll(/^ {2}readonly (\w+)\?:/gm)].map(([, name = '']) => name);
}

/** Members that are not `#private`, not internal and not overriding what is. */
function publicNames(file: string): string[] {
  const code = read(file).replace(/\/\*\* @internal[\s\S]*?\*\/\n.*$/gm, '');
  const members = code.matchAll(/^ {2}(?:get )?([a-z]\w*)(?:\(|: )/gm);
  return [...members]
    .map(([, name = '']) => name)
    .filter((name) => !['constructor', 'set', 'handler'].includes(name));
}
