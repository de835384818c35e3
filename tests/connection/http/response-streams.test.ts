import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { after, describe, it } from 'node:test';
import { type BodyStream, Chunk, type Request, Response, type ResponseStream, ServerSentEvents } from 'usta';
import { BaseWorker } from '../../../src/worker/worker.ts';
import { type Connection, post, Raw, type Served, serve, soon } from './raw.ts';

const LIMIT = { timeout: 10_000 };
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const NEXT = 'GET /next HTTP/1.1\r\nHost: a\r\n\r\n';
const HEAD = 'HEAD / HTTP/1.1\r\nHost: a\r\n\r\n';
const TEXT = { 'Content-Type': 'text/plain' };
const served: Served[] = [];

describe('an answer that is streamed', LIMIT, () => {
  after(() => Promise.all(served.map((one) => one.stop())));

  it('RFC 9112 §7.1 goes in chunks, and the next answer behind it', async () => {
    const { port } = await answering(
      () => new Response(200, TEXT, pieces('one', Buffer.from('two'), '', 'é')),
    );
    assert.equal(
      withoutDate(await hear(port, GET + NEXT, /next$/)),
      'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n' +
        '3\r\none\r\n3\r\ntwo\r\n2\r\n\xc3\xa9\r\n0\r\n\r\n' +
        'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 4\r\nConnection: keep-alive\r\n\r\nnext',
    );
  });

  it('RFC 9112 §6.3 goes to HTTP/1.0 until the end of the connection', async () => {
    const { port } = await answering(() => new Response(200, {}, pieces('one', 'two')));
    const answer = await new Raw(port).say('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n').untilEnd();
    assert.match(answer, /\r\nContent-Type: application\/octet-stream\r\nConnection: close\r\n\r\nonetwo$/);
    assert.doesNotMatch(answer, /chunked/);
  });

  it('RFC 9112 §6.2 has the Content-Length that was set; more or less cuts the connection', async () => {
    for (const [body, right] of [
      ['12345', true],
      ['123', false],
      ['1234567', false],
    ] as const) {
      const { port, failures } = await answering(
        () => new Response(200, { 'Content-Length': '5' }, pieces('', body)),
      );
      const client = new Raw(port).say(GET + NEXT);
      if (right) assert.match(await client.until(/next$/), /Content-Length: 5\r\n[\s\S]+\r\n\r\n12345HTTP/);
      else {
        assert.doesNotMatch(await client.untilEnd(), /next/);
        assert.match(String(failures), /^onMessage: the body .+ Content-Length$/);
      }
      client.leave();
    }
  });

  it('RFC 9110 §9.3.2 is not asked for by HEAD, and is released', async () => {
    for (const source of [pieces('one'), Readable.from(['one']), webStream('one')]) {
      let asked = false;
      const { port } = await answering(
        () =>
          new Response(
            200,
            {},
            watched(source, () => (asked = true)),
          ),
      );
      const answer = await hear(port, HEAD + NEXT, /next$/);
      assert.match(
        answer,
        /^HTTP\/1\.1 200 OK[\s\S]+Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\nHTTP/,
      );
      assert.equal(asked, false);
    }
    const readable = Readable.from(['one']);
    const { port } = await answering(() => new Response(200, {}, readable));
    await hear(port, HEAD + NEXT, /next$/);
    assert.ok(readable.destroyed);
  });

  it('comes from streams of Node and of the web, and from the request itself', async () => {
    const { port } = await answering(
      (_connection, request) => {
        if (request.method === 'POST') return new Response(200, {}, request);
        const source = request.path === '/web' ? webStream('web') : Readable.from(['no', 'de']);
        return new Response(200, {}, source);
      },
      { streamBody: true },
    );
    assert.match(await hear(port, GET, /0\r\n\r\n$/), /2\r\nno\r\n2\r\nde\r\n0\r\n\r\n$/);
    assert.match(await hear(port, GET.replace('/ ', '/web '), /0\r\n\r\n$/), /3\r\nweb\r\n0\r\n\r\n$/);
    const echo = new Raw(port).say(post('Content-Length: 6', 'abc'));
    await echo.until(/3\r\nabc\r\n$/);
    await echo.say('def').until(/3\r\ndef\r\n0\r\n\r\n$/);
    echo.leave();
  });

  it('is asked for more only while the peer takes it, and is released when the peer leaves', async () => {
    let asked = 0;
    let released = false;
    let connection: Connection | undefined;
    const { port, causes } = await answering((self) => {
      connection = self;
      return new Response(200, {}, endless());
    });
    async function* endless(): AsyncGenerator<Buffer> {
      try {
        for (;;) yield Buffer.alloc(65_536, asked++);
      } finally {
        released = true;
      }
    }
    const client = new Raw(port);
    client.socket.pause();
    client.say(GET);
    await soon(() => (connection?.bufferedBytes ?? 0) > 200_000);
    const before = asked;
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(asked, before);
    assert.ok((connection?.bufferedBytes ?? 0) < 400_000);
    client.socket.resume();
    await soon(() => asked > before + 20);
    client.leave();
    await soon(() => released && causes.length === 1);
  });

  it('that fails in the middle never looks whole, and is told as the failure of the handler', async () => {
    const { port, failures, causes } = await answering(() => new Response(200, {}, failing()));
    async function* failing(): AsyncGenerator<string> {
      yield 'begun';
      await client.until(/begun/);
      throw new Error('the disk is gone');
    }
    const client = new Raw(port).say(GET + NEXT);
    assert.match(await client.untilEnd(), /begun\r\n$/);
    await soon(() => causes.length === 1);
    assert.deepEqual(failures, ['onMessage: the disk is gone']);
    assert.deepEqual([causes[0]?.by, causes[0]?.how], ['us', 'handler']);
  });

  it('refuses what is no text, no bytes and no stream, and a body where none may be', async () => {
    for (const body of [1, {}, ['a']]) {
      assert.throws(() => new Response(200, {}, body as never), { code: 'E_HTTP_BODY' });
    }
    assert.throws(() => new Response(204, {}, pieces('x')), { code: 'E_HTTP_BODY' });
    const { port, failures } = await answering(() => new Response(200, {}, Readable.from([{ a: 1 }])));
    await new Raw(port).say(GET).untilEnd();
    assert.match(
      String(failures),
      /onMessage: a body consists of text and bytes, not of values of type object/,
    );
  });

  it('is finished before close() and a stop end the connection', async () => {
    const { port } = await answering((connection) => {
      connection.close(new Response(200, {}, pieces('one', 'two')));
    });
    assert.match(await new Raw(port).say(GET).untilEnd(), /one[\s\S]+two\r\n0\r\n\r\n$/);

    let go = (): void => {};
    const waiting = await answering(() => new Response(200, {}, slow()));
    async function* slow(): AsyncGenerator<string> {
      yield 'one';
      await new Promise<void>((resolve) => (go = resolve));
      yield 'two';
    }
    const client = new Raw(waiting.port).say(GET);
    await client.until(/one/);
    const stopped = waiting.stop();
    go();
    assert.match(await client.untilEnd(), /one[\s\S]+two\r\n0\r\n\r\n$/);
    await stopped;
  });
});

