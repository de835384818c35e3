/** Uploads, downloads and event streams, with the programs that people use for them. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { staticFiles, Worker } from 'usta';
import { ensure } from '../debian.ts';

const run = promisify(execFile);
const LARGE = randomBytes(3_000_000);
const FIRST = 1_000_000;

describe('files and streams', { timeout: 60_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'usta-real-files-'));
  const files = staticFiles(folder);
  const worker = new Worker('http://127.0.0.1:0', { streamBody: true, drainTimeout: 1 });
  const url = (path: string): string => `http://127.0.0.1:${worker.port}${path}`;
  const taken = join(folder, 'taken');

  before(async () => {
    ensure('curl', 'wget');
    writeFileSync(join(folder, 'large.bin'), LARGE);
    worker.onMessage = async (connection, request) => {
      if (request.path === '/events') {
        const events = connection.openEventStream();
        for (const data of ['one', 'two']) events.event({ data });
        return events.end();
      }
      if (request.method !== 'PUT') return files(connection, request);
      const hash = createHash('sha256');
      for await (const piece of request) hash.update(piece);
      return connection.send(hash.digest('hex'));
    };
    await worker.listen();
  });
  after(async () => {
    await worker.stop();
    rmSync(folder, { recursive: true });
  });

  it('curl -T uploads, by length with 100 Continue, and from standard input in chunks', async () => {
    const digest = createHash('sha256').update(LARGE).digest('hex');
    const path = join(folder, 'large.bin');
    const { stdout, stderr } = await run('curl', ['-s', '-v', '-T', path, url('/up')]);
    assert.equal(stdout, digest);
    assert.match(stderr, /HTTP\/1\.1 100 Continue/);
    const piped = await run('sh', ['-c', 'curl -s -T - "$1" < "$2"', 'sh', url('/up'), path]);
    assert.equal(piped.stdout, digest);
  });

  it('curl --range gets a part, and -C - the rest of what is there', async () => {
    await run('curl', ['-s', '--range', `0-${FIRST - 1}`, '-o', taken, url('/large.bin')]);
    assert.deepEqual(readFileSync(taken), LARGE.subarray(0, FIRST));
    const { stdout } = await run('curl', [
      '-s',
      '-C',
      '-',
      '-w',
      '%{http_code}',
      '-o',
      taken,
      url('/large.bin'),
    ]);
    assert.equal(stdout, '206');
    assert.deepEqual(readFileSync(taken), LARGE);
  });

  it('wget -c gets the rest, and nothing when all is there', async () => {
    writeFileSync(join(folder, 'rest.bin'), LARGE);
    const elsewhere = mkdtempSync(join(folder, 'wget-'));
    writeFileSync(join(elsewhere, 'rest.bin'), LARGE.subarray(0, FIRST));
    const { stderr } = await run('wget', ['-c', url('/rest.bin')], { cwd: elsewhere });
    assert.match(stderr, /206 Partial Content/);
    assert.deepEqual(readFileSync(join(elsewhere, 'rest.bin')), LARGE);
    const again = await run('wget', ['-c', url('/rest.bin')], { cwd: elsewhere });
    assert.match(again.stderr, /416 /);
  });

  it('curl -z and --etag-compare do not get again what they have', async () => {
    const path = join(folder, 'large.bin');
    const { stdout } = await run('curl', [
      '-s',
      '-z',
      path,
      '-w',
      '%{http_code}',
      '-o',
      taken,
      url('/large.bin'),
    ]);
    assert.equal(stdout, '304');
    const etag = join(folder, 'etag');
    await run('curl', ['-s', '--etag-save', etag, '-o', taken, url('/large.bin')]);
    const compared = await run('curl', [
      '-s',
      '--etag-compare',
      etag,
      '-w',
      '%{http_code}',
      url('/large.bin'),
    ]);
    assert.equal(compared.stdout, '304');
  });

  it('curl -N reads an event stream to its end', async () => {
    const { stdout } = await run('curl', ['-s', '-N', url('/events')]);
    assert.equal(stdout, 'data: one\n\ndata: two\n\n');
  });
});
