import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { type Request, Response, Worker } from 'usta';
import { premises } from '../../../src/worker/premises.ts';
import { type Connection, post, Raw, type Served, serve, soon } from './raw.ts';

const LIMIT = { timeout: 10_000 };
const GET = 'GET /next HTTP/1.1\r\nHost: a\r\n\r\n';
const served: Served[] = [];

describe('a request whose body is streamed', LIMIT, () => {
  after(() => Promise.all(served.map((one) => one.stop())));

  it('is given out when its head is there, and gives its body as it comes', async () => {
    const pieces: string[] = [];
    const { port } = await streaming(async (connection, request) => {
      if (pieces.length === 0) client.say('hello');
      for await (const piece of request) {
        pieces.push(piece.toString());
        if (pieces.length === 1) client.say(' world');
      }
      connection.send('done');
    });
    const client = new Raw(port).say(post('Content-Length: 11'));
    await client.until(/\r\n\r\ndone/);
    assert.deepEqual(pieces, ['hello', ' world']);
    client.say(post('Transfer-Encoding: chunked', '3\r\nabc\r\n'));
    await soon(() => pieces.length === 3);
    client.say('2\r\nde\r\n0\r\nTrailer: x\r\n\r\n');
    await client.until(/done[\s\S]+done/);
    assert.equal(pieces.slice(2).join(''), 'abcde');
    client.leave();
  });

  it('is collected by bytes(), readText() and readJson(), as one whose body is there', async () => {
    const json = '{"a": "é"}';
    for (const streamBody of [false, true]) {
      const { port } = await streaming(
        async (connection, request) => {
          const twice = [await request.readText(), await request.bytes()];
          assert.equal(request.text(), json);
          let again = '';
          for await (const piece of request) again += piece.toString();
          connection.send(
            `${twice[0] === twice[1]?.toString()} ${again === json} ${JSON.stringify(await request.readJson())}`,
          );
        },
        { streamBody },
      );
      const size = Buffer.byteLength(json);
      const client = new Raw(port).say(Buffer.from(post(`Content-Length: ${size}`, json)));
      assert.match(Buffer.from(await client.until(/\}$/), 'latin1').toString(), /true true \{"a":"é"\}$/);
      client.leave();
    }
  });

  it('refuses body, text() and json() by naming the option', async () => {
    const { port } = await streaming((connection, request) => {
      for (const read of [() => request.body, () => request.text(), () => request.json()]) {
        assert.throws(read, { code: 'E_HTTP_STREAMED', message: /option streamBody/ });
      }
      connection.send('refused');
    });
    await ask(port, post('Content-Length: 3', 'abc'), /refused/);
  });

  it('is streamed where the function says so, also when a request without a body comes between', async () => {
    const { port, failures } = await streaming(
      async (connection, request) => connection.send(`${request.hasBody}:${await request.readText()};`),
      {
        streamBody: (request) => {
          if (request.header('x') === 'throw') throw new Error('asked in vain');
          return request.header('x') === 'stream';
        },
      },
    );
    const requests = ['whole', 'stream'].map((x) => post(`X: ${x}\r\nContent-Length: 2`, 'ab'));
    await ask(port, `${requests.join(GET)}`, /true:ab;[\s\S]+true:;[\s\S]+false:ab;/);
    const answer = await new Raw(port).say(post('X: throw\r\nContent-Length: 2', 'ab')).untilEnd();
    assert.match(answer, /^HTTP\/1\.1 500 [\s\S]+Connection: close/);
    assert.deepEqual(failures, ['onMessage: asked in vain']);
  });

  it('reads from the socket only what is consumed', async () => {
    let read: ((body: Buffer) => void) | undefined;
    let connection: Connection | undefined;
    const { port } = await streaming(async (self, request) => {
      connection = self;
      const go = await new Promise<Buffer>((resolve) => {
        read = resolve;
      });
      let size = go.length;
      for await (const piece of request) size += piece.length;
      self.send(`${size} bytes`);
    });
    const SIZE = 8_000_000;
    const client = new Raw(port).say(post(`Content-Length: ${SIZE}`)).say(Buffer.alloc(SIZE));
    await soon(() => (connection?.heldBytes ?? 0) > 65_536);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const { bytesRead = 0, heldBytes = 0 } = connection ?? {};
    assert.ok(bytesRead < 400_000, `${bytesRead} read`);
    assert.ok(
      heldBytes > 65_536 && heldBytes < 400_000 && premises.budget.held >= heldBytes,
      `${heldBytes} held`,
    );
    read?.(Buffer.alloc(0));
    await client.until(/8000000 bytes/);
    assert.ok((connection?.heldBytes ?? 0) < 70_000);
    client.leave();
  });

  it('works with ordered: true', async () => {
    const { port } = await streaming(
      async (connection, request) => {
        await new Promise(setImmediate);
        connection.send(await request.readText());
      },
      { ordered: true },
    );
    await ask(port, post('Content-Length: 3', 'abc') + post('Content-Length: 3', 'def'), /abc[\s\S]+def/);
  });

  it('RFC 9110 §10.1.1 is answered 100 when its body is first asked for, and never otherwise', async () => {
    const { port } = await streaming(async (connection, request) => {
      if (request.header('x') !== 'no') connection.send(`got ${await request.readText()}`);
      else connection.send(new Response(403, {}, 'no'));
    });
    const client = new Raw(port).say(post('Expect: 100-continue\r\nContent-Length: 3'));
    await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
    client.say('abc');
    await client.until(/got abc/);
    const refused = client.say(post('X: no\r\nExpect: 100-continue\r\nContent-Length: 3'));
    assert.match(await refused.untilEnd(), /got abcHTTP\/1\.1 403 [\s\S]+Connection: close/);
  });

  it('over maxPackageSize is answered 413, and iterating throws', async () => {
    const errors: unknown[] = [];
    const { port, failures } = await streaming(
      async (_connection, request) => {
        try {
          await request.bytes();
        } catch (error) {
          errors.push(error);
          throw error;
        }
      },
      { maxPackageSize: 10 },
    );
    const chunks = post('Transfer-Encoding: chunked', '8\r\n12345678\r\n');
    const client = new Raw(port).say(chunks).say('8\r\n');
    assert.match(await client.untilEnd(), /^HTTP\/1\.1 413 /);
    assert.match(await new Raw(port).say(post('Content-Length: 11')).untilEnd(), /^HTTP\/1\.1 413 /);
    await soon(() => errors.length === 1);
    assert.equal((errors[0] as { status: number }).status, 413);
    assert.deepEqual(failures, [], 'the peer is to blame, not the handler');
  });

  it('RFC 9112 §8 throws when the peer leaves in the middle, in order or not, and onClose comes', async () => {
    for (const leave of ['end', 'destroy'] as const) {
      const codes: string[] = [];
      const { port, causes } = await streaming(async (_connection, request) => {
        try {
          for await (const _ of request) client.socket[leave]();
        } catch (error) {
          codes.push((error as { code: string }).code);
          throw error;
        }
      });
      const client = new Raw(port).say(post('Content-Length: 10', 'abc'));
      await soon(() => codes.length === 1 && causes.length === 1);
      assert.deepEqual(codes, ['E_HTTP_ABORTED']);
      client.leave();
    }
  });

  it('RFC 9112 §9.3 that nobody reads is read over when it is small, and ends the connection when not', async () => {
    const { port } = await streaming((connection) => connection.send('as it may be'));
    const small = `${'GET /smuggled HTTP/1.1\r\n'.repeat(10)}\r\n`;
    await ask(port, post(`Content-Length: ${small.length}`, small) + GET, /may be[\s\S]+may be$/);
    const chunked = `${small.length.toString(16)}\r\n${small}\r\n0\r\n\r\n`;
    await ask(port, post('Transfer-Encoding: chunked', chunked) + GET, /may be[\s\S]+may be$/);

    const large = new Raw(port).say(post('Content-Length: 1000000', small));
    assert.match(await large.untilEnd(), /^HTTP\/1\.1 200 [\s\S]+Connection: close\r\n\r\nas it may be$/);
    const endless = new Raw(port).say(post('Transfer-Encoding: chunked', `80000\r\n${'GET'.repeat(90_000)}`));
    assert.match(await endless.untilEnd(), /^HTTP\/1\.1 200 [\s\S]+as it may be$/);
    const broken = new Raw(port).say(post('Transfer-Encoding: chunked', `g\r\n${GET}`));
    assert.match(await broken.untilEnd(), /^HTTP\/1\.1 200 [\s\S]+as it may be$/);
  });

  it('throws for whoever goes on reading behind the answer', async () => {
    let code = '';
    const { port } = await streaming(async (connection, request) => {
      connection.send('early');
      await request.bytes().catch((error: { code: string }) => {
        code = error.code;
      });
    });
    await ask(port, post('Content-Length: 10', 'abc'), /early/);
    await soon(() => code === 'E_HTTP_STREAMED');
  });

  it('RFC 6455 §4.1 is not that of an upgrade, which has none; it works beside WebSockets', async () => {
    const worker = new Worker('websocket://127.0.0.1:0', { streamBody: true, closeTimeout: 0.3 });
    worker.onRequest = async (connection, request) => connection.send(await request.readText());
    await worker.listen();
    const fields = 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13';
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
    const head = `GET / HTTP/1.1\r\nHost: a\r\n${fields}\r\n${key}\r\nContent-Length: 6\r\n\r\n`;
    assert.match(await new Raw(worker.port).say(head).say('abcdef').untilEnd(), /^HTTP\/1\.1 400 /);
    await ask(worker.port, post('Content-Length: 3', 'abc'), /\r\n\r\nabc$/);
    await worker.stop();
  });

  it('that drips is answered 408, streamed or not, while one that comes fast enough is not', async () => {
    for (const streamBody of [false, true]) {
      const { port, causes } = await streaming(
        async (connection, request) => connection.send(await request.readText()),
        { streamBody, upgradeTimeout: 0.4, minBodyRate: 100 },
      );
      const slow = drip(port, 1);
      assert.match(await slow.untilEnd(), /^HTTP\/1\.1 408 /);
      await soon(() => causes[0]?.how === 'deadline');
      await drip(port, 20).until(/a{60}/);
    }
  });

  it('whose answer does not begin within answerTimeout is answered 503', async () => {
    const { port } = await streaming(
      async (connection, request) => {
        const text = await request.readText();
        if (text === 'go') connection.send('gone');
      },
      { answerTimeout: 0.2 },
    );
    const client = new Raw(port).say(post('Content-Length: 2', 'go'));
    await client.until(/gone/);
    assert.match(await client.say(post('Content-Length: 2', 'no')).untilEnd(), /HTTP\/1\.1 503 /);
  });
});

async function streaming(
  handler: (connection: Connection, request: Request) => unknown,
  options: Parameters<typeof serve>[1] = {},
): Promise<Served> {
  const one = await serve(handler, { streamBody: true, ...options });
  served.push(one);
  return one;
}

async function ask(port: number, text: string, pattern: RegExp): Promise<void> {
  const client = new Raw(port).say(text);
  await client.until(pattern);
  client.leave();
}

/** Sends 60 bytes, so many every 40 ms. */
function drip(port: number, size: number): Raw {
  const client = new Raw(port).say(post('Content-Length: 60'));
  let left = 60;
  const timer = setInterval(() => {
    client.say('a'.repeat(Math.min(size, left)));
    left -= size;
    if (left <= 0 || client.ended) clearInterval(timer);
  }, 40);
  return client;
}
