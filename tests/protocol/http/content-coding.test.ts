import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  chooseCoding,
  codedFields,
  mayBeCoded,
  varyByCoding,
} from '../../../src/protocol/http/content-coding.ts';
import { Response } from '../../../src/protocol/http/response.ts';

describe('content codings — RFC 9110', () => {
  it('§8.8.1 a coded answer has a weak tag', () => {
    const fields = (tag: string) => codedFields(new Response(200, { ETag: tag }), 'gzip');
    assert.deepEqual(fields('"a"'), { 'Content-Encoding': 'gzip', ETag: 'W/"a"' });
    assert.deepEqual(fields('W/"a"'), { 'Content-Encoding': 'gzip', ETag: 'W/"a"' });
    assert.deepEqual(codedFields(new Response(), 'br'), { 'Content-Encoding': 'br' });
  });

  it('§12.4.2, §12.5.3 chooses by weight, br where the client has no preference', () => {
    const cases: readonly (readonly [accepted: string | undefined, coding: string | undefined])[] = [
      [undefined, undefined],
      ['', undefined],
      ['identity', undefined],
      ['gzip', 'gzip'],
      ['GZip', 'gzip'],
      ['x-gzip', 'gzip'],
      ['gzip, deflate, br, zstd', 'br'],
      ['br;q=0.5, gzip;q=0.8', 'gzip'],
      ['br ; q=0.8 ,\tgzip;q=0.8', 'br'],
      ['br;q=0, gzip', 'gzip'],
      ['br;q=0.000, gzip;q=0', undefined],
      ['*', 'br'],
      ['*;q=0.1', 'br'],
      ['br;q=0, *', 'gzip'],
      ['gzip, *;q=0', 'gzip'],
      ['*;q=0', undefined],
      ['identity, gzip;q=0.5', undefined],
      ['identity;q=0.5, gzip;q=0.5', 'gzip'],
      ['identity;q=0, gzip;q=0.1', 'gzip'],
      ['deflate, zstd', undefined],
      // An element that is malformed is as if it were not there.
      ['gzip;q=2', undefined],
      ['gzip;q=0.1234, br', 'br'],
      ['gzip;q=', undefined],
      ['gzip;q=1;x=1', undefined],
      [',, gzip,', 'gzip'],
      ['gzipped', undefined],
    ];
    for (const [accepted, coding] of cases) assert.equal(chooseCoding(accepted), coding, `"${accepted}"`);
  });

  it('§12.5.5 names Accept-Encoding in Vary, once', () => {
    assert.equal(varyByCoding(undefined), 'Accept-Encoding');
    assert.equal(varyByCoding('Origin'), 'Origin, Accept-Encoding');
    assert.equal(varyByCoding('accept-encoding, Origin'), 'accept-encoding, Origin');
    assert.equal(varyByCoding('*'), '*');
  });

  it('§8.4, §7.7 leaves alone what has no body of its own, is coded, or may not be changed', () => {
    const json = { 'Content-Type': 'application/json' };
    assert.ok(mayBeCoded(new Response(200, json), undefined));
    assert.ok(mayBeCoded(new Response(200, {}, 'text without a type'), undefined));
    assert.ok(!mayBeCoded(new Response(200, {}, Buffer.from('bytes without one')), undefined));
    assert.ok(mayBeCoded(new Response(404, { 'Content-Type': 'Text/HTML; charset=utf-8' }), undefined));
    assert.ok(mayBeCoded(new Response(200, { 'Content-Type': 'application/problem+json' }), undefined));
    for (const status of [103, 204, 205, 206, 304])
      assert.ok(!mayBeCoded(new Response(status, json), undefined), String(status));
    for (const more of [
      { 'Content-Encoding': 'identity' },
      { 'Cache-Control': 'public, No-Transform' },
      { 'Content-Range': 'bytes 0-1/2' },
      { 'Repr-Digest': 'sha-256=:AA==:' },
      { 'Content-Type': 'image/png' },
      { 'Content-Type': 'application/octet-stream' },
      { 'Content-Type': 'text/event-stream' },
    ])
      assert.ok(!mayBeCoded(new Response(200, { ...json, ...more }), undefined), JSON.stringify(more));
  });

  it('takes a list of types in place of the usual ones', () => {
    const types = new Set(['application/cbor']);
    assert.ok(mayBeCoded(new Response(200, { 'Content-Type': 'application/CBOR ;x=y' }), types));
    assert.ok(!mayBeCoded(new Response(200, { 'Content-Type': 'text/html' }), types));
  });
});
