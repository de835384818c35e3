import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Request, Response, staticFiles, Worker } from 'usta';
import { type Connection, Raw, type Served, serve, soon } from './raw.ts';

const LIMIT = { timeout: 10_000 };
const TIME = 784_111_777;
const DATE = 'Sun, 06 Nov 1994 08:49:37 GMT';
const served: Served[] = [];
let folder = '';

before(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'usta-files-')));
  write('plain.txt', 'twelve bytes');
  write('empty.css', '');
  write('large.bin', '');
  truncateSync(join(folder, 'large.bin'), 30_000_000);
});
after(async () => {
  await Promise.all(served.map((one) => one.stop()));
  rmSync(folder, { recursive: true });
});

describe('a response with a file', LIMIT, () => {
  it('has what is needed to ask again, and its bytes', async () => {
    const { port } = await answering(() =>
      Response.file(join(folder, 'plain.txt'), { headers: { 'X-A': 'b' } }),
    );
    const answer = await get(port);
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
    for (const field of [
      'Content-Type: text/plain; charset=utf-8',
      'Content-Length: 12',
      `Last-Modified: ${DATE}`,
      'Accept-Ranges: bytes',
      'X-A: b',
      'Connection: keep-alive',
    ]) {
      assert.ok(answer.includes(`\r\n${field}\r\n`), field);
    }
    assert.match(answer, /\r\n\r\ntwelve bytes$/);
    const [, etag = ''] = /\r\nETag: ("[\w-]+")\r\n/.exec(answer) ?? [];
    const again = await get(port, `If-None-Match: ${etag}\r\n`);
    assert.match(again, /^HTTP\/1\.1 304 Not Modified\r\n/);
    assert.ok(again.includes(`ETag: ${etag}`) && !again.includes('Content-'));
    assert.match(await get(port, `If-Modified-Since: ${DATE}\r\n`), /^HTTP\/1\.1 304 /);
    assert.match(await get(port, 'If-Match: "x"\r\n'), /^HTTP\/1\.1 412 /);
    assert.match(
      await get(port, `Range: bytes=7-\r\nIf-Range: ${etag}\r\n`),
      /^HTTP\/1\.1 206 [\s\S]+bytes 7-11\/12[\s\S]+\r\n\r\nbytes$/,
    );
    assert.match(
      await get(port, 'Range: bytes=7-\r\nIf-Range: "x"\r\n'),
      /^HTTP\/1\.1 200 [\s\S]+twelve bytes$/,
    );
    assert.match(
      await get(port, 'Range: bytes=12-\r\n'),
      /^HTTP\/1\.1 416 [\s\S]+Content-Range: bytes \*\/12\r\n/,
    );
    const head = await get(port, '', 'HEAD');
    assert.match(head, /Content-Length: 12\r\n[\s\S]+\r\n\r\n$/);
  });

  it('whose file may still change has a weak ETag', async () => {
    writeFileSync(join(folder, 'fresh.txt'), 'fresh');
    const { port } = await answering(() => Response.file(join(folder, 'fresh.txt')));
    assert.match(await get(port), /\r\nETag: W\/"/);
  });

  it('has a part of it, a type and a name to be saved under', async () => {
    const { port } = await answering((_connection, request) => {
      if (request.path === '/with') return new Response(404).withFile(join(folder, 'plain.txt'), 7, 3);
      return Response.file(join(folder, 'plain.txt'), { offset: 7, type: 'text/x', download: 'ö.txt' });
    });
    const part = await get(port);
    assert.match(part, /^HTTP\/1\.1 200 [\s\S]+Content-Length: 5\r\n[\s\S]+bytes$/);
    assert.match(
      part,
      /Content-Type: text\/x\r\nContent-Disposition: attachment; filename="_.txt"; filename\*=UTF-8''%C3%B6.txt\r\n/,
    );
    assert.match(await get(port, 'Range: bytes=7-\r\n'), /^HTTP\/1\.1 206 [\s\S]+bytes 7-11\/12/);
    assert.match(await get(port, '', 'GET', '/with'), /^HTTP\/1\.1 404 [\s\S]+\r\n\r\nbyt$/);
    for (const bad of [
      () => Response.file(''),
      () => Response.file('a\0b'),
      () => Response.file('a', { offset: -1 }),
    ]) {
      assert.throws(bad, { code: 'E_HTTP_FILE' });
    }
    assert.throws(() => new Response(200, {}, 'x').withFile('a'), { code: 'E_HTTP_BODY' });
  });

  it('is 404 without one, for directories, devices and pipes, and 200 for nothing', async () => {
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const { port, failures } = await answering((_connection, request) => Response.file(request.path));
    for (const path of [
      `${folder}/none`,
      folder,
      `${folder}/plain.txt/a`,
      '/dev/zero',
      `${folder}/pipe`,
      `/${'a'.repeat(300)}`,
    ]) {
      assert.match(await get(port, '', 'GET', path), /^HTTP\/1\.1 404 [\s\S]+not found\n$/, path);
    }
    assert.match(
      await get(port, '', 'GET', `${folder}/empty.css`),
      /^HTTP\/1\.1 200 [\s\S]+Content-Length: 0\r\n/,
    );
    assert.deepEqual(failures, []);
  });

  it('is closed always: sent, refused, abandoned; and cut when it shrinks', async () => {
    const path = join(folder, 'large.bin');
    const { port, failures, causes } = await answering(() => Response.file(path));
    for (const fields of ['', 'If-None-Match: *\r\n', 'Range: bytes=5-9\r\n']) await get(port, fields);
    await get(port, '', 'HEAD');
    const leaving = new Raw(port);
    leaving.socket.pause();
    leaving.say(ask());
    await soon(() => openOf(path) === 1);
    const shrinking = new Raw(port);
    shrinking.socket.pause();
    shrinking.say(ask());
    await soon(() => openOf(path) === 2);
    leaving.leave();
    await soon(() => openOf(path) === 1);
    truncateSync(path, 100);
    shrinking.socket.resume();
    const heard = await shrinking.untilEnd();
    assert.ok(heard.length < 30_000_000);
    await soon(() => openOf(path) === 0 && causes.length === 6);
    assert.match(String(failures), /^onMessage: the file became \d+ bytes shorter while it was sent$/);
  });
});

describe('staticFiles', LIMIT, () => {
  let port = 0;
  let root = '';

  before(async () => {
    root = join(folder, 'site');
    mkdirSync(join(root, 'sub'), { recursive: true });
    mkdirSync(join(folder, 'site-secret'));
    for (const name of ['secret.txt', 'site-secret/secret.txt']) write(name, 'SECRET');
    for (const name of ['index.html', 'about.html', 'sub/index.html', 'a b.txt', '.hidden', 'ünï.txt'])
      write(`site/${name}`, `<${name}>`);
    write('site/%2e%2e', 'a name like any other');
    symlinkSync('about.html', join(root, 'link.html'));
    symlinkSync('../secret.txt', join(root, 'out.txt'));
    symlinkSync('..', join(root, 'up'));
    symlinkSync('../site-secret', join(root, 'beside'));
    port = (await answering(staticFiles(root, { extensions: ['html'] }))).port;
  });

  it('serves files, indexes, names without their extension, and links that stay inside', async () => {
    const rows: readonly [path: string, body: string][] = [
      ['/', '<index.html>'],
      ['/index.html', '<index.html>'],
      ['/about', '<about.html>'],
      ['/link.html', '<about.html>'],
      ['/sub/', '<sub/index.html>'],
      ['/a%20b.txt?query=/../..', '<a b.txt>'],
      ['/%c3%bcn%C3%AF.txt', Buffer.from('<ünï.txt>').toString('latin1')],
      ['/%252e%252e', 'a name like any other'],
    ];
    for (const [path, body] of rows) {
      const answer = await get(port, '', 'GET', path);
      assert.ok(
        answer.startsWith('HTTP/1.1 200 OK') && answer.endsWith(`\r\n\r\n${body}`),
        `${path}: ${answer}`,
      );
    }
    const page = await get(port);
    assert.match(page, /Cache-Control: no-cache\r\n/);
    assert.match(page, /X-Content-Type-Options: nosniff\r\n/);
    assert.match(await get(port, '', 'GET', '/sub?a=b'), /^HTTP\/1\.1 301 [\s\S]+Location: \/sub\/\?a=b\r\n/);
    assert.match(
      await get(port, 'Range: bytes=1-3\r\n', 'GET', '/about'),
      /^HTTP\/1\.1 206 [\s\S]+\r\n\r\nabo$/,
    );
  });

  it('answers GET and HEAD only', async () => {
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      assert.match(await get(port, '', method), /^HTTP\/1\.1 405 [\s\S]+Allow: GET, HEAD\r\n/);
    }
    assert.match(
      await get(port, '', 'HEAD'),
      /^HTTP\/1\.1 200 [\s\S]+Content-Length: 12\r\n[\s\S]+\r\n\r\n$/,
    );
  });

  it('has options', async () => {
    const one = await answering(
      staticFiles(root, {
        dotfiles: true,
        index: false,
        cacheControl: (path) => `max-age=${path.length}`,
        prefix: '/assets',
      }),
    );
    assert.match(
      await get(one.port, '', 'GET', '/assets/.hidden'),
      /Cache-Control: max-age=15\r\n[\s\S]+<.hidden>$/,
    );
    for (const path of ['/assets/', '/assets', '/.hidden', '/assetsx/.hidden', '/assets//.hidden']) {
      assert.match(await get(one.port, '', 'GET', path), /^HTTP\/1\.1 404 /, path);
    }
    assert.throws(() => staticFiles(join(folder, 'plain.txt')), {
      code: 'E_STATIC_FILES',
      message: /no directory/,
    });
    for (const prefix of ['assets', '/', '/a/']) {
      assert.throws(() => staticFiles(root, { prefix }), { code: 'E_STATIC_FILES' });
    }
  });

  it('follows its root when that is a link that is changed, and stands beside WebSockets', async () => {
    const current = join(folder, 'current');
    for (const release of ['one', 'two']) {
      mkdirSync(join(folder, release));
      write(`${release}/a.txt`, release);
    }
    symlinkSync('one', current);
    const worker = new Worker('websocket://127.0.0.1:0', { closeTimeout: 0.3 });
    worker.onRequest = staticFiles(current);
    await worker.listen();
    assert.match(await get(worker.port, '', 'GET', '/a.txt'), /\r\n\r\none$/);
    rmSync(current);
    symlinkSync('two', current);
    assert.match(await get(worker.port, '', 'GET', '/a.txt'), /\r\n\r\ntwo$/);
    await worker.stop();
  });

  it('never leaves its root, however the way out is written', async () => {
    const ways = waysOut();
    assert.ok(ways.length >= 60, `${ways.length} spellings`);
    for (const way of ways) {
      const answer = await get(port, '', 'GET', way);
      assert.match(answer, /^HTTP\/1\.1 (400|403|404) /, `${way}: ${answer.slice(0, 100)}`);
      assert.ok(!answer.includes('SECRET'), way);
    }
  });
});

