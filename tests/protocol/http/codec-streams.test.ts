import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ByteWriter } from '../../../src/bytes/byte-writer.ts';
import { sourceOf } from '../../../src/bytes/source.ts';
import { HttpServerCodec } from '../../../src/protocol/http/http-codec.ts';
import { Response } from '../../../src/protocol/http/response.ts';
import { everyCut, refusalOf } from './cuts.ts';

const POST = 'POST /a HTTP/1.1\r\nHost: a\r\n';
const GET = 'GET /b HTTP/1.1\r\nHost: a\r\n\r\n';
const CHUNKS = 'Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: u\r\n\r\n';

describe('HttpServerCodec, bodies that are streamed', () => {
  it('gives the request out at its head, and the same body as ever, wherever it is cut', () => {
    for (const body of [CHUNKS, 'Content-Length: 5\r\n\r\nabcde']) {
      assert.deepEqual(stream(`${POST}${body}${GET}`), ['head /a', 'message /a', 'body abcde', 'message /b']);
    }
  });

  it('collects it when it is not asked to stream', () => {
    assert.deepEqual(stream(`${POST}${CHUNKS}${GET}`, { streams: false }), [
      'head /a',
      'message /a abcde',
      'message /b',
    ]);
  });

  it('announces nothing where there is no body', () => {
    assert.deepEqual(stream(`${POST}Content-Length: 0\r\n\r\n${GET}`), ['message /a', 'message /b']);
  });

  it('RFC 9112 §9.3 finds the next request behind a body that nobody reads', () => {
    for (const body of [CHUNKS, 'Content-Length: 5\r\n\r\nabcde']) {
      assert.deepEqual(stream(`${POST}${body}${GET}`, { reads: false }), [
        'head /a',
        'message /a',
        'message /b',
      ]);
    }
  });

  it('RFC 9112 §7.1 refuses in the middle, and at once what is announced as too large', () => {
    const malformed = stream(`${POST}Transfer-Encoding: chunked\r\n\r\n3\r\nabcX`);
    assert.deepEqual(malformed, ['head /a', 'message /a', 400]);
    assert.deepEqual(stream(`${POST}Content-Length: 21\r\n\r\n`), [413]);
    const tooLarge = `${POST}Transfer-Encoding: chunked\r\n\r\n14\r\n${'a'.repeat(20)}\r\n1\r\n`;
    assert.deepEqual(stream(tooLarge), ['head /a', 'message /a', 413]);
  });

  it('reads no more than a little over behind the answer', () => {
    const codec = new HttpServerCodec({ maxDrained: 4 }, { announces: true });
    lend(codec, `${POST}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n`);
    begin(codec);
    assert.match(encode(codec, 'ok'), /Connection: keep-alive/);
    assert.ok(codec.draining && codec.pull() === undefined && codec.persistent);
    lend(codec, '2\r\nde\r\n');
    assert.equal(codec.pull(), undefined);
    assert.ok(codec.finished && !codec.persistent);

    const counted = new HttpServerCodec({ maxDrained: 4 }, { announces: true });
    lend(counted, `${POST}Content-Length: 5\r\n\r\n`);
    begin(counted);
    assert.match(encode(counted, 'ok'), /Connection: close/);
  });

  it('RFC 9110 §10.1.1 closes when the answer comes before the 100', () => {
    for (const body of ['whole', undefined]) {
      const codec = new HttpServerCodec({}, { announces: true });
      lend(codec, `${POST}Expect: 100-continue\r\nContent-Length: 1\r\n\r\n`);
      begin(codec);
      assert.ok(codec.owesContinue);
      const out = new ByteWriter(64);
      if (body !== undefined) codec.encode(body, out);
      else codec.open(new Response(), out);
      assert.match(out.written().toString(), /Connection: close/);
      assert.equal(codec.owesContinue, false);
    }
  });
});

/** What is heard of a conversation in which every answer is 'ok': the same for every cut. */
function stream(text: string, { streams = true, reads = true } = {}): unknown[] {
  return everyCut(Buffer.from(text), (pieces) => {
    const codec = new HttpServerCodec({ maxBody: 20 }, { announces: true });
    const heard: unknown[] = [];
    let body = '';
    const say = (): void => void encode(codec, 'ok');
    try {
      for (const piece of pieces) {
        codec.push(sourceOf(piece), 0, piece.length);
        for (let event = codec.pull(); event; event = codec.pull()) {
          if (event.type === 'head') {
            heard.push(`head ${event.message.path}`);
            if (streams) codec.streamBody();
          } else if (event.type === 'message') {
            const { message } = event;
            heard.push(
              `message ${message.path}${message.hasBody && message.body.length > 0 ? ` ${message.text()}` : ''}`,
            );
            if (!codec.bodyFollows || !reads) say();
          } else if (event.type === 'piece') {
            body += event.bytes.toString();
            if (event.last) heard.push(`body ${body}`);
            if (event.last) say();
          }
          codec.wantBody();
        }
        codec.retain();
        piece.fill(0xee);
      }
    } catch (error) {
      heard.push(refusalOf(error).status);
    }
    return heard;
  });
}

function begin(codec: HttpServerCodec): void {
  assert.equal(codec.pull()?.type, 'head');
  codec.streamBody();
  assert.equal(codec.pull()?.type, 'message');
  assert.ok(codec.bodyFollows);
}

function lend(codec: HttpServerCodec, text: string): void {
  const bytes = Buffer.from(text);
  codec.push(sourceOf(bytes), 0, bytes.length);
  codec.retain();
}

function encode(codec: HttpServerCodec, body: string): string {
  const out = new ByteWriter(64);
  codec.encode(body, out);
  return out.written().toString();
}
