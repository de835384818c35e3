/** Cookies, forms and uploads as a client that is not ours sends them, and what stays on the disk. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { type HttpData, Request, Response, subscribe, type TcpConnection, UsageError, Worker } from 'usta';
import { Headers } from '../../src/protocol/http/headers.ts';
import { safeName } from '../../src/upload/safe-name.ts';

const directory = mkdtempSync(join(tmpdir(), 'usta-upload-test-'));
const kept = join(directory, 'kept');
const uploads = join(directory, 'uploads');
const failures: unknown[] = [];
const worker = new Worker('http://127.0.0.1:0');

type Handler = (request: Request, connection: TcpConnection<HttpData>) => Promise<HttpData> | HttpData;
let handle: Handler;

worker.onMessage = async (connection, request) => connection.send(await handle(request, connection));

async function post(body: RequestInit['body'], handler: Handler, headers: Record<string, string> = {}) {
  handle = handler;
  const answer = await fetch(`http://127.0.0.1:${worker.port}/`, {
    method: 'POST',
    body: body ?? null,
    headers,
  });
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
}

function form(
  ...entries: readonly (readonly [name: string, value: string | Blob, filename?: string])[]
): FormData {
  const data = new FormData();
  for (const [name, value, filename] of entries) {
    if (typeof value === 'string') data.append(name, value);
    else data.append(name, value, filename);
  }
  return data;
}

/** Waits until no upload has a directory. */
async function emptied(): Promise<void> {
  while (readdirSync(uploads).length > 0) await new Promise((resolve) => setImmediate(resolve));
}

