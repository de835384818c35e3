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

/** What it refuses is in the corpus; here is what it reads, and where its limits bite. */
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
