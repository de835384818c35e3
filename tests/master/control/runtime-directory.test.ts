import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  isAboutDirectory,
  isPrivateDirectory,
  makePrivateDirectory,
  ownUid,
  runtimeDirectories,
} from '../../../src/runtime-directory.ts';
import { Site } from './place.ts';

let site: Site;
beforeEach(() => {
  site = new Site();
});
afterEach(() => site.leave());

describe('runtimeDirectories', () => {
  it('is the one that was chosen, and no other', () => {
    const environment = { USTA_RUNTIME_DIR: '/srv/run', XDG_RUNTIME_DIR: site.directory };
    assert.deepEqual(runtimeDirectories(environment), ['/srv/run']);
  });

  it("has the session's directory, before the temporary ones", () => {
    const found = runtimeDirectories({ XDG_RUNTIME_DIR: site.directory, TMPDIR: '/var/tmp' });
    const own = [join(site.directory, 'usta'), `/var/tmp/usta-${ownUid()}`, `/tmp/usta-${ownUid()}`];
    assert.deepEqual(
      found.filter((one) => own.includes(one)),
      own,
    );
  });

  it('begins with what outlives a session, and is the same without one but for it', () => {
    const within = runtimeDirectories({ XDG_RUNTIME_DIR: site.directory });
    const without = runtimeDirectories({});
    assert.equal(within[0], without[0]);
    assert.match(without[0] ?? '', ownUid() === 0 ? /\/run\/usta$/ : new RegExp(`/run/usta-${ownUid()}$`));
    assert.deepEqual(
      within.filter((one) => one !== join(site.directory, 'usta')),
      without,
    );
  });

  it("does not take another user's session, a relative path or one that is not there", () => {
    const without = runtimeDirectories({});
    for (const session of [foreignDirectory(), 'run', '', '/nowhere/at/all']) {
      assert.deepEqual(runtimeDirectories({ XDG_RUNTIME_DIR: session }), without, session);
    }
  });
});

describe('makePrivateDirectory', () => {
  it('makes it with mode 0700 whatever the umask is, and leaves the umask as it was', () => {
    const path = join(site.directory, 'usta');
    const before = process.umask(0);
    try {
      makePrivateDirectory(path);
      assert.equal(process.umask(), 0);
    } finally {
      process.umask(before);
    }
    assert.equal(statSync(path).mode & 0o7777, 0o700);
  });

  it('takes the one that is there', () => {
    const path = join(site.directory, 'usta');
    makePrivateDirectory(path);
    writeFileSync(join(path, 'kept'), '');
    makePrivateDirectory(path);
    assert.deepEqual(readdirSync(path), ['kept']);
  });

  it('says in one line that it cannot be made', () => {
    assert.throws(() => makePrivateDirectory('/nowhere/at/all'), {
      code: 'ENOENT',
      message: '/nowhere/at/all cannot be made (ENOENT)',
    });
  });
});

describe('isPrivateDirectory', () => {
  it('is false where there is nothing', () => {
    assert.equal(isPrivateDirectory(join(site.directory, 'usta')), false);
  });

  it('refuses a directory of another user', () => {
    const path = foreignDirectory();
    assert.throws(
      () => isPrivateDirectory(path),
      (error) =>
        isAboutDirectory(error) && /belongs to another user \(uid \d+\).*sudo -u '#\d+'/.test(String(error)),
    );
  });

  it('refuses a symbolic link, wherever it leads', () => {
    const path = join(site.directory, 'usta');
    symlinkSync(site.directory, path);
    assert.throws(() => isPrivateDirectory(path), {
      code: 'ENOTDIR',
      message: `${path} is not a directory: remove it`,
    });
    assert.throws(() => makePrivateDirectory(path), { code: 'ENOTDIR' });
  });

  it('refuses a file', () => {
    const path = join(site.directory, 'usta');
    writeFileSync(path, '');
    assert.throws(() => makePrivateDirectory(path), { code: 'ENOTDIR' });
  });

  it('refuses one that others may enter, and does not change it', () => {
    const path = join(site.directory, 'usta');
    for (const mode of [0o750, 0o701, 0o777]) {
      mkdirSync(path, { recursive: true });
      chmodSync(path, mode);
      assert.throws(() => makePrivateDirectory(path), {
        code: 'E_NOT_PRIVATE',
        message: `${path} is open to other users (mode 0${mode.toString(8)}): chmod 700 ${path}`,
      });
      assert.equal(statSync(path).mode & 0o777, mode);
    }
  });

  it('refuses one in a place where everybody may put another one in its place', () => {
    const around = join(site.directory, 'around');
    mkdirSync(around);
    chmodSync(around, 0o777);
    assert.throws(() => makePrivateDirectory(join(around, 'usta')), {
      code: 'E_NOT_PRIVATE',
      message: /chmod \+t/,
    });
    chmodSync(around, 0o1777);
    makePrivateDirectory(join(around, 'usta'));
  });
});

/** Of root where we are not root; where we are, of nobody. */
function foreignDirectory(): string {
  if (ownUid() !== 0) return '/etc';
  const path = join(site.directory, 'foreign');
  mkdirSync(path, { recursive: true, mode: 0o700 });
  chownSync(path, 65534, 65534);
  return path;
}
