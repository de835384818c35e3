import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { MAX_FILE, readSmallFile } from '../../src/certificates/small-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'usta-file-'));
after(() => rmSync(directory, { recursive: true }));
const path = (name: string): string => join(directory, name);
const faultOf = (name: string): string => {
  const read = readSmallFile(name);
  return 'fault' in read ? `${read.fault} ${Object.values(read.detail).join(' ')}`.trim() : 'read';
};

describe('a small file', () => {
  it('is read with the rights on it, through a link too', () => {
    writeFileSync(path('a'), 'text', { mode: 0o640 });
    symlinkSync('a', path('link'));
    assert.deepEqual(readSmallFile(path('link')), { bytes: Buffer.from('text'), mode: 0o640 });
  });

  it('may be 1 MiB, not more', () => {
    writeFileSync(path('most'), Buffer.alloc(MAX_FILE));
    writeFileSync(path('more'), Buffer.alloc(MAX_FILE + 1));
    assert.equal(faultOf(path('most')), 'read');
    assert.equal(faultOf(path('more')), 'file-too-large');
    assert.equal(faultOf('/proc/self/status'), 'read', 'one whose size is not told');
  });

  it('is no folder, pipe, device or socket, and none of them is waited for', async () => {
    execFileSync('mkfifo', [path('pipe')]);
    const server = createServer().listen(path('socket'));
    await new Promise((resolve) => server.once('listening', resolve));
    assert.equal(faultOf(directory), 'file-not-regular folder');
    assert.equal(faultOf(path('pipe')), 'file-not-regular pipe');
    assert.equal(faultOf('/dev/zero'), 'file-not-regular device');
    assert.equal(faultOf(path('socket')), 'file-not-regular socket');
    server.close();
  });

  it('that is not there brings the nearest name', () => {
    writeFileSync(path('server.key'), '');
    assert.equal(faultOf(path('servr.key')), 'file-missing did you mean server.key?');
    assert.equal(faultOf(path('entirely-different')), 'file-missing');
    assert.equal(faultOf(path('a/b')), 'file-missing');
    symlinkSync('loop', path('loop'));
    assert.match(faultOf(path('loop')), /^file-unreadable .*ELOOP/);
    assert.match(faultOf(`${directory}/\0`), /^file-unreadable/);
  });
});
