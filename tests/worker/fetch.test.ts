/** Handlers of the Fetch API, alone and those of Hono and h3, over real sockets. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request as send } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { getRequestIP, H3 } from 'h3';
import { Hono } from 'hono';
import { setCookie } from 'hono/cookie';
import { streamSSE } from 'hono/streaming';
import { type FetchHandler, type FetchInfo, Worker } from 'usta';
import WebSocket from 'ws';
import { testCertificate } from '../fixtures/certificate.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

type Options = ConstructorParameters<typeof Worker<'http://'>>[1] & object;

/** @returns where it serves. */
async function serve(fetch: FetchHandler, options: Options = {}): Promise<string> {
  const worker = new Worker('http://127.0.0.1:0', { fetch, ...options });
  await worker.listen();
  closing.push(() => worker.stop());
  return `http://127.0.0.1:${worker.port}`;
}

describe('the option fetch', { timeout: 30_000 }, () => {
  it('Hono: routes, JSON, cookies, HEAD, what is not there, and its own errors', async () => {
    const app = new Hono<{ Bindings: FetchInfo }>();
    app.get('/users/:id', (c) => c.json({ id: c.req.param('id'), from: c.env.remoteIp }));
    app.post('/echo', async (c) => c.json({ got: await c.req.json(), type: c.req.header('content-type') }));
    app.get('/cookies', (c) => {
      setCookie(c, 'a', '1');
      setCookie(c, 'b', '2', { expires: new Date(Date.now() + 86_400_000) });
      return c.text(c.req.header('cookie') ?? '');
    });
    app.get('/boom', () => {
      throw new Error('boom');
    });
    app.onError((error, c) => c.text(`caught ${error.message}`, 500));
    const base = await serve(app.fetch);

    const user = await fetch(`${base}/users/7?x=1`);
    assert.deepEqual(await user.json(), { id: '7', from: '127.0.0.1' });
    assert.equal(user.headers.get('content-length'), String('{"id":"7","from":"127.0.0.1"}'.length));
    const body = JSON.stringify({ text: 'çay' });
    const echo = await fetch(`${base}/echo`, { method: 'POST', body, headers: { 'content-type': 'a/b' } });
    assert.deepEqual(await echo.json(), { got: { text: 'çay' }, type: 'a/b' });
    const cookies = await fetch(`${base}/cookies`, {
      headers: [
        ['cookie', 'x=1'],
        ['cookie', 'y=2'],
      ],
    });
    assert.equal(cookies.headers.getSetCookie().length, 2);
    assert.match(await cookies.text(), /^x=1[,;] y=2$/);
    assert.equal((await fetch(`${base}/users/7`, { method: 'HEAD' })).status, 200);
    assert.equal((await fetch(`${base}/none`)).status, 404);
    assert.equal(await (await fetch(`${base}/boom`)).text(), 'caught boom');
  });

  it('Hono: server-sent events, each as it is written; it hears that the peer has left', async () => {
    const app = new Hono();
    let heardSoFar = 0;
    const left = new Promise<void>((resolve) => {
      app.get('/events', (c) =>
        streamSSE(c, async (stream) => {
          stream.onAbort(resolve);
          for (let n = 0; n < 3; n++) {
            await stream.writeSSE({ data: `event ${n}` });
            while (heardSoFar <= n && !stream.aborted) await stream.sleep(5);
          }
        }),
      );
    });
    const base = await serve(app.fetch);
    const away = new AbortController();
    const response = await fetch(`${base}/events`, { signal: away.signal });
    assert.match(response.headers.get('content-type') ?? '', /^text\/event-stream/);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const heard = async () => Buffer.from((await reader.read()).value ?? []).toString();
    assert.equal(await heard(), 'data: event 0\n\n');
    heardSoFar = 1;
    assert.equal(await heard(), 'data: event 1\n\n');
    away.abort();
    await left;
  });

  it('h3: routes, JSON, the address of the client, a stream', async () => {
    const app = new H3();
    app.get('/hello/:name', (event) => ({ hello: event.context.params?.name, ip: getRequestIP(event) }));
    app.post('/sum', async (event) => ((await event.req.json()) as number[]).reduce((a, b) => a + b));
    app.get('/stream', () => ReadableStream.from(['a', 'b'].map((text) => Buffer.from(text))));
    const base = await serve(app.fetch);
    assert.deepEqual(await (await fetch(`${base}/hello/ali`)).json(), { hello: 'ali', ip: '127.0.0.1' });
    assert.equal(await (await fetch(`${base}/sum`, { method: 'POST', body: '[1,2,3]' })).text(), '6');
    assert.equal(await (await fetch(`${base}/stream`)).text(), 'ab');
    assert.equal((await fetch(`${base}/none`)).status, 404);
  });

  it('WebSockets beside it on the same port, on either kind of worker', async () => {
    const app = new Hono();
    app.get('/', (c) => c.text('a page'));
    const http = new Worker('http://127.0.0.1:0', { fetch: app.fetch });
    http.onWebSocketMessage = (connection, message) => connection.send(`http ${message}`);
    const sockets = new Worker('websocket://127.0.0.1:0', { fetch: app.fetch, path: '/wss' });
    sockets.onMessage = (connection, message) => connection.send(`ws ${message}`);
    for (const [worker, answer] of [
      [http, 'http hi'],
      [sockets, 'ws hi'],
    ] as const) {
      await worker.listen();
      closing.push(() => worker.stop());
      assert.equal(await (await fetch(`http://127.0.0.1:${worker.port}/`)).text(), 'a page');
      const peer = new WebSocket(`ws://127.0.0.1:${worker.port}/wss`);
      await once(peer, 'open');
      peer.send('hi');
      assert.equal(String((await once(peer, 'message'))[0]), answer);
      peer.terminate();
    }
  });

  it('tells the URL as the client has asked for it, over TLS and behind a proxy that is trusted', async () => {
    const handler: FetchHandler = (request) => new Response(request.url);
    const base = await serve(handler, { trustProxy: { from: ['loopback'], header: 'forwarded' } });
    assert.equal(await (await fetch(`${base}/a%20b/../c?d=e`)).text(), `${base}/c?d=e`);
    const forwarded = { forwarded: 'for=192.0.2.1;proto=https;host=shop.example' };
    assert.equal(await (await fetch(`${base}/x`, { headers: forwarded })).text(), 'https://shop.example/x');
    assert.match(await raw(base, 'OPTIONS * HTTP/1.1\r\nHost: a:1\r\n\r\n'), /http:\/\/a:1\/\*$/);
    assert.match(await raw(base, 'GET /y HTTP/1.0\r\n\r\n'), /http:\/\/127\.0\.0\.1:\d+\/y$/);

    const { cert, key } = await testCertificate();
    const secure = new Worker('https://127.0.0.1:0', { fetch: handler, ssl: { cert, key } });
    await secure.listen();
    closing.push(() => secure.stop());
    const { request } = await import('node:https');
    const [answer] = await once(
      request({ port: secure.port, ca: cert, host: 'localhost' }).end(),
      'response',
    );
    assert.equal(await textOf(answer), `https://localhost:${secure.port}/`);
  });

  it('gives the body as it comes, and no faster than it is read', async () => {
    const sizes: number[] = [];
    const base = await serve(
      async (request) => {
        const reader = (request.body as ReadableStream<Uint8Array>).getReader();
        for (let read = await reader.read(); !read.done; read = await reader.read())
          sizes.push(read.value.length);
        return new Response(String(sizes.reduce((a, b) => a + b)));
      },
      { maxPackageSize: 20_000_000 },
    );
    const upload = send(base, { method: 'POST' });
    upload.write('first');
    while (sizes.length === 0) await new Promise(setImmediate);
    assert.deepEqual(sizes, [5], 'it was read before the rest was sent');
    for (let n = 0; n < 100; n++) upload.write(Buffer.alloc(100_000));
    upload.end();
    const [answer] = await once(upload, 'response');
    assert.equal(await textOf(answer), String(10_000_005));
    assert.ok(Math.max(...sizes) <= 262_144, 'in pieces');
  });

  it('reads a body in every way of the Fetch API, once', async () => {
    const form = new FormData();
    form.set('name', 'ali');
    const ways: Record<string, (request: globalThis.Request) => unknown> = {
      text: (request) => request.text(),
      json: async (request) => JSON.stringify(await request.json()),
      arrayBuffer: async (request) => String((await request.arrayBuffer()).byteLength),
      clone: async (request) => `${await request.clone().text()} ${await request.text()}`,
      wrapped: (request) => new Request(request, { headers: { x: '1' } }).text(),
      twice: async (request) => {
        await request.text();
        assert.ok(request.bodyUsed);
        assert.throws(() => request.clone(), TypeError);
        return request.text().catch(({ name }) => name);
      },
      form: async (request) => (await request.formData()).get('name'),
      none: (request) => request.method,
    };
    const base = await serve(async (request) => {
      const way = ways[new URL(request.url).pathname.slice(1)];
      return new Response(String(await way?.(request)));
    });
    const post = async (way: string, body: string | FormData) =>
      (await fetch(`${base}/${way}`, { method: 'POST', body })).text();
    for (const body of ['"\ufeffğ"', JSON.stringify('x'.repeat(200_000))]) {
      const answers = {
        text: body,
        json: body,
        arrayBuffer: String(Buffer.byteLength(body)),
        clone: `${body} ${body}`,
        wrapped: body,
      };
      for (const [way, expected] of Object.entries(answers)) {
        const answer = await post(way, body);
        assert.ok(answer === expected, `${way}: ${answer.length} characters, not ${expected.length}`);
      }
      assert.equal(await post('twice', body), 'TypeError');
      assert.equal(await post('none', body), 'POST');
    }
    assert.equal(await post('json', '\ufeff[1]'), '[1]');
    assert.equal(await post('form', form), 'ali');
  });

  it('aborts the signal when the peer leaves, and not after the answer', async () => {
    const signals: AbortSignal[] = [];
    const errors: string[] = [];
    const base = await serve(
      async ({ signal, url }) => {
        signals.push(signal);
        if (url.endsWith('/quick')) return new Response('done');
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        return new Response('never');
      },
      { onError: (_, code, text) => errors.push(`${code} ${text}`) },
    );
    const socket = connect(Number(new URL(base).port), '127.0.0.1');
    socket.write('GET /quick HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'data');
    socket.write('GET /slow HTTP/1.1\r\nHost: a\r\n\r\n');
    while (signals.length < 2) await new Promise(setImmediate);
    socket.destroy();
    await once(signals[1] as AbortSignal, 'abort');
    assert.deepEqual([signals[0]?.aborted, signals[1]?.aborted, errors], [false, true, []]);
  });

  it('aborts the signal of an answer that is still sent, when the peer leaves and when the worker stops', async () => {
    const signals: AbortSignal[] = [];
    const worker = new Worker('http://127.0.0.1:0', {
      fetch: ({ signal }) => {
        signals.push(signal);
        const body = new ReadableStream({
          start: (controller) => controller.enqueue(Buffer.from('data: 1\n\n')),
        });
        return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
      },
    });
    await worker.listen();
    for (const end of [(away: AbortController) => away.abort(), () => void worker.stop()]) {
      const away = new AbortController();
      await fetch(`http://127.0.0.1:${worker.port}/`, { signal: away.signal });
      const signal = signals.pop() as AbortSignal;
      assert.ok(!signal.aborted);
      const aborted = once(signal, 'abort');
      end(away);
      await aborted;
    }
  });

  it('cuts the connection when a body fails on its way, and ends a body that nobody waits for', async () => {
    let cancelled: () => void = () => {};
    const cancelling = new Promise<void>((resolve) => {
      cancelled = resolve;
    });
    const errors: string[] = [];
    const base = await serve(
      ({ url }) =>
        new Response(
          new ReadableStream<Uint8Array>({
            start: (controller) => controller.enqueue(Buffer.from('begun')),
            async pull(controller) {
              await new Promise(setImmediate);
              if (url.endsWith('/fails')) throw new Error('lost');
              controller.enqueue(Buffer.alloc(65_536));
            },
            cancel: cancelled,
          }),
        ),
      { onError: (_, code, text) => errors.push(`${code} ${text}`) },
    );
    await assert.rejects((await fetch(`${base}/fails`)).text());
    assert.deepEqual(errors, ['3 onMessage: lost']);
    const away = new AbortController();
    await fetch(`${base}/endless`, { signal: away.signal });
    away.abort();
    await cancelling;
  });

  it('passes on what the handler has fetched, with the headers that still fit', async () => {
    const text = 'x'.repeat(5_000);
    const upstream = createServer((_, response) => {
      response.writeHead(201, { 'Content-Encoding': 'gzip', 'X-More': 'kept', Connection: 'close' });
      response.end(gzipSync(text));
    }).listen(0, '127.0.0.1');
    closing.push(() => upstream.close());
    await once(upstream, 'listening');
    const { port } = upstream.address() as AddressInfo;
    const base = await serve(() => fetch(`http://127.0.0.1:${port}/`));
    const response = await fetch(base);
    assert.deepEqual([response.status, response.headers.get('x-more')], [201, 'kept']);
    assert.equal(response.headers.get('content-encoding'), null);
    assert.equal(await response.text(), text);
  });

  it('a status without a body has none, and HEAD has the length that is known', async () => {
    const base = await serve(({ url }) => {
      if (url.endsWith('/304')) return new Response(null, { status: 304, headers: { etag: '"a"' } });
      if (url.endsWith('/length')) return new Response('12345', { headers: { 'content-length': '5' } });
      return new Response(null, { status: 204 });
    });
    assert.equal(await raw(base, 'GET /304 HTTP/1.0\r\n\r\n'), headOf('304 Not Modified', 'etag: "a"'));
    assert.equal(await raw(base, 'GET / HTTP/1.0\r\n\r\n'), headOf('204 No Content'));
    assert.match(await raw(base, 'HEAD /length HTTP/1.0\r\n\r\n'), /Content-Length: 5\r\n.*\r\n\r\n$/s);
    assert.doesNotMatch(await raw(base, 'HEAD / HTTP/1.0\r\n\r\n'), /Content-Length/i);
  });

  it('answers 500 for what cannot be sent and tells why; 400 and 501 for what Fetch has no words for', async () => {
    const told: string[] = [];
    const wrong: Record<string, () => unknown> = {
      '/throws': () => {
        throw new Error('a bug');
      },
      '/none': () => undefined,
      '/error': () => globalThis.Response.error(),
      '/used': async () => {
        const response = new Response('x');
        await response.text();
        return response;
      },
    };
    const base = await serve(
      async ({ url }) => (await wrong[new URL(url).pathname]?.()) as globalThis.Response,
      { onError: (_, __, text) => told.push(text) },
    );
    for (const path of Object.keys(wrong)) assert.equal((await fetch(`${base}${path}`)).status, 500, path);
    assert.deepEqual(told, [
      'onMessage: a bug',
      'onMessage: a Fetch handler answers with a Response',
      'onMessage: a Fetch handler answered with Response.error()',
      'onMessage: the body of this Response was read already',
    ]);
    assert.match(
      await raw(base, 'TRACK / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'),
      /^HTTP\/1.1 501/,
    );
    assert.match(
      await raw(base, 'GET / HTTP/1.1\r\nHost: a%zz\r\nConnection: close\r\n\r\n'),
      /^HTTP\/1.1 400/,
    );
  });

  it('is refused where it cannot be meant', () => {
    const fetch = () => new Response('');
    assert.throws(() => new Worker('tcp://127.0.0.1:0', { fetch }), { code: 'E_FETCH' });
    assert.throws(() => new Worker('websocket://', { fetch }), { code: 'E_FETCH' });
    assert.throws(() => new Worker('http://127.0.0.1:0', { fetch, onMessage: () => {} }), {
      code: 'E_FETCH',
    });
    assert.throws(() => new Worker('ws://127.0.0.1:0', { fetch, onRequest: () => {} }), { code: 'E_FETCH' });
  });
});

function headOf(status: string, ...fields: string[]): string {
  return [`HTTP/1.1 ${status}`, ...fields, 'Connection: close', '', ''].join('\r\n');
}

/** Says something on a connection of its own. @returns the answer without its Date, when the server has ended. */
async function raw(base: string, text: string): Promise<string> {
  const socket = connect(Number(new URL(base).port), '127.0.0.1').setEncoding('latin1');
  socket.end(text);
  return (await textOf(socket)).replace(/Date: .*\r\n/, '');
}

async function textOf(pieces: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}
