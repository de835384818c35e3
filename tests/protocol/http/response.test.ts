import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ByteWriter } from '../../../src/bytes/byte-writer.ts';
import { type Exchange, encodeBody, Response } from '../../../src/protocol/http/response.ts';

const KEPT: Exchange = { persistent: true, headOnly: false };

describe('Response — RFC 9112 §4, RFC 9110 §15', () => {
  it('§4 writes status line, headers, length and body', () => {
    const response = new Response(404, { 'X-One': '1', 'Set-Cookie': ['a=b', 'c=d'] }, '<h1>é</h1>');
    assert.equal(
      wire(response),
      'HTTP/1.1 404 Not Found\r\nX-One: 1\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n' +
        'Content-Type: text/html; charset=utf-8\r\nContent-Length: 11\r\nConnection: keep-alive\r\n\r\n<h1>é</h1>',
    );
  });

  it('§4 writes an unregistered status', () => {
    assert.match(wire(new Response(299)), /^HTTP\/1\.1 299 \r\n/);
  });

  it('RFC 9110 §6.6.1 writes the Date it is given, and only one', () => {
    const date = 'Tue, 15 Nov 1994 08:12:31 GMT';
    const text = wire(new Response(200, { Date: 'yesterday' }), { ...KEPT, date });
    assert.match(text, new RegExp(`\\r\\nDate: ${date}\\r\\n`));
    assert.doesNotMatch(text, /yesterday/);
    assert.match(wire(new Response(200, { Date: 'yesterday' })), /\r\nDate: yesterday\r\n/);
    assert.doesNotMatch(wire(new Response()), /Date/);
  });

  it('RFC 9110 §7.8 Upgrade is named by Connection', () => {
    const text = wire(new Response(426, { Upgrade: 'websocket' }, 'x'), {
      persistent: false,
      headOnly: false,
    });
    assert.match(text, /\r\nConnection: Upgrade, close\r\n/);
  });

  it('RFC 9110 §8.3 has a Content-Type by the kind of its body', () => {
    assert.match(wire(new Response(200, {}, 'x')), /\r\nContent-Type: text\/html; charset=utf-8\r\n/);
    assert.match(
      wire(new Response(200, {}, Buffer.from('x'))),
      /\r\nContent-Type: application\/octet-stream\r\n/,
    );
    assert.match(
      wire(new Response(200, { 'content-type': 'text/css' }, 'x')),
      /\r\ncontent-type: text\/css\r\nContent-Length/,
    );
    assert.doesNotMatch(wire(new Response(302, { Location: '/' })), /Content-Type/);
  });

  it('RFC 9110 §8.6 has a Content-Length, also of nothing, but with 204 and 304', () => {
    assert.match(wire(new Response()), /\r\nContent-Length: 0\r\n/);
    assert.match(wire(new Response(205)), /\r\nContent-Length: 0\r\n/);
    for (const status of [204, 304]) assert.doesNotMatch(wire(new Response(status)), /Content-Length/);
  });

  it('RFC 9110 §8.6 takes a Content-Length that is right, and writes one', () => {
    const text = wire(new Response(200, { 'Content-Length': '2' }, 'é'));
    assert.deepEqual(text.match(/content-length: .*/gi), ['Content-Length: 2']);
    for (const wrong of ['1', '02', '', '2, 2']) {
      assert.throws(() => new Response(200, { 'Content-Length': wrong }, 'é'), { code: 'E_HTTP_HEADER' });
    }
  });

  it('RFC 9110 §9.3.2 counts the body for HEAD and does not send it', () => {
    const text = wire(new Response(200, {}, 'hello'), { persistent: true, headOnly: true });
    assert.match(text, /\r\nContent-Length: 5\r\n/);
    assert.ok(text.endsWith('\r\n\r\n'));
  });

  it('RFC 9110 §15.2 an interim response is a head', () => {
    const early = new Response(103, { Link: '</a.css>; rel=preload' });
    assert.equal(wire(early), 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n');
  });

  it('RFC 9112 §9.3 says whether the connection persists, once', () => {
    const closing = { persistent: false, headOnly: false };
    assert.match(wire(new Response(), closing), /\r\nConnection: close\r\n/);
    assert.deepEqual(wire(new Response(200, { Connection: 'Close' }), closing).match(/connection: .*/gi), [
      'Connection: close',
    ]);
    assert.deepEqual(
      wire(new Response(200, { Connection: 'keep-alive' }), closing).match(/connection: .*/gi),
      ['Connection: close'],
    );
    assert.ok(new Response(200, { connection: 'CLOSE' }).closes);
    assert.ok(!new Response(200, { connection: 'keep-alive' }).closes);
  });

  it('RFC 9110 §5.5 cannot be split', () => {
    const names = ['', 'a b', 'a:', 'a\r\nb', 'é', 'a\0', ' a'];
    const values = [
      'a\r\nSet-Cookie: b',
      'a\nb',
      'a\rb',
      'a\0b',
      ' a',
      'a ',
      '\u010a',
      '\u560d\u560a',
      'a\x7f',
    ];
    for (const name of names)
      assert.throws(() => new Response(200, { [name]: 'x' }), { code: 'E_HTTP_HEADER' }, name);
    for (const value of values) {
      assert.throws(() => new Response(200, { A: value }), { code: 'E_HTTP_HEADER' }, JSON.stringify(value));
      assert.throws(() => new Response().withHeader('A', ['b', value]), { code: 'E_HTTP_HEADER' });
    }
    assert.match(wire(new Response(200, { A: 'caf\xe9' })), /\r\nA: caf\ufffd\r\n/, 'one byte for é');
  });

  it('RFC 9112 §6.1 frames itself', () => {
    for (const name of ['TRAILER', 'Keep-Alive']) {
      assert.throws(() => new Response(200, { [name]: 'chunked' }), { code: 'E_HTTP_HEADER' });
    }
    assert.throws(() => new Response(200, { 'Transfer-Encoding': 'gzip, chunked' }), {
      code: 'E_HTTP_HEADER',
    });
  });

  it('RFC 9110 §15 refuses what is no status, and bodies where none may be', () => {
    for (const status of [0, 99, 101, 600, 200.5, Number.NaN, -200]) {
      assert.throws(() => new Response(status), { code: 'E_HTTP_STATUS' }, String(status));
    }
    for (const status of [100, 204, 205, 304]) {
      assert.throws(() => new Response(status, {}, 'x'), { code: 'E_HTTP_BODY' }, String(status));
    }
  });

  it('withHeader() replaces, whatever the case, and chains', () => {
    const response = new Response(200, { 'X-A': '1' });
    assert.equal(response.withHeader('x-a', '2').withHeader('X-B', '3'), response);
    assert.deepEqual(
      [response.header('X-A'), response.header('x-b'), response.header('x-c')],
      ['2', '3', undefined],
    );
    assert.deepEqual(wire(response).match(/x-.*/gi), ['x-a: 2', 'X-B: 3']);
  });

  it('encodeBody() writes what a 200 would', () => {
    for (const body of ['', 'hé', Buffer.from('bytes'), Buffer.alloc(0)]) {
      for (const exchange of [KEPT, { persistent: false, headOnly: true, date: 'today' }]) {
        const out = new ByteWriter(16);
        encodeBody(body, out, exchange);
        assert.equal(out.written().toString(), wire(new Response(200, {}, body), exchange));
      }
    }
  });
});

function wire(response: Response, exchange: Exchange = KEPT): string {
  const out = new ByteWriter(16);
  response.encode(out, exchange);
  return out.written().toString('utf8');
}
