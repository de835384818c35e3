import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { after, describe, it } from 'node:test';
import { TreeWatch } from '../../../src/master/launch/tree-watch.ts';

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'usta-tree-')));
const watches: TreeWatch[] = [];
after(() => {
  for (const watch of watches) watch.stop();
  rmSync(directory, { recursive: true });
});

/** A tree with a file, and the changes that are told of it, one after the other. */
function tree(polls: boolean): { root: string; next: () => Promise<string[]> } {
  const root = mkdtempSync(join(directory, 'tree-'));
  for (const folder of ['lib', 'node_modules']) mkdirSync(join(root, folder));
  writeFileSync(join(root, 'lib', 'a.js'), 'one');
  const told: string[][] = [];
  let tell: () => void = () => {};
  const options = {
    enters: (name: string) => name !== 'node_modules',
    heeds: (name: string) => name.endsWith('.js'),
    settleMs: 20,
    pollMs: 20,
    polls,
  };
  const watch = new TreeWatch(root, options, (files) => {
    told.push(files.map((file) => relative(root, file)).sort());
    tell();
  });
  watches.push(watch);
  assert.equal(watch.polls, polls);
  return {
    root,
    async next() {
      const deadline = setTimeout(() => tell(), 5_000);
      while (told.length === 0) {
        await new Promise<void>((resolve) => {
          tell = resolve;
        });
        assert.ok(told.length > 0, 'nothing was told within 5 s');
      }
      clearTimeout(deadline);
      return told.shift() ?? [];
    },
  };
}

for (const polls of [false, true]) {
  describe(polls ? 'TreeWatch, looking by itself' : 'TreeWatch, with the system’s help', () => {
    it('tells of what is written, added, replaced by another, and removed', async () => {
      const { root, next } = tree(polls);
      writeFileSync(join(root, 'lib', 'a.js'), 'two and more');
      assert.deepEqual(await next(), ['lib/a.js']);
      writeFileSync(join(root, 'b.js'), '');
      assert.deepEqual(await next(), ['b.js']);
      writeFileSync(join(root, 'b.js.tmp'), '');
      renameSync(join(root, 'b.js.tmp'), join(root, 'b.js'));
      assert.deepEqual(await next(), ['b.js']);
      rmSync(join(root, 'b.js'));
      assert.deepEqual(await next(), ['b.js']);
    });

    it('follows folders that come later', async () => {
      const { root, next } = tree(polls);
      mkdirSync(join(root, 'new', 'deep'), { recursive: true });
      writeFileSync(join(root, 'new', 'deep', 'c.js'), '');
      assert.deepEqual(await next(), ['new/deep/c.js']);
      writeFileSync(join(root, 'new', 'deep', 'c.js'), 'changed');
      assert.deepEqual(await next(), ['new/deep/c.js']);
    });

    it('does not care for other files and folders', async () => {
      const { root, next } = tree(polls);
      writeFileSync(join(root, 'node_modules', 'x.js'), '');
      writeFileSync(join(root, 'data.db'), '');
      writeFileSync(join(root, 'lib', 'd.js'), '');
      assert.deepEqual(await next(), ['lib/d.js']);
    });

    it('tells once of many that are saved together', async () => {
      const { root, next } = tree(polls);
      for (const name of ['x.js', 'y.js', 'z.js']) writeFileSync(join(root, name), '');
      assert.deepEqual(await next(), ['x.js', 'y.js', 'z.js']);
    });
  });
}
