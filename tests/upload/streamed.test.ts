/** Uploads that are read while they come, and sessions of answers that are sent piece by piece. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MemoryStore, Response, Sessions, Worker } from 'usta';

const uploadDirectory = mkdtempSync(join(tmpdir(), 'usta-streamed-test-'));
const sessions = new Sessions<{ path: string }>({ store: new MemoryStore() });
const worker = new Worker('http://127.0.0.1:0', { streamBody: true, maxPackageSize: 5_000_000 });
let receiving: Promise<unknown> | undefined;

worker.onMessage = async (connection, request) => {
  if (request.method === 'POST') {
    const upload = request.multipart({ uploadDirectory, maxFileSize: 1_000_000 });
    receiving = upload;
    const { fields, files } = await upload;
    return connection.send(`${fields.get('a')} ${files[0]?.size}`);
  }
  const session = await sessions.of(request);
  session.set('path', request.path);
  if (request.path === '/file') return connection.send(Response.file(fileURLToPath(import.meta.url)));
  if (request.path === '/source') return connection.send(new Response(200, {}, pieces()));
  assert.throws(() => connection.openEventStream(), { code: 'E_SESSION' });
  await session.save();
  const events = connection.openEventStream();
  events.event({ data: 'a' });
  return events.end();
};

async function* pieces(): AsyncGenerator<string> {
  yield 'a';
  yield 'b';
}

async function emptied(): Promise<void> {
  while (readdirSync(uploadDirectory).length > 0) await new Promise((resolve) => setImmediate(resolve));
}

function post(size: number): Promise<globalThis.Response> {
  const body = new FormData();
  body.append('a', '1');
  body.append('f', new Blob([Buffer.alloc(size)]), 'x');
  return fetch(`http://127.0.0.1:${worker.port}/`, { method: 'POST', body });
}

describe('with streamBody', { timeout: 20_000 }, () => {
  before(() => worker.listen());
  after(async () => {
    await worker.stop();
    rmSync(uploadDirectory, { recursive: true });
  });

  it('an upload is written while it comes, and 413 while it comes', async () => {
    assert.equal(await (await post(1_000_000)).text(), '1 1000000');
    assert.equal((await post(1_000_001)).status, 413);
    await emptied();
  });

  it('the files of a peer that leaves in the middle go with it', async () => {
    const socket = connect(worker.port, '127.0.0.1');
    await once(socket, 'connect');
    const head =
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 1000\r\n\r\n';
    socket.write(`${head}--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\nabcdefgh`);
    while (readdirSync(uploadDirectory).length === 0) await new Promise((resolve) => setImmediate(resolve));
    socket.resetAndDestroy();
    await assert.rejects(async () => receiving, { code: 'E_HTTP_ABORTED' });
    await emptied();
  });

  it('an answer that is sent piece by piece carries the cookie of a session that was saved', async () => {
    const file = await fetch(`http://127.0.0.1:${worker.port}/file`);
    assert.ok((await file.text()).length > 1000);
    assert.match(file.headers.get('set-cookie') ?? '', /^sid=/);
    for (const [path, text] of [
      ['/source', 'ab'],
      ['/events', 'data: a\n\n'],
    ]) {
      const answer = await fetch(`http://127.0.0.1:${worker.port}${path}`);
      assert.equal(await answer.text(), text);
      assert.match(answer.headers.get('set-cookie') ?? '', /^sid=/);
    }
  });
});
