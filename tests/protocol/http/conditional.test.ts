import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ByteRange, readRange } from '../../../src/protocol/http/byte-range.ts';
import { attachment } from '../../../src/protocol/http/content-disposition.ts';
import type { FileBody } from '../../../src/protocol/http/file-body.ts';
import { planFile } from '../../../src/protocol/http/file-plan.ts';
import { Headers } from '../../../src/protocol/http/headers.ts';
import { readHttpDate } from '../../../src/protocol/http/http-date.ts';
import { mediaType } from '../../../src/protocol/http/media-type.ts';
import { evaluatePreconditions, isSameForRange } from '../../../src/protocol/http/preconditions.ts';

/** 6 November 1994, 08:49:37: the example of RFC 9110 §5.6.7. */
const TIME = 784_111_777;
const DATE = 'Sun, 06 Nov 1994 08:49:37 GMT';
const EARLIER = 'Sun, 06 Nov 1994 08:49:36 GMT';
const FACTS = { size: 100, etag: '"a"', modified: TIME, lastModified: DATE };
const WHOLE: FileBody = { path: 'a.txt', offset: 0, length: 0 };

describe('RFC 9110 §5.6.7 dates', () => {
  it('are read in all three forms', () => {
    for (const text of [DATE, 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994']) {
      assert.equal(readHttpDate(text), TIME, text);
    }
    assert.equal(readHttpDate('Friday, 01-Jan-27 00:00:00 GMT'), Date.UTC(2027, 0, 1) / 1000);
  });

  it('that are none are none', () => {
    for (const text of [
      '',
      '0',
      'now',
      '1994-11-06T08:49:37Z',
      'Sun, 6 Nov 1994 08:49:37 GMT',
      'Sun, 06 Nov 1994 08:49:37 CET',
      'Sun, 06 Nix 1994 08:49:37 GMT',
      'Sun, 32 Nov 1994 08:49:37 GMT',
      'Sun, 06 Nov 1994 24:00:00 GMT',
      'Sun, 06 Nov 1994 08:49:37 GMT ',
    ]) {
      assert.equal(readHttpDate(text), undefined, text);
    }
  });
});

describe('RFC 9110 §13 preconditions', () => {
  const rows: readonly [section: string, fields: string, status: number | undefined, method?: string][] = [
    ['§13.1.1 If-Match', 'If-Match: "a"', undefined],
    ['§13.1.1 of a list', 'If-Match: "b", "a"', undefined],
    ['§13.1.1 any', 'If-Match: *', undefined],
    ['§13.1.1 another', 'If-Match: "b"', 412],
    ['§13.1.1 compares strongly', 'If-Match: W/"a"', 412],
    ['§13.1.1 nonsense', 'If-Match: a', 412],
    ['§13.1.2 If-None-Match', 'If-None-Match: "a"', 304],
    ['§13.1.2 compares weakly', 'If-None-Match: W/"a"', 304],
    ['§13.1.2 of a list, with a comma in a tag', 'If-None-Match: "b,c", "a"', 304],
    ['§13.1.2 any', 'If-None-Match: *', 304],
    ['§13.1.2 HEAD', 'If-None-Match: "a"', 304, 'HEAD'],
    ['§13.1.2 other methods', 'If-None-Match: "a"', 412, 'PUT'],
    ['§13.1.2 another', 'If-None-Match: "b"', undefined],
    ['§13.1.3 If-Modified-Since', `If-Modified-Since: ${DATE}`, 304],
    ['§13.1.3 earlier', `If-Modified-Since: ${EARLIER}`, undefined],
    ['§13.1.3 no date', 'If-Modified-Since: yesterday', undefined],
    ['§13.1.3 other methods', `If-Modified-Since: ${DATE}`, undefined, 'POST'],
    ['§13.1.4 If-Unmodified-Since', `If-Unmodified-Since: ${DATE}`, undefined],
    ['§13.1.4 earlier', `If-Unmodified-Since: ${EARLIER}`, 412],
    ['§13.1.4 no date', 'If-Unmodified-Since: yesterday', undefined],
    ['§13.2.2 1. before 2.', `If-Match: "a"\r\nIf-Unmodified-Since: ${EARLIER}`, undefined],
    ['§13.2.2 1. before 3.', 'If-Match: "b"\r\nIf-None-Match: "a"', 412],
    ['§13.2.2 3. before 4.', `If-None-Match: "b"\r\nIf-Modified-Since: ${DATE}`, undefined],
    ['§13.2.2 2. before 4.', `If-Unmodified-Since: ${EARLIER}\r\nIf-Modified-Since: ${DATE}`, 412],
    ['none', 'Accept: a', undefined],
  ];
  for (const [title, fields, status, method = 'GET'] of rows) {
    it(`${title}: ${method} ${fields.replace('\r\n', ', ')}`, () => {
      assert.equal(evaluatePreconditions(method, headers(fields), FACTS), status);
    });
  }

  it('§13.1.5 If-Range compares strongly, dates exactly and only of what has settled', () => {
    assert.ok(isSameForRange(undefined, FACTS));
    assert.ok(isSameForRange('"a"', FACTS) && isSameForRange(DATE, FACTS));
    for (const other of ['"b"', 'W/"a"', EARLIER, 'nonsense', ''])
      assert.ok(!isSameForRange(other, FACTS), other);
    const fresh = { ...FACTS, etag: 'W/"a"' };
    assert.ok(!isSameForRange('W/"a"', fresh) && !isSameForRange(DATE, fresh));
  });
});

describe('RFC 9110 §14 ranges of 100 bytes', () => {
  const rows: readonly [field: string, range: [number, number] | 'unsatisfiable' | undefined][] = [
    ['bytes=0-49', [0, 50]],
    ['bytes=50-', [50, 100]],
    ['bytes=-1', [99, 100]],
    ['bytes=-500', [0, 100]],
    ['bytes=99-500', [99, 100]],
    ['BYTES=0-0', [0, 1]],
    ['bytes= 0-0 ,', [0, 1]],
    ['bytes=0-9,10-19', [0, 20]],
    ['bytes=50-,0-60', [0, 100]],
    ['bytes=0-9, 200-', [0, 10]],
    ['bytes=0-9,20-29', undefined],
    ['bytes=100-', 'unsatisfiable'],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=99999999999999999999-', 'unsatisfiable'],
    ['bytes=200-300,400-', 'unsatisfiable'],
    ['bytes=9-1', undefined],
    ['bytes=', undefined],
    ['bytes=-', undefined],
    ['bytes=a-b', undefined],
    ['bytes=0-9-10', undefined],
    ['bytes=0-9,x', undefined],
    ['items=0-9', undefined],
    [`bytes=${'0-,'.repeat(50)}`, undefined],
  ];
  for (const [field, range] of rows) {
    it(field.slice(0, 40), () => {
      const expected = Array.isArray(range) ? { start: range[0], end: range[1] } : range;
      assert.deepEqual(readRange(field, 100) satisfies ByteRange | string | undefined, expected);
    });
  }

  it('of nothing', () => {
    assert.equal(readRange('bytes=0-', 0), 'unsatisfiable');
  });
});

describe('planFile', () => {
  const plan = (fields: string, body = WHOLE, method = 'GET', status = 200) => {
    const {
      status: planned,
      start,
      length,
      headers: told,
    } = planFile({ method, headers: headers(fields) }, status, FACTS, body);
    return [planned, start, length, told['Content-Range'], told.ETag];
  };

  it('§14.2 serves ranges to GET only, behind the preconditions, and not of other statuses', () => {
    assert.deepEqual(plan('Range: bytes=10-19'), [206, 10, 10, 'bytes 10-19/100', '"a"']);
    assert.deepEqual(plan('Range: bytes=10-19', WHOLE, 'HEAD'), [200, 0, 100, undefined, '"a"']);
    assert.deepEqual(plan('Range: bytes=10-19\r\nIf-Range: "b"'), [200, 0, 100, undefined, '"a"']);
    assert.deepEqual(plan('Range: bytes=10-19\r\nIf-None-Match: "a"'), [304, 0, 0, undefined, '"a"']);
    assert.deepEqual(plan('Range: bytes=100-'), [416, 0, 0, 'bytes */100', undefined]);
    assert.deepEqual(plan('Range: bytes=10-19', WHOLE, 'GET', 404), [404, 0, 100, undefined, '"a"']);
  });

  it('takes the part that was chosen as it is', () => {
    const part = { ...WHOLE, offset: 90, length: 20 };
    assert.deepEqual(plan('', part), [200, 90, 10, undefined, undefined]);
    assert.deepEqual(plan('Range: bytes=90-', part), [206, 90, 10, 'bytes 90-99/100', '"a"']);
    assert.deepEqual(plan('', { ...WHOLE, offset: 101 }), [416, 0, 0, 'bytes */100', undefined]);
  });
});

describe('what a file is', () => {
  it('RFC 9110 §8.3 its type comes from its extension', () => {
    assert.equal(mediaType('/a/b.HTML'), 'text/html; charset=utf-8');
    assert.equal(mediaType('app.mjs'), 'text/javascript; charset=utf-8');
    assert.equal(mediaType('favicon.ico'), 'image/x-icon');
    for (const name of ['README', 'a.unheard-of', '', 'html'])
      assert.equal(mediaType(name), 'application/octet-stream');
  });

  it('RFC 6266 §4 its name is quoted, and told in UTF-8 too where it has to be', () => {
    assert.equal(attachment('a b.txt'), 'attachment; filename="a b.txt"');
    assert.match(attachment('a"b'), /^attachment; filename="a\\"b"; filename\*=UTF-8''a%22b$/);
    assert.match(attachment('\ud800'), /%EF%BF%BD$/);
    assert.equal(attachment("ö'.txt"), "attachment; filename=\"_'.txt\"; filename*=UTF-8''%C3%B6%27.txt");
    assert.equal(attachment('a\r\nb'), 'attachment; filename="a__b"; filename*=UTF-8\'\'a%0D%0Ab');
  });
});

function headers(fields: string): Headers {
  return new Headers(fields === '' ? '\r\n' : `${fields}\r\n\r\n`);
}
