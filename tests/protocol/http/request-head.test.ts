import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HTTP_LIMITS, type HttpLimits } from '../../../src/protocol/http/limits.ts';
import { RequestHeadReader } from '../../../src/protocol/http/request-head.ts';
import { drive, everyCut, type Outcome } from './cuts.ts';

const LIMITS: HttpLimits = { ...HTTP_LIMITS, maxLine: 200, maxHead: 400, maxFields: 5 };
const H = 'Host: a\r\n';

interface Seen {
  readonly method: string;
  readonly target: string;
  readonly resource: string;
  readonly version: string;
  readonly fields: readonly (readonly [string, string])[];
  readonly bodyLength: number | 'chunked';
}

/** section, expected status, the bytes (Latin-1). */
const MALFORMED: readonly (readonly [section: string, status: number, head: string])[] = [
  ['§2.2 two empty lines before the request line', 400, `\r\n\r\nGET / HTTP/1.1\r\n${H}\r\n`],
  ['§2.2 LF alone before the request line', 400, `\nGET / HTTP/1.1\r\n${H}\r\n`],
  ['§2.2 CR alone before the request line', 400, `\rGET / HTTP/1.1\r\n${H}\r\n`],
  ['§2.2 junk before the request line', 400, `\0GET / HTTP/1.1\r\n${H}\r\n`],
  ['§2.2 request line ends with LF', 400, `GET / HTTP/1.1\n${H}\r\n`],
  ['§2.2 request line ends with CR', 400, `GET / HTTP/1.1\r${H}\r\n`],
  ['§2.2 field line ends with LF', 400, 'GET / HTTP/1.1\r\nHost: a\n\r\n'],
  ['§2.2 head ends with LF LF', 400, 'GET / HTTP/1.1\nHost: a\n\n'],
  ['§2.2 CR CR LF', 400, 'GET / HTTP/1.1\r\nHost: a\r\r\n\r\n'],
  ['§2.2 whitespace before the first field', 400, `GET / HTTP/1.1\r\n ${H}\r\n`],
  ['§2.2 a TLS ClientHello', 400, '\x16\x03\x01\x02\x00\x01\x00'],
  ['§2.2 first byte of TLS, second not', 400, '\x16\x04'],
  ['§2.3 HTTP/0.9', 400, 'GET /\r\n\r\n'],
  ['§2.3 HTTP/2.0', 505, `GET / HTTP/2.0\r\n${H}\r\n`],
  ['§2.3 HTTP/0.9 by name', 505, `GET / HTTP/0.9\r\n${H}\r\n`],
  ['§2.3 the preface of HTTP/2', 505, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['§2.3 version in lower case', 400, `GET / http/1.1\r\n${H}\r\n`],
  ['§2.3 version without minor', 400, `GET / HTTP/1\r\n${H}\r\n`],
  ['§2.3 version with two digits', 400, `GET / HTTP/1.10\r\n${H}\r\n`],
  ['§2.3 version with a letter', 400, `GET / HTTP/1.x\r\n${H}\r\n`],
  ['§2.3 another name', 400, `GET / HTTQ/1.1\r\n${H}\r\n`],
  ['§2.3 empty version', 400, `GET / \r\n${H}\r\n`],
  ['§3 empty request line with fields', 400, `\r\n\r\n${H}\r\n`],
  ['§3 only a word', 400, 'GET\r\n\r\n'],
  ['§3 two spaces after the method', 400, `GET  / HTTP/1.1\r\n${H}\r\n`],
  ['§3 two spaces before the version', 400, `GET /  HTTP/1.1\r\n${H}\r\n`],
  ['§3 tab instead of space', 400, `GET\t/\tHTTP/1.1\r\n${H}\r\n`],
  ['§3 space at the end', 400, `GET / HTTP/1.1 \r\n${H}\r\n`],
  ['§3 space at the beginning', 400, ` GET / HTTP/1.1\r\n${H}\r\n`],
  ['§3 line longer than its limit', 414, `GET /${'a'.repeat(200)} HTTP/1.1\r\n${H}\r\n`],
  ['§3 noise without an end', 414, '\xff'.repeat(203)],
  ['§3.1 method with a separator', 400, `GE(T / HTTP/1.1\r\n${H}\r\n`],
  ['§3.1 method beyond ASCII', 400, `G\xc9T / HTTP/1.1\r\n${H}\r\n`],
  ['§3.2 target with a fragment', 400, `GET /a#b HTTP/1.1\r\n${H}\r\n`],
  ['§3.2 target beyond ASCII', 400, `GET /\xe9 HTTP/1.1\r\n${H}\r\n`],
  ['§3.2 target with a quote', 400, `GET /"a" HTTP/1.1\r\n${H}\r\n`],
  ['§3.2 target with angle brackets', 400, `GET /<a> HTTP/1.1\r\n${H}\r\n`],
  ['§3.2 target with a control character', 400, `GET /\x01 HTTP/1.1\r\n${H}\r\n`],
  ['§3.2 target with DEL', 400, `GET /\x7f HTTP/1.1\r\n${H}\r\n`],
  ['§3.2 no Host', 400, 'GET / HTTP/1.1\r\n\r\n'],
  ['§3.2 two Hosts', 400, `GET / HTTP/1.1\r\n${H}${H}\r\n`],
  ['§3.2 two Hosts in HTTP/1.0', 400, `GET / HTTP/1.0\r\n${H}HOST: b\r\n\r\n`],
  ['§3.2 empty Host', 400, 'GET / HTTP/1.1\r\nHost:\r\n\r\n'],
  ['§3.2 Host with a path', 400, 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n'],
  ['§3.2 Host with user information', 400, 'GET / HTTP/1.1\r\nHost: u@a\r\n\r\n'],
  ['§3.2 Host with a space', 400, 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n'],
  ['§3.2 Host list', 400, 'GET / HTTP/1.1\r\nHost: a, b\r\n\r\n'],
  ['§3.2 Host with a bad port', 400, 'GET / HTTP/1.1\r\nHost: a:8x\r\n\r\n'],
  ['§3.2 Host with a port too high', 400, 'GET / HTTP/1.1\r\nHost: a:65536\r\n\r\n'],
  ['§3.2 Host with an open bracket', 400, 'GET / HTTP/1.1\r\nHost: [::1\r\n\r\n'],
  ['§3.2 Host in an unbracketed IPv6 form', 400, 'GET / HTTP/1.1\r\nHost: ::1\r\n\r\n'],
  ['§3.2 bad Host in HTTP/1.0', 400, 'GET / HTTP/1.0\r\nHost: a/b\r\n\r\n'],
  ['§3.2.1 path without a slash', 400, `GET index.html HTTP/1.1\r\n${H}\r\n`],
  ['§3.2.2 absolute-form of another scheme', 400, `GET ftp://a/ HTTP/1.1\r\n${H}\r\n`],
  ['§3.2.2 absolute-form without a host', 400, `GET http:///a HTTP/1.1\r\n${H}\r\n`],
  ['§3.2.2 absolute-form with user information', 400, `GET http://u:p@a/ HTTP/1.1\r\n${H}\r\n`],
  ['§3.2.2 absolute-form still needs a Host', 400, 'GET http://a/ HTTP/1.1\r\n\r\n'],
  ['§3.2.3 authority-form without CONNECT', 400, `GET a:80 HTTP/1.1\r\n${H}\r\n`],
  ['§3.2.3 CONNECT', 501, `CONNECT a:80 HTTP/1.1\r\n${H}\r\n`],
  ['§3.2.4 asterisk-form without OPTIONS', 400, `GET * HTTP/1.1\r\n${H}\r\n`],
  ['§3.2.4 more than an asterisk', 400, `OPTIONS *a HTTP/1.1\r\n${H}\r\n`],
  ['RFC 9110 §9.3.8 TRACE', 501, `TRACE / HTTP/1.1\r\n${H}\r\n`],
  ['§5 field without a colon', 400, `GET / HTTP/1.1\r\n${H}nonsense\r\n\r\n`],
  ['§5 colon only in the next line', 400, 'GET / HTTP/1.1\r\nnonsense\r\nHost: a\r\n\r\n'],
  ['§5 field without a name', 400, `GET / HTTP/1.1\r\n${H}: x\r\n\r\n`],
  ['§5 control character in a value', 400, `GET / HTTP/1.1\r\n${H}X: a\x01b\r\n\r\n`],
  ['§5 NUL in a value', 400, `GET / HTTP/1.1\r\n${H}X: a\0b\r\n\r\n`],
  ['§5 DEL in a value', 400, `GET / HTTP/1.1\r\n${H}X: a\x7fb\r\n\r\n`],
  ['§5 CR in a value', 400, `GET / HTTP/1.1\r\n${H}X: a\rb\r\n\r\n`],
  ['§5 LF in a value', 400, `GET / HTTP/1.1\r\n${H}X: a\nb\r\n\r\n`],
  ['§5.1 space before the colon', 400, 'GET / HTTP/1.1\r\nHost : a\r\n\r\n'],
  ['§5.1 tab before the colon', 400, 'GET / HTTP/1.1\r\nHost\t: a\r\n\r\n'],
  ['§5.1 space in the name', 400, `GET / HTTP/1.1\r\n${H}X Y: z\r\n\r\n`],
  ['§5.1 separator in the name', 400, `GET / HTTP/1.1\r\n${H}X(Y): z\r\n\r\n`],
  ['§5.1 name beyond ASCII', 400, `GET / HTTP/1.1\r\n${H}X\xe9: z\r\n\r\n`],
  ['§5.2 folded with a space', 400, `GET / HTTP/1.1\r\n${H}X: a\r\n b\r\n\r\n`],
  ['§5.2 folded with a tab', 400, `GET / HTTP/1.1\r\n${H}X: a\r\n\tb: c\r\n\r\n`],
  ['RFC 6585 §5 too many fields', 431, `GET / HTTP/1.1\r\n${H}${'X: y\r\n'.repeat(5)}\r\n`],
  ['RFC 6585 §5 head too large', 431, `GET / HTTP/1.1\r\n${H}X: ${'y'.repeat(400)}\r\n\r\n`],
  ['RFC 6585 §5 head without an end', 431, `GET / HTTP/1.1\r\n${H}X: ${'y'.repeat(400)}`],
  ['§6.1 Transfer-Encoding and Content-Length', 400, post('Content-Length: 1\r\nTransfer-Encoding: chunked')],
  ['§6.1 the same, the other way round', 400, post('Transfer-Encoding: chunked\r\nContent-Length: 1')],
  ['§6.1 Transfer-Encoding in HTTP/1.0', 400, 'POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n'],
  ['§6.1 two Transfer-Encodings', 400, post('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked')],
  ['§6.1 chunked twice', 400, post('Transfer-Encoding: chunked, chunked')],
  ['§6.1 an unknown coding under chunked', 501, post('Transfer-Encoding: gzip, chunked')],
  ['§6.3 chunked is not last', 400, post('Transfer-Encoding: chunked, gzip')],
  ['§6.3 chunked is missing', 400, post('Transfer-Encoding: gzip')],
  ['§6.3 identity', 400, post('Transfer-Encoding: identity')],
  ['§6.3 empty Transfer-Encoding', 400, post('Transfer-Encoding:')],
  ['§6.3 chunked with a parameter', 400, post('Transfer-Encoding: chunked;a=b')],
  ['§6.3 chunked with a vertical tab', 400, post('Transfer-Encoding: \x0bchunked')],
  ['§6.3 two Content-Lengths that differ', 400, post('Content-Length: 1\r\nContent-Length: 2')],
  ['§6.3 two Content-Lengths that agree', 400, post('Content-Length: 1\r\nContent-Length: 1')],
  ['§6.3 Content-Length list', 400, post('Content-Length: 1, 1')],
  ['RFC 9110 §8.6 negative Content-Length', 400, post('Content-Length: -1')],
  ['RFC 9110 §8.6 signed Content-Length', 400, post('Content-Length: +1')],
  ['RFC 9110 §8.6 hexadecimal Content-Length', 400, post('Content-Length: 0x1')],
  ['RFC 9110 §8.6 fractional Content-Length', 400, post('Content-Length: 1.0')],
  ['RFC 9110 §8.6 exponent', 400, post('Content-Length: 1e3')],
  ['RFC 9110 §8.6 empty Content-Length', 400, post('Content-Length:')],
  ['RFC 9110 §8.6 Content-Length with a space', 400, post('Content-Length: 1 0')],
  ['RFC 9110 §8.6 Content-Length beyond safe integers', 413, post('Content-Length: 9007199254740992')],
  ['RFC 9110 §8.6 Content-Length of 40 digits', 413, post(`Content-Length: ${'9'.repeat(40)}`)],
];

describe('RequestHeadReader — RFC 9112 §2–§6', () => {
  it('§2.2 reads a head and leaves what follows', () => {
    const { result, rest } = outcome(`POST /a?b=c HTTP/1.1\r\n${H}Content-Length: 3\r\n\r\nabcGET`);
    assert.deepEqual(result, {
      method: 'POST',
      target: '/a?b=c',
      resource: '/a?b=c',
      version: '1.1',
      fields: [
        ['host', 'a'],
        ['content-length', '3'],
      ],
      bodyLength: 3,
    });
    assert.equal(rest, 'abcGET');
  });

  it('§2.2 passes over one empty line', () => {
    assert.equal(outcome(`\r\nGET / HTTP/1.1\r\n${H}\r\n`).result?.method, 'GET');
  });

  it('§2.2 passes over one empty line before each of several heads', () => {
    const one = `\r\nGET / HTTP/1.1\r\n${H}\r\n`;
    const reader = new RequestHeadReader(LIMITS);
    const seen = drive([Buffer.from(one + one + one)], (inbox) => {
      return [reader.read(inbox), reader.read(inbox), reader.read(inbox), reader.read(inbox)].map(
        (head) => head?.method,
      );
    });
    assert.deepEqual(seen.result, ['GET', 'GET', 'GET', undefined]);
  });

  it('§2.2 says that the peer speaks TLS', () => {
    assert.match(outcome('\x16\x03\x01\x02\x00\x01').refusal?.message ?? '', /TLS/);
    assert.doesNotMatch(outcome('\x16\x04').refusal?.message ?? '', /TLS/);
  });

  it('§2.3 reads HTTP/1.0, without Host', () => {
    const { result } = outcome('GET / HTTP/1.0\r\n\r\n');
    assert.deepEqual([result?.version, result?.fields], ['1.0', []]);
  });

  it('RFC 9110 §2.5 reads a later minor version as 1.1', () => {
    assert.equal(outcome(`GET / HTTP/1.7\r\n${H}\r\n`).result?.version, '1.1');
  });

  it('§3.1 takes any token as method, case kept', () => {
    for (const method of ['GET', 'get', 'PURGE', 'M-SEARCH', "!#$%&'*+.^_`|~"]) {
      assert.equal(outcome(`${method} / HTTP/1.1\r\n${H}\r\n`).result?.method, method);
    }
  });

  it('§3.2.1 takes what browsers leave unescaped in a target', () => {
    const target = "/a[1]|{b}^`\\?filter[name]=x&y=%zz'(),;:@~!$*+-._=?//";
    assert.equal(outcome(`GET ${target} HTTP/1.1\r\n${H}\r\n`).result?.resource, target);
  });

  it('§3.2.2 turns absolute-form into a path, and its authority replaces the Host', () => {
    const { result } = outcome(`GET HTTP://b.example:81/c?d HTTP/1.1\r\n${H}\r\n`);
    assert.equal(result?.target, 'HTTP://b.example:81/c?d');
    assert.equal(result?.resource, '/c?d');
    assert.deepEqual(result?.fields, [['host', 'b.example:81']]);
  });

  it('§3.2.2 gives an HTTP/1.0 request in absolute-form a Host', () => {
    assert.deepEqual(outcome('GET http://b/ HTTP/1.0\r\n\r\n').result?.fields, [['host', 'b']]);
  });

  it('§3.2.4 takes * for OPTIONS', () => {
    assert.equal(outcome(`OPTIONS * HTTP/1.1\r\n${H}\r\n`).result?.resource, '*');
  });

  it('§3.2 takes every form of a valid Host', () => {
    for (const host of [
      'a',
      'A.example:8080',
      '127.0.0.1',
      '[::1]',
      '[::ffff:1.2.3.4]:1',
      'a:',
      'a_b',
      '%41',
      'a:65535',
    ]) {
      assert.deepEqual(outcome(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`).result?.fields, [['host', host]]);
    }
  });

  it('§5.1 strips whitespace around a value, and keeps it inside', () => {
    const { result } = outcome(`GET / HTTP/1.1\r\n${H}X:\t a \t b\xe9 \t\r\nY:z\r\nZ: \r\n\r\n`);
    assert.deepEqual(result?.fields.slice(1), [
      ['x', 'a \t b\xe9'],
      ['y', 'z'],
      ['z', ''],
    ]);
  });

  it('§6.1 reads chunked in any case', () => {
    assert.equal(outcome(post('Transfer-Encoding: Chunked')).result?.bodyLength, 'chunked');
  });

  it('§6.2 reads Content-Length with leading zeros', () => {
    assert.equal(outcome(post('Content-Length: 0012')).result?.bodyLength, 12);
  });

  it('§6.3 knows no body without either', () => {
    assert.equal(outcome(`POST / HTTP/1.1\r\n${H}\r\n`).result?.bodyLength, 0);
  });

  it('the table of refusals is long enough to mean something', () => {
    assert.ok(MALFORMED.length >= 60, `${MALFORMED.length} rows`);
    assert.equal(new Set(MALFORMED.map(([title]) => title)).size, MALFORMED.length);
  });

  for (const [title, status, head] of MALFORMED) {
    it(`${title}: ${status}`, () => {
      const { result, refusal } = outcome(head);
      assert.equal(result, undefined);
      assert.equal(refusal?.status, status, refusal?.message);
      assert.match(refusal?.message ?? '', /^[ -~]*§?[ -~]*$/, 'one readable line');
    });
  }

  it('takes the line, the head and the fields up to their limits', () => {
    const line = `GET /${'a'.repeat(200 - 'GET / HTTP/1.1'.length)} HTTP/1.1`;
    assert.equal(line.length, 200);
    assert.equal(outcome(`${line}\r\n${H}\r\n`).refusal, undefined);
    assert.equal(outcome(`${line.replace('a', 'aa')}\r\n${H}\r\n`).refusal?.status, 414);

    const start = `GET / HTTP/1.1\r\n${H}X: `;
    const filler = (length: number): string => `${start}${'y'.repeat(length - start.length - 4)}\r\n\r\n`;
    assert.equal(outcome(filler(400)).refusal, undefined);
    assert.equal(outcome(filler(401)).refusal?.status, 431);

    assert.equal(outcome(`GET / HTTP/1.1\r\n${H}${'X: y\r\n'.repeat(4)}\r\n`).refusal, undefined);
  });

  it('refuses an endless head as soon as it passes the limit', () => {
    assert.equal(refusedAfter('GET /', 'a', HTTP_LIMITS), HTTP_LIMITS.maxLine + 2);
    assert.equal(refusedAfter(`GET / HTTP/1.1\r\n${H}X: `, 'y', HTTP_LIMITS), HTTP_LIMITS.maxHead);
    const fields = `GET / HTTP/1.1\r\n${H}`;
    assert.equal(refusedAfter(fields, 'X: y\r\n', HTTP_LIMITS), fields.length + HTTP_LIMITS.maxFields * 6);
  });
});

function post(fields: string): string {
  return `POST / HTTP/1.1\r\n${H}${fields}\r\n\r\n`;
}

function outcome(text: string): Outcome<Seen> {
  return everyCut(Buffer.from(text, 'latin1'), (pieces) => {
    const reader = new RequestHeadReader(LIMITS);
    return drive(pieces, (inbox): Seen | undefined => {
      const head = reader.read(inbox);
      if (!head) return undefined;
      const { method, target, resource, version, headers, bodyLength } = head;
      return { method, target, resource, version, fields: [...headers], bodyLength };
    });
  });
}

/** How many bytes a peer gets rid of that repeats `more` for ever. */
function refusedAfter(begin: string, more: string, limits: HttpLimits): number {
  const reader = new RequestHeadReader(limits);
  let sent = 0;
  const endless = Buffer.from(begin + more.repeat(40_000), 'latin1');
  const { refusal } = drive(
    Array.from(endless, (byte) => Buffer.of(byte)),
    (inbox) => {
      sent++;
      return reader.read(inbox);
    },
  );
  assert.ok(refusal);
  return sent;
}
