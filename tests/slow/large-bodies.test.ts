import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { get, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { after, before, describe, it } from 'node:test';

const MIB = 1024 ** 2;
const SIZE = 2048 * MIB;
const WARM_UP = 64 * MIB;
/** How far memory may rise above where it is after a small one, in bytes. */
const RISE = 64 * MIB;

describe('2 GiB', { timeout: 240_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'usta-large-'));
  const file = join(folder, 'sparse');
  let server: ChildProcess;
  let port = 0;

  before(async () => {
    writeFileSync(file, '');
    server = fork(join(import.meta.dirname ?? '.', 'large-bodies-server.js'), [file]);
    [port] = (await once(server, 'message')) as [number];
  });
  after(() => {
    server.disconnect();
    rmSync(folder, { recursive: true });
  });

  it('are taken in chunks and by length without memory growing', async (context) => {
    for (const fields of [{ 'Content-Length': SIZE }, { 'Transfer-Encoding': 'chunked' }]) {
      await upload(WARM_UP, {});
      const { now } = await memory();
      assert.equal(await upload(SIZE, fields), String(SIZE));
      const { largest } = await memory();
      context.diagnostic(`resident memory rose by ${Math.round((largest - now) / MIB)} MiB`);
      assert.ok(largest - now < RISE, `memory rose by ${(largest - now) / MIB} MiB`);
    }
  });

  it('are sent from a file without memory growing', async (context) => {
    truncateSync(file, WARM_UP);
    assert.equal(await download(), WARM_UP);
    const { now } = await memory();
    truncateSync(file, SIZE);
    assert.equal(await download(), SIZE);
    const { largest } = await memory();
    context.diagnostic(`resident memory rose by ${Math.round((largest - now) / MIB)} MiB`);
    assert.ok(largest - now < RISE, `memory rose by ${(largest - now) / MIB} MiB`);
  });

  async function memory(): Promise<{ largest: number; now: number }> {
    return (await (await fetch(`http://127.0.0.1:${port}/memory`)).json()) as {
      largest: number;
      now: number;
    };
  }

  async function upload(size: number, headers: Record<string, string | number>): Promise<string> {
    const sending = request({ port, host: '127.0.0.1', method: 'POST', headers });
    const answered = once(sending, 'response');
    await pipeline(Readable.from(zeros(size)), sending);
    const [response] = (await answered) as [Readable];
    return Buffer.concat(await response.toArray()).toString();
  }

  async function download(): Promise<number> {
    const [response] = (await once(get({ port, host: '127.0.0.1' }), 'response')) as [Readable];
    let size = 0;
    for await (const piece of response) size += (piece as Buffer).length;
    return size;
  }
});

function* zeros(size: number): Generator<Buffer> {
  const piece = Buffer.alloc(MIB / 4);
  for (let sent = 0; sent < size; sent += piece.length) yield piece;
}
