import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ByteWriter } from '../../../src/bytes/byte-writer.ts';
import { sourceOf } from '../../../src/bytes/source.ts';
import { HttpProtocolError } from '../../../src/errors.ts';
import { HttpServerCodec } from '../../../src/protocol/http/http-codec.ts';
import type { Request } from '../../../src/protocol/http/request.ts';
import { Response } from '../../../src/protocol/http/response.ts';
import { everyCut, refusalOf } from './cuts.ts';

const H = 'Host: a\r\n';
const GET = `GET / HTTP/1.1\r\n${H}\r\n`;

interface Conversation {
  readonly requests: readonly string[];
  readonly refusal: { readonly status: number } | undefined;
  readonly answers: string;
  readonly persistent: boolean;
  readonly rest: string;
}

describe('HttpServerCodec — RFC 9112', () => {
  it('§2 answers a request', () => {
    const { requests, answers } = converse(GET);
    assert.deepEqual(requests, ['GET / ']);
    assert.equal(
      answers,
      'HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 7\r\nConnection: keep-alive\r\n\r\nGET / !',
    );
  });

  it('§6.2 reads a body by its length', () => {
    const { requests, rest } = converse(`POST /a HTTP/1.1\r\n${H}Content-Length: 5\r\n\r\nhelloGET`);
    assert.deepEqual([requests, rest], [['POST /a hello'], 'GET']);
  });

  it('§7.1 reads a chunked body', () => {
    const text = `POST /a HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\nT: u\r\n\r\n${GET}`;
    assert.deepEqual(converse(text).requests, ['POST /a abcde', 'GET / ']);
  });

  it('§9.3 ends after Connection: close, and reads nothing more', () => {
    const { requests, answers, persistent, rest } = converse(
      `GET /1 HTTP/1.1\r\n${H}Connection: close\r\n\r\n${GET}`,
    );
    assert.deepEqual([requests, persistent, rest], [['GET /1 '], false, '']);
    assert.match(answers, /\r\nConnection: close\r\n/);
  });

  it('§9.3 ends after HTTP/1.0, unless it asks to go on', () => {
    assert.equal(converse('GET / HTTP/1.0\r\n\r\n').persistent, false);
    const kept = converse(`GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n${GET}`);
    assert.equal(kept.requests.length, 2);
    assert.match(kept.answers, /\r\nConnection: keep-alive\r\n/);
  });

  it('§9.3 ends when the response says so', () => {
    const codec = serving(GET + GET);
    assert.match(answer(codec, new Response(200, { Connection: 'close' })), /\r\nConnection: close\r\n/);
    assert.equal(codec.persistent, false);
    assert.equal(codec.pull(), undefined);
  });

  it('§9.3.2 answers pipelined requests in order, one at a time', () => {
    const codec = serving('GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.equal(codec.pull(), undefined, 'the first is not answered');
    assert.ok(codec.serving);
    assert.equal(codec.midMessage, false, 'nobody waits for the peer');
    answer(codec, 'one');
    assert.ok(codec.midMessage);
    assert.equal(message(codec)?.path, '/2');
    answer(codec, 'two');
    assert.equal(codec.pull(), undefined);
    assert.ok(!codec.midMessage);
    codec.retain();
    assert.equal(codec.heldBytes, 0);
  });

  it('§9.3.2 reads a hundred pipelined requests', () => {
    assert.equal(converse(GET.repeat(100)).requests.length, 100);
  });

  it('answers each request once', () => {
    const codec = new HttpServerCodec();
    assert.throws(() => answer(codec, 'x'), { code: 'E_HTTP_NO_REQUEST' });
    const served = serving(GET);
    answer(served, 'x');
    assert.throws(() => answer(served, 'y'), { code: 'E_HTTP_NO_REQUEST' });
  });

  it('RFC 9110 §9.3.2 answers HEAD without a body', () => {
    const { answers } = converse(`HEAD / HTTP/1.1\r\n${H}\r\n${GET}`);
    assert.match(answers, /Content-Length: 8\r\nConnection: keep-alive\r\n\r\nHTTP\/1\.1 200/);
  });

  it('RFC 9110 §6.6.1 writes the date it was given', () => {
    const codec = serving(GET);
    codec.date = 'Tue, 15 Nov 1994 08:12:31 GMT';
    assert.match(answer(codec, 'x'), /\r\nDate: Tue, 15 Nov 1994 08:12:31 GMT\r\n/);
  });

  it('RFC 9110 §10.1.1 offers 100 Continue to a peer that waits', () => {
    const codec = new HttpServerCodec();
    const out = new ByteWriter(16);
    push(codec, `POST / HTTP/1.1\r\n${H}Content-Length: 2\r\nExpect: 100-Continue\r\n\r\n`);
    assert.equal(codec.pull(), undefined);
    assert.deepEqual([codec.writeContinue(out), codec.writeContinue(out)], [true, false]);
    assert.equal(out.written().toString(), 'HTTP/1.1 100 Continue\r\n\r\n');
    push(codec, 'ab');
    assert.equal(message(codec)?.text(), 'ab');
  });

  it('RFC 9110 §10.1.1 owes no 100 to who did not wait, to HTTP/1.0, or without a body', () => {
    const out = new ByteWriter(16);
    for (const text of [
      `POST / HTTP/1.1\r\n${H}Content-Length: 2\r\nExpect: 100-continue\r\n\r\nab`,
      `GET / HTTP/1.1\r\n${H}Expect: 100-continue\r\n\r\n`,
      'POST / HTTP/1.0\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n',
    ]) {
      const codec = new HttpServerCodec();
      push(codec, text);
      codec.pull();
      assert.equal(codec.writeContinue(out), false, text);
    }
  });

  it('RFC 9110 §10.1.1 refuses another expectation', () => {
    assert.equal(converse(`GET / HTTP/1.1\r\n${H}Expect: miracles\r\n\r\n`).refusal?.status, 417);
  });

  it('RFC 9110 §7.8 leaves what follows an upgrade request to the next codec', () => {
    const upgrade = `GET /chat HTTP/1.1\r\n${H}Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n`;
    const { requests, rest } = converse(`${upgrade}\x81\x85\x01\x02\x03\x04\xff\r\n\r\n`);
    assert.deepEqual([requests, rest], [['GET /chat '], '\x81\x85\x01\x02\x03\x04\xff\r\n\r\n']);
  });

  it('RFC 9110 §15.2 an interim response leaves the request unanswered', () => {
    const codec = serving(GET);
    assert.match(answer(codec, new Response(103, { Link: '</a>' })), /^HTTP\/1\.1 103 /);
    assert.match(answer(codec, 'x'), /^HTTP\/1\.1 200 /);
    const old = serving('GET / HTTP/1.0\r\n\r\n');
    assert.equal(answer(old, new Response(103)), '', 'HTTP/1.0 does not know them');
  });

  it('RFC 9110 §15.5.14 refuses a body over the limit: at the head, or as soon as the chunks pass it', () => {
    assert.equal(converse(`POST / HTTP/1.1\r\n${H}Content-Length: 21\r\n\r\n`).refusal?.status, 413);
    assert.equal(
      converse(`POST / HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\n\r\n15\r\n`).refusal?.status,
      413,
    );
    assert.equal(
      converse(`POST / HTTP/1.1\r\n${H}Content-Length: 20\r\n\r\n${'a'.repeat(20)}`).refusal,
      undefined,
    );
  });

  it('reads nothing after an error', () => {
    const { requests, refusal, rest } = converse(`${GET}GET / HTTP/9.9\r\n\r\n${GET}`);
    assert.deepEqual([requests, refusal?.status, rest], [['GET / '], 505, '']);
    const codec = new HttpServerCodec();
    push(codec, 'nonsense\r\n\r\n');
    assert.throws(() => codec.pull(), { code: 'E_HTTP_PROTOCOL' });
    push(codec, GET);
    assert.equal(codec.pull(), undefined);
    assert.deepEqual([codec.heldBytes, codec.midMessage, codec.persistent], [0, false, false]);
  });

  it('refuses in one readable line, and closes', () => {
    const out = new ByteWriter(16);
    new HttpServerCodec().refuse(new HttpProtocolError(431, 'too much'), out);
    assert.equal(
      out.written().toString(),
      'HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Type: text/plain; charset=utf-8\r\n' +
        'Content-Length: 9\r\nConnection: close\r\n\r\ntoo much\n',
    );
  });

  it('refuses a HEAD request without a body', () => {
    const codec = new HttpServerCodec({ maxBody: 1 });
    push(codec, `HEAD / HTTP/1.1\r\n${H}Content-Length: 2\r\n\r\n`);
    const error = errorOf(() => codec.pull());
    const out = new ByteWriter(16);
    codec.refuse(error, out);
    assert.ok(out.written().toString().endsWith('\r\n\r\n'));
  });

  it('reads or refuses whatever comes, the same wherever it is cut', () => {
    const request = `POST /a?b HTTP/1.1\r\n${H}Transfer-Encoding: chunked\r\nX: y\r\n\r\n2\r\nab\r\n0\r\nT: u\r\n\r\n${GET}`;
    const damage = fc.record({
      at: fc.nat({ max: request.length }),
      drop: fc.nat({ max: 3 }),
      put: fc.string({ unit: fc.constantFrom(...'\r\n\t\0\x7f\xff :;,/1Az"'), maxLength: 3 }),
    });
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 3 }), (damages) => {
        let text = request;
        for (const { at, drop, put } of damages) text = text.slice(0, at) + put + text.slice(at + drop);
        converse(text);
      }),
      { numRuns: 300 },
    );
  });

  it('tells what it holds, and whether it waits for the peer', () => {
    const codec = new HttpServerCodec();
    assert.deepEqual([codec.midMessage, codec.heldBytes], [false, 0]);
    push(codec, 'POST / HTTP/1.1\r\n');
    assert.equal(codec.pull(), undefined);
    assert.ok(codec.midMessage && codec.heldBytes >= 17);
    push(codec, `${H}Content-Length: 1000\r\n\r\n`);
    assert.equal(codec.pull(), undefined);
    assert.ok(codec.midMessage);
    assert.ok(codec.heldBytes < 300, `${codec.heldBytes}: announced is not received`);
    push(codec, 'x'.repeat(1_000));
    assert.ok(message(codec));
    codec.retain();
    assert.deepEqual([codec.midMessage, codec.heldBytes], [false, 0]);
  });
});

