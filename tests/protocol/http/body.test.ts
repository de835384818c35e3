import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Inbox } from '../../../src/bytes/inbox.ts';
import { sourceOf } from '../../../src/bytes/source.ts';
import { bodyReader } from '../../../src/protocol/http/body.ts';
import { HTTP_LIMITS } from '../../../src/protocol/http/limits.ts';
import { drive, everyCut } from './cuts.ts';

describe('bodyReader — RFC 9112 §6', () => {
  it('§6.2 reads as many bytes as announced, and leaves the rest', () => {
    const { result, rest } = everyCut(Buffer.from('hello worldGET'), (pieces) => {
      const body = bodyReader(11, HTTP_LIMITS);
      return drive(pieces, (inbox) => body.read(inbox)?.toString());
    });
    assert.deepEqual([result, rest], ['hello world', 'GET']);
  });

  it('§6.3 a request without a length has no body', () => {
    const body = bodyReader(0, HTTP_LIMITS);
    assert.equal(body.read(new Inbox())?.length, 0);
    assert.equal(body.held, 0);
  });

  it('§6.3 reads chunks', () => {
    const body = bodyReader('chunked', HTTP_LIMITS);
    assert.equal(
      drive([Buffer.from('2\r\nab\r\n0\r\n\r\n')], (inbox) => body.read(inbox)?.toString()).result,
      'ab',
    );
  });

  it('RFC 9110 §15.5.14 refuses a length over the limit at once', () => {
    assert.throws(() => bodyReader(HTTP_LIMITS.maxBody + 1, HTTP_LIMITS), {
      code: 'E_HTTP_PROTOCOL',
      status: 413,
    });
    assert.equal(bodyReader(HTTP_LIMITS.maxBody, HTTP_LIMITS).held, 0, 'announced is not received');
  });

  it('holds at most twice what was received', () => {
    const body = bodyReader(10_000_000, HTTP_LIMITS);
    const inbox = new Inbox();
    let received = 0;
    for (const size of [1, 10, 1_000, 1_000, 65_536, 3, 65_536]) {
      inbox.push(sourceOf(Buffer.alloc(size)), 0, size);
      assert.equal(body.read(inbox), undefined);
      received += size;
      assert.ok(body.held >= received && body.held <= 2 * received, `${body.held} held for ${received}`);
    }
  });
});