describe('an answer by hand', LIMIT, () => {
  after(() => Promise.all(served.map((one) => one.stop())));

  it('is written, drained, and ended with trailers', async () => {
    const waits: boolean[] = [];
    const { port } = await answering(async (connection) => {
      const stream = connection.openStream(new Response(201, TEXT, 'begun'));
      for (let count = 0; count < 100; count++) {
        if (stream.write(Buffer.alloc(65_536))) continue;
        waits.push(stream.isOpen);
        await stream.drained;
      }
      stream.end({ 'X-Sum': 'abc' });
      await stream.closed;
      waits.push(stream.isOpen, stream.write('late'));
    });
    const client = new Raw(port);
    client.socket.pause();
    client.say(GET + NEXT);
    await soon(() => waits.length > 0);
    client.socket.resume();
    const answer = await client.until(/next$/);
    assert.match(answer, /^HTTP\/1\.1 201 Created[\s\S]+\r\n\r\n5\r\nbegun\r\n10000\r\n/);
    assert.match(answer, /\r\n0\r\nX-Sum: abc\r\n\r\nHTTP\/1\.1 200/);
    assert.deepEqual([waits[0], waits.slice(-2)], [true, [false, false]]);
    client.leave();
  });

  it('does not open without a request, twice, or over a stream; a bad trailer or a missing end cuts it', async () => {
    const codes: string[] = [];
    const { port, failures } = await answering((connection, request) => {
      if (request.path === '/trailer') connection.openStream().end({ 'Content-Length': '1' });
      else if (request.path === '/throws') {
        connection.openStream().write('begun');
        throw new Error('no end');
      } else {
        for (const response of [
          new Response(200, {}, pieces('a')),
          new Response(204),
          new Response(),
          new Response(),
        ]) {
          try {
            stream = connection.openStream(response);
          } catch (error) {
            codes.push((error as { code: string }).code);
          }
        }
        assert.throws(() => connection.send('twice'), { code: 'E_HTTP_NO_REQUEST' });
        stream?.end();
        assert.throws(() => connection.openStream(), { code: 'E_HTTP_NO_REQUEST' });
      }
    });
    let stream: ResponseStream | undefined;
    await hear(port, GET + NEXT, /next$/);
    assert.deepEqual(codes, ['E_HTTP_BODY', 'E_HTTP_BODY', 'E_HTTP_NO_REQUEST']);
    assert.doesNotMatch(await new Raw(port).say(GET.replace('/ ', '/trailer ')).untilEnd(), /0\r\n\r\n$/);
    assert.equal(await new Raw(port).say(GET.replace('/ ', '/throws ')).untilEnd(), '', 'nothing had left');
    assert.match(String(failures), /Content-Length cannot be a trailer .+,onMessage: no end/);
  });

  it("takes Workerman's words: Chunk, an empty one at the end; also for HEAD", async () => {
    const { port } = await answering((connection) => {
      assert.throws(() => connection.send(new Chunk('early')), { code: 'E_HTTP_NO_STREAM' });
      connection.send(new Response(200, { 'Transfer-Encoding': 'chunked' }, 'first'));
      connection.send(new Chunk('second'));
      assert.throws(() => connection.send('no chunk'), { code: 'E_HTTP_NO_REQUEST' });
      connection.send(new Chunk(''));
    });
    assert.match(await hear(port, GET + NEXT, /next$/), /\r\n\r\n5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\nHTTP/);
    assert.match(await hear(port, HEAD + NEXT, /next$/), /chunked\r\nConnection: keep-alive\r\n\r\nHTTP/);
  });

  it('whoever writes on without waiting is cut off at maxQueued', async () => {
    let refused = false;
    const { port, causes } = await answering(
      (connection) => {
        const stream = connection.openStream();
        for (let count = 0; count < 2_000 && stream.isOpen; count++) stream.write(Buffer.alloc(65_536));
        refused = !stream.write('more');
      },
      { maxQueued: 1_000_000 },
    );
    const client = new Raw(port);
    client.socket.pause();
    client.say(GET);
    await soon(() => causes.length === 1);
    assert.deepEqual([refused, causes[0]?.how], [true, 'limit']);
    client.leave();
  });

  it('a peer that takes nothing for idleTimeout is cut off', async () => {
    const { port, causes } = await answering(
      () => new Response(200, {}, pieces(...Array(100).fill(Buffer.alloc(100_000)))),
      {
        idleTimeout: 0.3,
      },
    );
    const client = new Raw(port);
    client.socket.pause();
    client.say(GET);
    await soon(() => causes.length === 1);
    assert.equal(causes[0]?.how, 'deadline');
    client.leave();
  });
});

