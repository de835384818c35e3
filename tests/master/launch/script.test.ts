import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { findScript } from '../../../src/master/launch/script.ts';

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'usta-script-')));
after(() => rmSync(directory, { recursive: true }));
for (const name of ['server.js', 'server.mts', 'page.html']) writeFileSync(join(directory, name), '');
mkdirSync(join(directory, 'folder'));
for (const name of ['also.ts', 'main.ts']) writeFileSync(join(directory, 'folder', name), '');
mkdirSync(join(directory, 'empty'));
symlinkSync(join(directory, 'server.js'), join(directory, 'link.js'));

const find = (named: string, stripsTypes: boolean = true): ReturnType<typeof findScript> =>
  findScript(named, { directory, stripsTypes });

describe('findScript', () => {
  it('finds a script from the folder of the person, and leaves links as they are', () => {
    assert.deepEqual(find('server.js'), { script: join(directory, 'server.js'), execArgv: [] });
    assert.deepEqual(find('./folder/../link.js').script, join(directory, 'link.js'));
  });

  it('needs nothing for TypeScript where Node strips types', () => {
    assert.deepEqual(find('server.mts').execArgv, []);
    assert.deepEqual(find('folder/main.ts').execArgv, []);
  });

  const wrong: Record<string, readonly [named: string, says: string]> = {
    'a missing one, and one with another ending': [
      'server.ts',
      'server.ts does not exist; did you mean server.js?',
    ],
    'a missing one, and one that is spelled nearly so': [
      'sever.js',
      'sever.js does not exist; did you mean server.js?',
    ],
    'a missing one, and nothing like it': ['chat.js', 'chat.js does not exist'],
    'a missing folder': ['nowhere/server.js', 'nowhere/server.js does not exist'],
    'a folder': ['folder', 'folder is a folder; name the script in it, such as folder/main.ts'],
    'an empty folder': ['empty', 'empty is a folder; name the script in it'],
    'something else': [
      'page.html',
      'page.html is no script: its name ends with none of .js, .mjs, .cjs, .ts, .mts, .cts',
    ],
    'a device': ['/dev/null', '/dev/null is not a file'],
  };
  for (const [what, [named, says]] of Object.entries(wrong)) {
    it(`says of ${what}: ${says}`, () => {
      assert.throws(() => find(named), { code: 'E_SCRIPT', message: says });
    });
  }

  it('says what to install for TypeScript where Node needs help', () => {
    assert.throws(() => find('server.mts', false), {
      code: 'E_TYPESCRIPT',
      message: `Node ${process.versions.node} does not run server.mts by itself: npm install tsx, or use Node 22.18 or newer`,
    });
  });

  it('takes the tsx of the script’s own project', () => {
    const tsx = join(directory, 'folder', 'node_modules', 'tsx');
    mkdirSync(tsx, { recursive: true });
    writeFileSync(join(tsx, 'package.json'), '{"name":"tsx","exports":{".":"./loader.mjs"}}');
    writeFileSync(join(tsx, 'loader.mjs'), '');
    const { execArgv } = find('folder/main.ts', false);
    assert.deepEqual(execArgv, ['--import', pathToFileURL(join(tsx, 'loader.mjs')).href]);
    assert.deepEqual(find('server.js', false).execArgv, []);
  });
});
