/** Files of an upload that are kept on another file system: /dev/shm is one of its own on Debian. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { Request } from 'usta';
import { Headers } from '../../src/protocol/http/headers.ts';

const elsewhere = mkdtempSync('/dev/shm/usta-upload-test-');
const kept = mkdtempSync(join(tmpdir(), 'usta-upload-test-'));
const BODY = '--b\r\nContent-Disposition: form-data; name="a"; filename="x"\r\n\r\nabc\r\n--b--';

describe('an uploaded file', () => {
  after(() => {
    for (const one of [elsewhere, kept]) rmSync(one, { recursive: true });
  });

  it('moves to another file system, whole and for this user alone', async () => {
    assert.notEqual(statSync(elsewhere).dev, statSync(kept).dev);
    const headers = new Headers('content-type: multipart/form-data; boundary=b\r\n\r\n');
    const head = { method: 'POST', target: '/', resource: '/', version: '1.1', headers } as const;
    const upload = await new Request(head, Buffer.from(BODY)).multipart({ uploadDirectory: elsewhere });
    await upload.files[0]?.moveTo(join(kept, 'x'));
    assert.equal(readFileSync(join(kept, 'x'), 'utf8'), 'abc');
    assert.equal(statSync(join(kept, 'x')).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(kept), ['x']);
    await upload.remove();
    assert.deepEqual(readdirSync(elsewhere), []);
  });
});