describe('forms and uploads', { timeout: 30_000 }, () => {
  before(async () => {
    for (const one of [kept, uploads]) mkdirSync(one);
    subscribe('usta:handler:failed', ({ error }) => failures.push(error));
    await worker.listen();
  });

  after(async () => {
    await worker.stop();
    rmSync(directory, { recursive: true });
  });

  it('cookies come and go', async () => {
    const { headers } = await post(
      '',
      (request) =>
        new Response().cookie('b', request.cookie('a') ?? '').cookie('c', String(request.cookies.size)),
      { Cookie: 'a=1; d=2' },
    );
    assert.deepEqual(headers.getSetCookie(), [
      'b=1; Path=/; HttpOnly; SameSite=Lax',
      'c=2; Path=/; HttpOnly; SameSite=Lax',
    ]);
  });

  it('a form that was sent as browsers do by default', async () => {
    const { text } = await post(
      new URLSearchParams({ a: 'é +', b: '2' }),
      (request) => `${request.post('a')}${request.post('c')}`,
    );
    assert.equal(text, 'é +null');
  });

  it('a body that is not what a handler reads is the fault of its sender: 400, 413, 415, and the connection goes on', async () => {
    assert.deepEqual((await post('{', (request) => String(request.json()))).status, 400);
    const wrong = await post('a=1', (request) => request.post('a') ?? '');
    assert.deepEqual(
      [wrong.status, wrong.text],
      [415, 'a form is sent as application/x-www-form-urlencoded\n'],
    );
    assert.notEqual(wrong.headers.get('connection'), 'close');
    assert.equal(
      (await post('a', async (request) => `${(await request.multipart()).files.length}`)).status,
      415,
    );
    assert.deepEqual(failures, []);
  });

  it('a fault of the handler is still a 500', async () => {
    const { status } = await post('', () => {
      throw new UsageError('E_X', 'x');
    });
    assert.deepEqual([status, failures.splice(0).length], [500, 1]);
  });

  it('parts one after the other, in pieces, whole, or passed over', async () => {
    const big = Buffer.alloc(300_000, 'x');
    const body = form(
      ['a', '1'],
      ['skipped', new Blob([big]), 'x'],
      ['f', new Blob([big], { type: 'a/b' }), '../é.bin'],
      ['b', '2'],
    );
    const { text } = await post(body, async (request) => {
      const seen: unknown[] = [];
      for await (const part of request.parts()) {
        if (part.name === 'skipped') continue;
        if (!part.isFile) seen.push(part.name, await part.text());
        else {
          let size = 0;
          for await (const piece of part) size += piece.length;
          seen.push(part.filename, part.safeName, part.type, size);
        }
      }
      return JSON.stringify(seen);
    });
    assert.deepEqual(JSON.parse(text), ['a', '1', '../é.bin', 'é.bin', 'a/b', 300_000, 'b', '2']);
  });

  it('a body that comes in pieces is read no faster than its parts', async () => {
    const pieces = [
      '--b\r\nContent-Disposition: form-data; name="a"; fil',
      'ename="x"\r\n\r\n1234567890',
      '1234567890',
      '1\r\n--b',
      '--',
    ];
    let taken = 0;
    const request = streamed(pieces, () => taken++);
    const seen: number[] = [];
    for await (const part of request.parts()) for await (const _ of part) seen.push(taken);
    assert.deepEqual(seen, [2, 3, 4]);
  });

  it('a part is read once, and before the next', async () => {
    const body = [
      '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b\r\nContent-Disposition: form-data; name="c"\r\n\r\n2\r\n--b--',
    ];
    const parts = streamed(body).parts();
    const first = (await parts.next()).value;
    assert.equal(await first?.text(), '1');
    await assert.rejects(async () => first?.text(), { code: 'E_UPLOAD' });
    const second = (await parts.next()).value;
    const reading = second?.[Symbol.asyncIterator]();
    await reading?.next();
    await assert.rejects(parts.next(), { code: 'E_UPLOAD' });
  });

  it('files are there while the request is handled, for this user alone, and then gone unless they were moved', async () => {
    const body = form(
      ['title', 'é'],
      ['title', '2'],
      ['f', new Blob(['one']), 'a.txt'],
      ['f', new Blob(['two']), 'b.txt'],
      ['none', new Blob([]), ''],
    );
    const { text } = await post(body, async (request) => {
      const upload = await request.multipart({ uploadDirectory: uploads });
      const [one, two] = upload.files;
      assert.ok(one && two && upload.files.length === 2);
      assert.equal(upload.file('f'), one);
      assert.deepEqual([one.filename, one.size, readFileSync(one.path, 'utf8')], ['a.txt', 3, 'one']);
      assert.equal(statSync(one.path).mode & 0o777, 0o600);
      assert.equal(statSync(join(one.path, '..')).mode & 0o777, 0o700);
      await two.moveTo(join(kept, two.safeName));
      assert.equal(two.path, join(kept, 'b.txt'));
      return upload.fields.getAll('title').join();
    });
    assert.equal(text, 'é,2');
    await emptied();
    assert.equal(readFileSync(join(kept, 'b.txt'), 'utf8'), 'two');
  });

  it('more than the limits allow is answered 413, and leaves nothing', async () => {
    const body = () => form(['a', 'x'.repeat(20)], ['f', new Blob(['y'.repeat(30)]), 'a']);
    for (const limits of [
      { maxFieldSize: 19 },
      { maxFileSize: 29 },
      { maxFields: 0 },
      { maxFiles: 0 },
      { maxSize: 90 },
      { maxHeaderSize: 20 },
    ]) {
      const { status, text } = await post(body(), async (request) => {
        await request.multipart({ ...limits, uploadDirectory: uploads });
        return '';
      });
      assert.equal(status, 413, `${JSON.stringify(limits)} ${text}`);
      await emptied();
    }
    const unsaid = { maxFields: undefined, maxFileSize: undefined, maxSize: 90 } as never;
    assert.equal((await post(body(), async (request) => `${await request.multipart(unsaid)}`)).status, 413);
    const exact = {
      maxFieldSize: 20,
      maxFileSize: 30,
      maxFields: 1,
      maxFiles: 1,
      maxSize: 1000,
      maxHeaderSize: 100,
    };
    assert.equal(
      (await post(body(), async (request) => `${(await request.multipart(exact)).files.length}`)).text,
      '1',
    );
  });

  it('an option that is none, or no number, is a mistake of the handler', async () => {
    for (const options of [{ maxFile: 1 }, { maxFiles: 1.5 }, { maxFiles: '1' }])
      await assert.rejects(streamed([]).multipart(options as never), { code: 'E_UPLOAD' });
  });

  it('what is malformed, or a body that breaks off, leaves nothing', async () => {
    const head = '--b\r\nContent-Disposition: form-data; name="a"; filename="x"\r\n\r\nabc';
    await assert.rejects(streamed([head]).multipart({ uploadDirectory: uploads }), { status: 400 });
    assert.deepEqual(readdirSync(uploads), []);
    const broken = streamed([head, new Error('the peer has gone')]);
    await assert.rejects(broken.multipart({ uploadDirectory: uploads }), /the peer has gone/);
    assert.deepEqual(readdirSync(uploads), []);
  });

  it('a connection that closes before the answer takes its files along', async () => {
    const closed = new Promise<void>((resolve) => {
      handle = async (request, connection) => {
        const [file] = (await request.multipart({ uploadDirectory: uploads })).files;
        assert.ok(file && existsSync(file.path));
        socket.resetAndDestroy();
        await new Promise<void>((gone) => {
          connection.onClose = () => gone();
        });
        resolve();
        return '';
      };
    });
    const socket = connect(worker.port, '127.0.0.1');
    await once(socket, 'connect');
    const body = '--b\r\nContent-Disposition: form-data; name="a"; filename="x"\r\n\r\nabc\r\n--b--';
    socket.write(
      `POST / HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
    );
    await closed;
    await emptied();
  });

  it('a process that ends takes the files along', () => {
    const program = `
      const { Request } = await import(process.argv[1]);
      const { Headers } = await import(process.argv[2]);
      const headers = new Headers('content-type: multipart/form-data; boundary=b\\r\\n\\r\\n');
      const body = '--b\\r\\nContent-Disposition: form-data; name="a"; filename="x"\\r\\n\\r\\nabc\\r\\n--b--';
      const head = { method: 'POST', target: '/', resource: '/', version: '1.1', headers };
      const { files } = await new Request(head, Buffer.from(body)).multipart({ uploadDirectory: process.argv[3] });
      console.log(files[0].path);
      process.exit();`;
    const modules = ['index.js', 'protocol/http/headers.js'].map(
      (one) => new URL(`../../src/${one}`, import.meta.url).href,
    );
    const { stdout } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', program, ...modules, uploads],
      { encoding: 'utf8' },
    );
    assert.ok(stdout.startsWith(uploads));
    assert.deepEqual(readdirSync(uploads), []);
  });

  it('what a process that was killed left behind is removed after a day', async () => {
    const [old, young] = ['usta-upload-old', 'usta-upload-young'].map((name) => join(directory, name));
    for (const one of [old, young]) mkdirSync(one ?? '');
    utimesSync(old ?? '', 1, 1);
    const body = ['--b\r\nContent-Disposition: form-data; name="a"; filename="x"\r\n\r\nabc\r\n--b--'];
    const upload = await streamed(body).multipart({ uploadDirectory: directory });
    while (existsSync(old ?? '')) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(existsSync(young ?? ''));
    await upload.remove();
    assert.equal(existsSync(upload.files[0]?.path ?? ''), false);
  });

  it('a directory that is not there is named', async () => {
    const body = ['--b\r\nContent-Disposition: form-data; name="a"; filename="x"\r\n\r\nabc\r\n--b--'];
    await assert.rejects(streamed(body).multipart({ uploadDirectory: '/nowhere' }), {
      code: 'ENOENT',
      message: /uploadDirectory/,
    });
  });
});

describe('safeName', () => {
  it('is never a way out, hidden, empty, or too long', () => {
    const names = [
      '../../etc/passwd',
      'C:\\a\\b.txt',
      '.htaccess',
      '..',
      '',
      'a\0b\r\n.txt',
      'x ‮gpj.exe',
      'con.txt',
      'a/',
      ' a. ',
    ];
    assert.deepEqual(names.map(safeName), [
      'passwd',
      'b.txt',
      'htaccess',
      'file',
      'file',
      'ab.txt',
      'x gpj.exe',
      '_con.txt',
      'file',
      'a',
    ]);
    const long = safeName(`${'é'.repeat(300)}.tar`);
    assert.ok(Buffer.byteLength(long) <= 255 && long.endsWith('é.tar'));
  });
});

/** A request whose body comes in pieces; an error is how it breaks off. */
function streamed(pieces: readonly (string | Error)[], took: () => void = () => {}): Request {
  const request = new Request({
    method: 'POST',
    target: '/',
    resource: '/',
    version: '1.1',
    headers: new Headers('content-type: multipart/form-data; boundary=b\r\n\r\n'),
  });
  async function* body() {
    for (const piece of pieces) {
      if (piece instanceof Error) throw piece;
      took();
      yield Buffer.from(piece);
    }
  }
  return Object.assign(request, { [Symbol.asyncIterator]: body });
}