describe('server-sent events', LIMIT, () => {
  after(() => Promise.all(served.map((one) => one.stop())));

  it('WHATWG HTML §9.2 are sent as fields and lines, with a heartbeat', async () => {
    const { port } = await answering((connection) => {
      const events = connection.openEventStream({ heartbeat: 0.2, headers: { 'X-A': 'b' } });
      events.event({ event: 'news', id: 7, retry: 1000, comment: 'hi', data: 'one\r\ntwo\rthree\n' });
      assert.throws(() => events.event({ event: 'a\nb' }), { code: 'E_HTTP_EVENT' });
      assert.throws(() => events.event({ id: 'a\0' }), { code: 'E_HTTP_EVENT' });
      assert.throws(() => events.event({ retry: 0.5 }), { code: 'E_HTTP_EVENT' });
    });
    const client = new Raw(port).say(GET);
    const answer = await client.until(/\n:\n\n/);
    assert.match(
      answer,
      /Content-Type: text\/event-stream\r\nCache-Control: no-cache\r\nX-Accel-Buffering: no\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n/,
    );
    assert.match(
      answer,
      /\n: hi\nevent: news\nid: 7\nretry: 1000\ndata: one\ndata: two\ndata: three\ndata: \n\n\r\n/,
    );
    client.leave();
  });

  it("take Workerman's words", async () => {
    const { port } = await answering((connection) => {
      connection.send(new Response(200, { 'Content-Type': 'text/event-stream' }));
      connection.send(new ServerSentEvents({ event: 'message', data: 'hello', id: 1, '': 'a comment' }));
      connection.send(new ServerSentEvents({}));
      connection.close();
    });
    const answer = await new Raw(port).say(GET).untilEnd();
    assert.match(answer, /\n: a comment\nevent: message\nid: 1\ndata: hello\n\n\r\n3\r\n:\n\n\r\n0\r\n\r\n$/);
  });

  it('are ended in order when the server stops, so that the browser connects again', async () => {
    const { port, stop, causes } = await answering((connection) => {
      connection.openEventStream().event({ data: 'hello' });
    });
    const client = new Raw(port).say(GET);
    await client.until(/hello/);
    const begun = performance.now();
    const stopped = stop();
    assert.match(await client.untilEnd(), /\r\n0\r\n\r\n$/);
    await stopped;
    assert.ok(performance.now() - begun < 900, 'long before drainTimeout');
    assert.equal(causes[0]?.by, 'us');
  });
});

