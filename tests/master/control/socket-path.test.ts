import assert from 'node:assert/strict';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { controlPlace, isSocketName } from '../../../src/master/control/socket-path.ts';
import { Site } from './place.ts';

/** Bytes that the system has for a path; the last is zero. */
const SUN_PATH = process.platform === 'linux' ? 108 : 104;

let site: Site;
beforeEach(() => {
  site = new Site();
});
afterEach(() => site.leave());

describe('controlPlace', () => {
  it('names the socket after the script and a hash of its real path', () => {
    const script = touch('server.ts');
    const { script: real, paths } = placeOf(script);
    assert.equal(real, script);
    assert.equal(paths.length, 1);
    assert.equal(dirname(paths[0] ?? ''), site.directory);
    assert.match(basename(paths[0] ?? ''), /^server-[0-9a-f]{8}\.sock$/);
  });

  it('is the same by whatever way the script is named', () => {
    const script = touch('server.ts');
    symlinkSync(script, join(site.directory, 'link.ts'));
    symlinkSync(site.directory, join(site.directory, 'around'));
    const ways = ['link.ts', 'around/server.ts', './x/../server.ts'].map((way) => `${site.directory}/${way}`);
    for (const way of ways) assert.deepEqual(placeOf(way), placeOf(script), way);
  });

  it('is relative to the working directory', () => {
    assert.deepEqual(placeOf('package.json'), placeOf(join(process.cwd(), 'package.json')));
  });

  it('differs between .ts and .js, and between directories', () => {
    mkdirSync(join(site.directory, 'other'));
    const scripts = ['server.ts', 'server.js', 'other/server.ts'].map(touch);
    assert.equal(new Set(scripts.map((script) => placeOf(script).paths[0])).size, 3);
  });

  it('still finds the service of a script that was removed', () => {
    const script = touch('server.ts');
    symlinkSync(site.directory, join(site.directory, 'around'));
    const before = placeOf(script);
    rmSync(script);
    assert.deepEqual(placeOf(join(site.directory, 'around', 'server.ts')), before);
    assert.equal(placeOf('/nowhere/at/all/server.ts').script, '/nowhere/at/all/server.ts');
  });

  it('makes a plain name of any script', () => {
    for (const name of [
      'çay evi (1).ts',
      '-rf.ts',
      '.ts',
      '..',
      'x'.repeat(200),
      'a\nb.ts',
      'server.test.ts',
    ]) {
      const socket = basename(placeOf(`${site.directory}/${name}`).paths[0] ?? '');
      assert.ok(isSocketName(socket), socket);
      assert.match(socket, /^[\w.-]{1,38}$/);
    }
  });

  it("never is longer than the system allows: first the script's name gives way, then it is refused", () => {
    const script = '/srv/a-long-name-of-a-script.ts';
    for (let length = 20; length < SUN_PATH + 20; length++) {
      const directory = `/${'d'.repeat(length - 1)}`;
      const longest = length + '/a-long-name-of-a-script-12345678.sock'.length;
      const shortest = length + '/12345678.sock'.length;
      if (shortest >= SUN_PATH) {
        assert.throws(() => controlPlace(script, { USTA_RUNTIME_DIR: directory }), {
          code: 'ENAMETOOLONG',
          message: `${directory} is too long for a socket in it: choose a shorter USTA_RUNTIME_DIR`,
        });
        continue;
      }
      const [path = ''] = controlPlace(script, { USTA_RUNTIME_DIR: directory }).paths;
      assert.equal(Buffer.byteLength(path), longest >= SUN_PATH ? shortest : longest);
    }
  });

  it('leaves directories out that are too long, when there are others', () => {
    const { paths } = controlPlace('/srv/server.ts', { TMPDIR: `/${'d'.repeat(120)}` });
    assert.ok(paths.some((path) => path.startsWith('/tmp/usta-')));
    assert.ok(paths.every((path) => !path.includes('ddd')));
  });
});

function placeOf(script: string): ReturnType<typeof controlPlace> {
  return controlPlace(script, { USTA_RUNTIME_DIR: site.directory });
}

function touch(name: string): string {
  const path = join(site.directory, name);
  writeFileSync(path, '');
  return path;
}
