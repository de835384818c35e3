import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, describe, it } from 'node:test';
import { birthOf } from '../../../src/master/launch/birth.ts';
import { provePidFile, readPidFile, writePidFile } from '../../../src/master/launch/pid-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'usta-pid-'));
after(() => rmSync(directory, { recursive: true }));

let made = 0;
function path(text?: string): string {
  const file = join(directory, `${++made}.pid`);
  if (text !== undefined) writeFileSync(file, text);
  return file;
}

describe('writePidFile', () => {
  it('writes pid and start time, mode 0644 whatever the umask, and leaves nothing else', () => {
    const before = process.umask(0o077);
    const folder = mkdtempSync(join(directory, 'alone-'));
    const file = writePidFile(join(folder, 'server.pid'));
    process.umask(before);
    assert.equal(readFileSync(file.path, 'utf8'), `${process.pid}\n${birthOf(process.pid)}\n`);
    assert.equal(statSync(file.path).mode & 0o777, 0o644);
    assert.deepEqual(readdirSync(folder), ['server.pid']);
    assert.equal(file.notice, undefined);
    file.remove();
    assert.deepEqual(readdirSync(folder), []);
  });

  it('leaves a file alone that is not its own any more', () => {
    const file = writePidFile(path());
    writeFileSync(file.path, '1\nanother\n');
    file.remove();
    assert.equal(readFileSync(file.path, 'utf8'), '1\nanother\n');
  });

  it('replaces the file of a process that has ended, also when another one has its id by now', () => {
    for (const left of [`${2 ** 30}\nabc-1\n`, `1\nabc-1\n`]) {
      const file = path(left);
      assert.deepEqual(readPidFile(file), { type: 'stale', pid: Number(left.split('\n')[0]) });
      writePidFile(file).remove();
      assert.ok(!existsSync(file));
    }
  });

  it('refuses the file of a process that lives', async () => {
    const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await once(child, 'spawn');
    const content = `${child.pid}\n${birthOf(child.pid ?? 0)}\n`;
    const file = path(content);
    assert.deepEqual(readPidFile(file), { type: 'alive', pid: child.pid });
    assert.throws(() => writePidFile(file), {
      code: 'E_PID_FILE',
      message: /is the pid file of process \d+, which runs: stop that one/,
    });
    assert.equal(readFileSync(file, 'utf8'), content);
    child.stdin?.end();
    await once(child, 'exit');
    assert.equal(readPidFile(file).type, 'stale');
  });

  for (const [what, text] of Object.entries({
    'an empty one': '',
    'half of one': '1234',
    'that of another program': '1234\n',
    garbage: 'Tom\nand his dog\nand more\n',
    'a huge number': `${'9'.repeat(40)}\nabc\n`,
  })) {
    it(`replaces ${what} and says so`, () => {
      const file = path(text);
      assert.equal(readPidFile(file).type, 'corrupt');
      const written = writePidFile(file);
      assert.match(
        written.notice ?? '',
        /^the pid file .* was not one \(it (is empty|holds no pid and start time)\); it is replaced$/,
      );
      assert.equal(readPidFile(file).type, 'alive');
    });
  }

  it('never replaces what is something else: a key, a folder', () => {
    const key = path(`-----BEGIN PRIVATE KEY-----\n${'x'.repeat(300)}`);
    const folder = join(directory, 'folder');
    mkdirSync(folder);
    for (const file of [key, folder]) {
      assert.throws(() => writePidFile(file), {
        code: 'E_PID_FILE',
        message: /is not replaced by a pid file: it /,
      });
      assert.throws(() => provePidFile(file), { code: 'E_PID_FILE' });
      assert.ok(existsSync(file));
    }
  });

  it('says why it cannot be written, and leaves nothing', () => {
    assert.throws(() => writePidFile(join(directory, 'no', 'such.pid')), {
      code: 'ENOENT',
      message: /cannot be written \(ENOENT\)$/,
    });
  });

  it('does not write through a link that somebody else may have laid', () => {
    const target = path('keep me');
    const link = join(directory, 'link.pid');
    symlinkSync(target, link);
    assert.throws(() => writePidFile(link), { code: 'E_PID_FILE' });
    assert.equal(readFileSync(target, 'utf8'), 'keep me');
  });
});

describe('provePidFile', () => {
  it('writes nothing', () => {
    const file = path();
    provePidFile(file);
    assert.ok(!existsSync(file));
    assert.throws(() => provePidFile('/proc/server.pid'), {
      message: /the pid file \/proc\/server\.pid cannot be written/,
    });
  });

  it('is content with the file of a service that runs: a restart replaces it', () => {
    const file = writePidFile(path());
    provePidFile(file.path);
    file.remove();
  });
});