/** Answers each request with a text that names it; an upgrade request ends the conversation. */
function converse(text: string): Conversation {
  return everyCut(Buffer.from(text, 'latin1'), (pieces) => {
    const codec = new HttpServerCodec({ maxBody: 20 });
    const out = new ByteWriter(256);
    const requests: string[] = [];
    let refusal: Conversation['refusal'];
    try {
      for (const piece of pieces) {
        codec.push(sourceOf(piece), 0, piece.length);
        for (let request = message(codec); request; request = message(codec)) {
          const seen = `${request.method} ${request.target} ${request.text()}`;
          requests.push(seen);
          if (!request.header('upgrade')) codec.encode(`${seen}!`, out);
        }
        codec.retain();
        piece.fill(0xee);
      }
    } catch (error) {
      refusal = refusalOf(error);
    }
    const { persistent } = codec;
    return {
      requests,
      refusal,
      answers: out.written().toString(),
      persistent,
      rest: codec.rest().toString('latin1'),
    };
  });
}

function push(codec: HttpServerCodec, text: string): void {
  const bytes = Buffer.from(text, 'latin1');
  codec.push(sourceOf(bytes), 0, bytes.length);
  if (!codec.serving) codec.retain();
}

function serving(text: string): HttpServerCodec {
  const codec = new HttpServerCodec();
  push(codec, text);
  assert.ok(message(codec));
  return codec;
}

function message(codec: HttpServerCodec): Request | undefined {
  const event = codec.pull();
  return event?.type === 'message' ? event.message : undefined;
}

function answer(codec: HttpServerCodec, body: Response | string): string {
  const out = new ByteWriter(64);
  codec.encode(body, out);
  return out.written().toString();
}

function errorOf(act: () => unknown): HttpProtocolError {
  try {
    act();
  } catch (error) {
    if (error instanceof HttpProtocolError) return error;
  }
  throw new Error('it was not refused');
}