describe('a reload', LIMIT, () => {
  it('ends event streams at its rate, and hurries nobody else', async () => {
    const worker = new BaseWorker<'http'>('http://127.0.0.1:0', { closeTimeout: 0.3, drainTimeout: 5 });
    worker.onMessage = (connection, request) => {
      if (request.path === '/next') connection.send('next');
      else connection.openEventStream().event({ data: 'hello' });
    };
    await worker.listen();
    const clients = [1, 2, 3].map(() => new Raw(worker.port).say(GET));
    const idle = new Raw(worker.port).say(NEXT);
    await Promise.all([...clients, idle].map((client) => client.until(/hello|next/)));
    const ends: number[] = [];
    const departed = worker.depart({ code: 1012, rate: 20, lingering: true });
    for (const client of clients) void client.until(/\n0\r\n\r\n$/).then(() => ends.push(performance.now()));
    await soon(() => ends.length === 3);
    assert.ok((ends[2] ?? 0) - (ends[0] ?? 0) > 80, 'not all at once');
    assert.match(await idle.say(NEXT).untilEnd(), /next[\s\S]+Connection: close[\s\S]+next$/);
    await departed;
  });
});

/** Answers `/next` by itself; a `Response` that comes back is sent. */
async function answering(
  handler: (connection: Connection, request: Request) => unknown,
  options: Parameters<typeof serve>[1] = {},
): Promise<Served> {
  const one = await serve((connection, request) => {
    if (request.path === '/next') return connection.send('next');
    const answer = handler(connection, request);
    return answer instanceof Response ? connection.send(answer) : answer;
  }, options);
  served.push(one);
  return one;
}

async function hear(port: number, text: string, pattern: RegExp): Promise<string> {
  const client = new Raw(port).say(text);
  const heard = await client.until(pattern);
  client.leave();
  return heard;
}

async function* pieces(...all: (string | Buffer)[]): AsyncGenerator<string | Buffer> {
  yield* all;
}

function webStream(text: string): BodyStream {
  return new Blob([text]).stream() as unknown as BodyStream;
}

function watched(source: BodyStream, tell: () => void): BodyStream {
  return {
    async *[Symbol.asyncIterator]() {
      tell();
      yield* source;
    },
  };
}

function withoutDate(text: string): string {
  return text.replace(/Date: .+\r\n/g, '');
}