/** Spellings of the way to the secret beside the root. */
function waysOut(): string[] {
  const dots = [
    '..',
    '%2e%2e',
    '.%2e',
    '%2E.',
    '%252e%252e',
    '..%00',
    '..;',
    '...',
    '.. ',
    '..%20',
    '%c0%ae%c0%ae',
    '%e0%80%ae%e0%80%ae',
    '%uff0e%uff0e',
    '%ef%bc%8e%ef%bc%8e',
    '..%0d',
    '..%09',
    '%%32%65%%32%65',
  ].map((one) => one.replace(' ', '%20'));
  const slashes = ['/', '%2f', '%2F', '\\', '%5c', '%252f', '%c0%af', '//', '/./', '%e2%88%95'];
  const ways = dots.map((dot) => `/${dot}/secret.txt`);
  for (const slash of slashes) {
    ways.push(`/..${slash}secret.txt`, `/sub/..${slash}..${slash}secret.txt`, `${slash}..${slash}secret.txt`);
  }
  ways.push(
    '/out.txt',
    '/up/secret.txt',
    '/up/',
    '/up',
    '/beside/secret.txt',
    '/beside',
    '/../site-secret/secret.txt',
    '/./secret.txt',
    '/sub/../../secret.txt',
    '/sub/./../../secret.txt',
    '/secret.txt%00.html',
    '/%00/../secret.txt',
    `/${folder}/secret.txt`,
    `//${folder}/secret.txt`,
    `/file://${folder}/secret.txt`,
    '/C:/secret.txt',
    '/C%3a%5csecret.txt',
    '/%5c%5c?%5cC:%5csecret.txt',
    '/index.html::$DATA',
    '/index.html%2e',
    '/index.html%20',
    '/NUL',
    '/con.txt',
    '/COM1',
    '/aux.html',
    '/.hidden',
    '/%2ehidden',
    '/sub/%2e%2e/.hidden',
    '/index.html/',
    '/index.html/..',
    '/~/secret.txt',
    '/%',
    '/%zz',
    '/%ff',
  );
  return ways.map((way) => (way.startsWith('/') ? way : `/${way}`));
}

async function answering(handler: (connection: Connection, request: Request) => unknown): Promise<Served> {
  const one = await serve((connection, request) => {
    const answer = handler(connection, request);
    return answer instanceof Response ? connection.send(answer) : answer;
  });
  served.push(one);
  return one;
}

function ask(fields = '', method = 'GET', path = '/'): string {
  return `${method} ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;
}

/** Asks, and then for the end of the connection. */
async function get(port: number, fields = '', method = 'GET', path = '/'): Promise<string> {
  const client = new Raw(port).say(ask(fields, method, path));
  client.socket.end();
  return client.untilEnd();
}

function write(name: string, content: string | Buffer): void {
  writeFileSync(join(folder, name), content);
  utimesSync(join(folder, name), TIME, TIME);
}

/** How many descriptors of this process are of this file. */
function openOf(path: string): number {
  return readdirSync('/proc/self/fd').filter((name) => {
    try {
      return readlinkSync(`/proc/self/fd/${name}`) === path;
    } catch {
      return false;
    }
  }).length;
}
