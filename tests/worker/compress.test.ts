/** Answers that are compressed, as clients see them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type IncomingMessage, request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, it } from 'node:test';
import { brotliDecompressSync, createGunzip, gunzipSync } from 'node:zlib';
import { type HttpData, Response, Worker } from 'usta';

const TEXT = 'A text that repeats itself. '.repeat(100);
const LONG = 'çok uzun bir metin '.repeat(20_000);

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

type Options = ConstructorParameters<typeof Worker<'http://'>>[1] & object;

async function serve(answer: () => HttpData, options: Options = { compress: true }): Promise<number> {
  const worker = new Worker('http://127.0.0.1:0', options);
  worker.onMessage = (connection) => connection.send(answer());
  await worker.listen();
  closing.push(() => worker.stop());
  return worker.port;
}

async function ask(port: number, accepted?: string, method = 'GET', more = {}): Promise<IncomingMessage> {
  const headers = { ...more, ...(accepted === undefined ? {} : { 'Accept-Encoding': accepted }) };
  const [response] = await once(send({ port, method, headers, agent: false }).end(), 'response');
  return response;
}

async function bytesOf(response: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece);
  return Buffer.concat(pieces);
}

describe('the option compress', { timeout: 20_000 }, () => {
  it('sends text by the coding that the client likes best, and says so', async () => {
    const answer = new Response(200, { ETag: '"1"', Vary: 'Origin' }, TEXT);
    const port = await serve(() => answer);
    for (const [accepted, coding, read] of [
      ['gzip', 'gzip', gunzipSync],
      ['gzip, br', 'br', brotliDecompressSync],
    ] as const) {
      const response = await ask(port, accepted);
      const body = await bytesOf(response);
      const { etag, vary, ...headers } = response.headers;
      assert.deepEqual(
        [etag, vary, headers['content-encoding']],
        ['W/"1"', 'Origin, Accept-Encoding', coding],
      );
      assert.equal(headers['content-length'], String(body.length));
      assert.equal(headers['content-type'], 'text/html; charset=utf-8');
      assert.ok(body.length < 200);
      assert.equal(String(read(body)), TEXT);
      const { headers: same } = await ask(port, accepted, 'HEAD');
      assert.deepEqual({ ...same, date: '' }, { ...response.headers, date: '' });
    }
    for (const accepted of [undefined, 'identity', 'gzip;q=0']) {
      const response = await ask(port, accepted);
      assert.equal(response.headers['content-encoding'], undefined);
      assert.equal(response.headers.vary, 'Origin, Accept-Encoding');
      assert.equal(response.headers.etag, '"1"');
      assert.equal(String(await bytesOf(response)), TEXT);
    }
  });

  it('leaves alone what is short, compressed, not text, or not to be changed', async () => {
    const noise = Buffer.from(Array.from({ length: 2_000 }, (_, n) => (n * n * 31) & 0xff));
    const answers: Response[] = [
      new Response(200, {}, TEXT.slice(0, 1_000)),
      new Response(200, { 'Content-Encoding': 'identity' }, TEXT),
      new Response(200, { 'Content-Type': 'image/png' }, TEXT),
      new Response(200, {}, Buffer.from(TEXT)),
      new Response(200, { 'Cache-Control': 'no-transform' }, TEXT),
      new Response(206, { 'Content-Range': 'bytes 0-2799/9999' }, TEXT),
      new Response(304),
    ];
    for (const answer of answers) {
      const response = await ask(await serve(() => answer), 'gzip');
      const label = JSON.stringify([answer.status, response.headers]);
      assert.equal(response.headers.vary, undefined, label);
      assert.deepEqual(await bytesOf(response), Buffer.from(answer.body as string), label);
    }
    const text = { 'Content-Type': 'text/plain' };
    const response = await ask(await serve(() => new Response(200, text, noise)), 'br;q=0, gzip');
    assert.ok((await bytesOf(response)).length <= noise.length);
  });

  it('compresses strings and bytes that are sent as they are', async () => {
    const response = await ask(await serve(() => TEXT), 'gzip');
    assert.equal(String(gunzipSync(await bytesOf(response))), TEXT);
  });

  it('what is long goes out as it is compressed', async () => {
    for (const [accepted, read] of [
      ['gzip', gunzipSync],
      ['br', brotliDecompressSync],
    ] as const) {
      const port = await serve(
        () => new Response(200, { 'Content-Length': `${Buffer.byteLength(LONG)}` }, LONG),
      );
      const response = await ask(port, accepted);
      assert.equal(response.headers['transfer-encoding'], 'chunked');
      assert.equal(String(read(await bytesOf(response))), LONG);
      const { headers } = await ask(port, accepted, 'HEAD');
      assert.equal(headers['content-length'], undefined);
    }
  });

  it('each piece of a stream arrives before the next is made', async () => {
    const heard: string[] = [];
    async function* pieces() {
      for (const [index, piece] of ['one', 'two', 'three'].entries()) {
        yield piece;
        while (heard.length <= index) await new Promise(setImmediate);
      }
    }
    const port = await serve(() => new Response(200, { 'Content-Type': 'text/plain' }, pieces()));
    const response = await ask(port, 'gzip');
    for await (const piece of response.pipe(createGunzip())) heard.push(String(piece));
    assert.deepEqual(heard, ['one', 'two', 'three']);
  });

  it('a stream that fails is cut, and one that nobody reads is let go, also behind HEAD', async () => {
    let released: () => void = () => {};
    const release = () =>
      new Promise<void>((resolve) => {
        released = resolve;
      });
    const source = (fails: boolean): AsyncIterable<string> => ({
      [Symbol.asyncIterator]: () => ({
        async next() {
          await new Promise(setImmediate);
          if (fails) throw new Error('lost');
          return { done: false, value: TEXT };
        },
        async return() {
          released();
          return { done: true, value: '' };
        },
      }),
    });
    const text = { 'Content-Type': 'text/plain' };
    const failing = await ask(await serve(() => new Response(200, text, source(true))), 'gzip');
    await assert.rejects(bytesOf(failing));

    const port = await serve(() => new Response(200, text, source(false)));
    const left = release();
    (await ask(port, 'gzip')).destroy();
    await left;
    const unread = release();
    await ask(port, 'gzip', 'HEAD');
    await unread;
  });

  it('events are not held back: they are sent as they are', async () => {
    async function* events() {
      yield `data: ${TEXT}\n\n`;
    }
    const port = await serve(() => new Response(200, { 'Content-Type': 'text/event-stream' }, events()));
    const response = await ask(port, 'gzip');
    assert.equal(response.headers['content-encoding'], undefined);
    assert.equal(String(await bytesOf(response)), `data: ${TEXT}\n\n`);
  });

  it('files: whole ones are compressed, with a tag that is known again; parts are not', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'usta-compress-'));
    closing.push(() => rmSync(directory, { recursive: true }));
    const file = join(directory, 'page.txt');
    writeFileSync(file, LONG);
    const port = await serve(() => Response.file(file));
    const response = await ask(port, 'gzip');
    const { etag = '' } = response.headers;
    assert.deepEqual([response.headers['content-encoding'], etag.slice(0, 2)], ['gzip', 'W/']);
    assert.equal(String(gunzipSync(await bytesOf(response))), LONG);
    assert.equal((await ask(port, 'gzip', 'HEAD')).headers['content-encoding'], 'gzip');
    assert.equal((await ask(port, 'gzip', 'GET', { 'If-None-Match': etag })).statusCode, 304);
    const part = await ask(port, 'gzip', 'GET', { Range: 'bytes=0-1999' });
    assert.deepEqual([part.statusCode, part.headers['content-encoding']], [206, undefined]);
    assert.equal((await bytesOf(part)).length, 2_000);
  });

  it('takes a threshold, a level and types; answers of a Fetch handler too', async () => {
    const fetch = () =>
      new globalThis.Response('{"short":true,"sh":1}', { headers: { 'Content-Type': 'a/b' } });
    const worker = new Worker('http://127.0.0.1:0', {
      fetch,
      compress: { threshold: 1, level: 9, types: ['A/b'] },
    });
    await worker.listen();
    closing.push(() => worker.stop());
    const response = await ask(worker.port, 'gzip');
    assert.equal(response.headers.vary, 'Accept-Encoding');
    await bytesOf(response);
  });

  it('is off unless asked for, and what it cannot mean is refused', async () => {
    const response = await ask(await serve(() => TEXT, {}), 'gzip');
    assert.deepEqual([response.headers['content-encoding'], response.headers.vary], [undefined, undefined]);
    for (const compress of [
      { level: 10 },
      { threshold: -1 },
      { types: ['text/*'] },
      { treshold: 1 } as object,
    ])
      assert.throws(() => new Worker('http://127.0.0.1:0', { compress }), { code: 'E_COMPRESS' });
    assert.throws(() => new Worker('http://127.0.0.1:0', { compress: { treshold: 1 } as object }), {
      message: /no option "treshold"; there is threshold$/,
    });
  });
});
