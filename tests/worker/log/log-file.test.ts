import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it, mock } from 'node:test';
import { LogFile } from '../../../src/worker/log/log-file.ts';

let directory: string;
let path: string;
let troubles: string[];
let opened: LogFile[];
let milliseconds: number;

const text = (file: string = path): string => readFileSync(file, 'utf8');

function open(file: string = path): LogFile {
  const log = new LogFile(file, (trouble) => troubles.push(trouble));
  opened.push(log);
  return log;
}

describe('LogFile', () => {
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'usta-log-'));
    path = join(directory, 'usta.log');
    troubles = [];
    opened = [];
    milliseconds = 5000;
    mock.method(performance, 'now', () => milliseconds);
  });
  afterEach(() => {
    mock.restoreAll();
    for (const log of opened) log.close();
    rmSync(directory, { recursive: true });
  });

  it('appends to what is there', () => {
    writeFileSync(path, 'before\n');
    open().write('one\n');
    assert.equal(text(), 'before\none\n');
  });

  it('is not for everybody to read', () => {
    open();
    assert.equal(statSync(path).mode & 0o007, 0);
  });

  it('goes on in a new file when the old one was moved away: nothing is lost', () => {
    const log = open();
    log.write('one\n');
    renameSync(path, `${path}.1`);
    log.write('two\n');
    log.reopen();
    log.write('three\n');
    assert.equal(text(`${path}.1`), 'one\ntwo\n');
    assert.equal(text(), 'three\n');
  });

  it('goes on in a new file by itself, within a second, when nobody tells it', () => {
    const log = open();
    log.write('one\n');
    renameSync(path, `${path}.1`);
    milliseconds += 999;
    log.write('two\n');
    milliseconds += 1;
    log.write('three\n');
    renameSync(path, `${path}.2`);
    writeFileSync(path, '');
    milliseconds += 1000;
    log.write('four\n');
    assert.deepEqual([text(`${path}.1`), text(`${path}.2`), text()], ['one\ntwo\n', 'three\n', 'four\n']);
  });

  it('says once that it cannot, and tries again', () => {
    const log = open();
    renameSync(path, `${path}.1`);
    mkdirSync(path);
    for (let second = 0; second < 3; second++) {
      milliseconds += 1000;
      log.write(`${second}\n`);
    }
    rmdirSync(path);
    milliseconds += 1000;
    log.write('3\n');
    assert.equal(troubles.length, 1);
    assert.deepEqual([text(`${path}.1`), text()], ['0\n1\n2\n', '3\n']);
  });

  it('does not keep the old file open', () => {
    const log = open();
    const before = descriptors();
    for (let turn = 0; turn < 5; turn++) log.reopen();
    assert.equal(descriptors(), before);
  });

  it('goes on at the beginning of a file that was cut off (copytruncate)', () => {
    const log = open();
    log.write('one\n');
    truncateSync(path);
    log.write('two\n');
    assert.equal(text(), 'two\n');
  });

  it('stays with the old file, and says so, when no new one can be opened', () => {
    const log = open();
    renameSync(path, `${path}.1`);
    mkdirSync(path);
    log.reopen();
    log.write('two\n');
    assert.equal(text(`${path}.1`), 'two\n');
    assert.deepEqual(troubles, [`the log file ${path} cannot be opened: illegal operation on a directory`]);
  });

  it('does not begin in a place that cannot be written', () => {
    const nowhere = join(directory, 'no', 'such', 'usta.log');
    assert.throws(() => open(nowhere), {
      ...{ name: 'SystemError', code: 'ENOENT' },
      message: `the log file ${nowhere} cannot be opened: no such file or directory`,
    });
    assert.equal(existsSync(join(directory, 'no')), false);
  });

  it('never throws when the disk is full: says so once', () => {
    const log = open('/dev/full');
    for (let line = 0; line < 3; line++) log.write(`${line}\n`);
    assert.deepEqual(troubles, ['the log file /dev/full cannot be written: no space left on device']);
  });

  it('does not wait for a pipe that nobody reads, and tells afterwards how many lines were lost', () => {
    assert.equal(spawnSync('mkfifo', [path]).status, 0);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const log = open();
    const line = `${'x'.repeat(4095)}\n`;
    let written = 0;
    while (troubles.length === 0 && written < 1000) {
      log.write(line);
      written++;
    }
    log.write(line);
    assert.match(troubles.join('\n'), /cannot be written: resource temporarily unavailable/);

    drain(reader);
    log.write('again\n');
    assert.equal(drain(reader), '(2 lines could not be written)\nagain\n');
    assert.equal(troubles.length, 1);
    closeSync(reader);
  });

  it('begins a new line after one that was written only in part', () => {
    assert.equal(spawnSync('mkfifo', [path]).status, 0);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const log = open();
    log.write(`${'x'.repeat(1_000_000)}\n`);
    assert.equal(troubles.length, 1);
    drain(reader);
    log.write('again\n');
    assert.equal(drain(reader), '\n(1 lines could not be written)\nagain\n');
    closeSync(reader);
  });

  it('writes after it was closed by somebody else without harm', () => {
    const log = open();
    log.close();
    log.write('one\n');
    assert.equal(troubles.length, 1);
  });

  it('refuses a file that may not be written, for who is not root', () => {
    writeFileSync(path, '');
    chmodSync(path, 0o444);
    const script = `
      import { LogFile } from ${JSON.stringify(new URL('../../../src/worker/log/log-file.js', import.meta.url).href)};
      process.setuid(65534);
      try { new LogFile(${JSON.stringify(path)}, () => {}); } catch (error) { process.stdout.write(error.code + ' ' + error.message); }`;
    if (process.getuid?.() !== 0) return assert.throws(() => open(), { code: 'EACCES' });
    chmodSync(directory, 0o755);
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    assert.equal(stdout, `EACCES the log file ${path} cannot be opened: permission denied`);
  });
});

function drain(reader: number): string {
  let read = '';
  const bytes = Buffer.alloc(65_536);
  for (;;) {
    try {
      const count = readSync(reader, bytes);
      if (count === 0) return read;
      read += bytes.toString('utf8', 0, count);
    } catch {
      return read;
    }
  }
}

function descriptors(): number {
  const links = readdirSync('/proc/self/fd').map((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`);
    } catch {
      return '';
    }
  });
  return links.filter((target) => target.startsWith(path)).length;
}
