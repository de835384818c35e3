import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Inbox } from '../../../src/bytes/inbox.ts';
import { sourceOf } from '../../../src/bytes/source.ts';
import { HeadScanner } from '../../../src/protocol/http/head-scanner.ts';
import { HTTP_LIMITS } from '../../../src/protocol/http/limits.ts';
import { drive, everyCut } from './cuts.ts';

describe('HeadScanner — RFC 9112 §2.2', () => {
  it('finds the empty line, and consumes nothing', () => {
    const { result, rest } = scan('GET / HTTP/1.1\r\nA: b\r\n\r\nbody', true);
    assert.equal(result, 24);
    assert.equal(rest.slice(24), 'body');
  });

  it('trailers may end at once', () => {
    assert.equal(scan('\r\nGET', false).result, 2);
    assert.equal(scan('A: b\r\n\r\nGET', false).result, 8);
  });

  it('waits for what is missing', () => {
    for (const text of [
      '',
      'G',
      'GET / HTTP/1.1',
      'GET / HTTP/1.1\r',
      'GET / HTTP/1.1\r\n',
      'GET / HTTP/1.1\r\n\r',
    ]) {
      assert.deepEqual(scan(text, true), { result: undefined, refusal: undefined, rest: text });
    }
  });

  it('refuses each control character but HTAB, CR and LF in their place', () => {
    for (let code = 0; code < 0x100; code++) {
      const { refusal } = scan(`G\r\nA:${String.fromCharCode(code)}b\r\n\r\n`, true);
      const allowed = code === 9 || (code >= 0x20 && code !== 0x7f);
      assert.equal(refusal?.status, allowed ? undefined : 400, `code ${code}`);
    }
  });

  it('the first line of a head has a limit of its own, the lines of trailers have not', () => {
    assert.equal(scan(`${'a'.repeat(16)}\r\n\r\n`, true).refusal?.status, 414);
    assert.equal(scan(`${'a'.repeat(16)}\r\n\r\n`, false).result, 20);
    assert.equal(scan(`${'a'.repeat(15)}\r\n${'b'.repeat(14)}\r\n\r\n`, true).result, 35);
    assert.equal(scan(`${'a'.repeat(15)}\r\n${'b'.repeat(15)}\r\n\r\n`, true).refusal?.status, 431);
    assert.equal(scan('a\r\nb\r\nc\r\n\r\n', true).result, 11);
    assert.equal(scan('a\r\nb\r\nc\r\nd\r\n\r\n', true).refusal?.status, 431);
    assert.equal(scan('a\r\nb\r\n\r\n', false).result, 8);
    assert.equal(scan('a\r\nb\r\nc\r\n\r\n', false).refusal?.status, 431);
  });

  it('looks at each byte of a head that comes byte by byte about once', () => {
    const head = Buffer.from(`GET / HTTP/1.1\r\nX: ${'y'.repeat(16_000)}\r\n\r\n`);
    const counted = countReads(head);
    const inbox = new Inbox();
    const scanner = new HeadScanner(HTTP_LIMITS, true);
    for (let end = 1; end <= head.length; end++) {
      inbox.push({ bytes: counted.bytes, view: sourceOf(head).view }, 0, end);
      const found = scanner.scan(inbox);
      assert.equal(found, end === head.length ? head.length : undefined);
      inbox.position = inbox.end;
    }
    assert.ok(counted.reads() < head.length * 2, `${counted.reads()} reads for ${head.length} bytes`);
  });

  it('starts anew after reset()', () => {
    const scanner = new HeadScanner(HTTP_LIMITS, true);
    const one = 'GET / HTTP/1.1\r\nA: b\r\n\r\n';
    const { result } = drive([Buffer.from(one + one)], (inbox) => {
      const first = scanner.scan(inbox) ?? 0;
      inbox.position += first;
      scanner.reset();
      return [first, scanner.scan(inbox)];
    });
    assert.deepEqual(result, [one.length, one.length]);
  });
});

function scan(text: string, startLine: boolean): ReturnType<typeof drive<number>> {
  return everyCut(Buffer.from(text, 'latin1'), (pieces) => {
    const scanner = new HeadScanner({ ...HTTP_LIMITS, maxLine: 15, maxHead: 35, maxFields: 2 }, startLine);
    return drive(pieces, (inbox) => scanner.scan(inbox));
  });
}

/** A buffer that counts how often one of its bytes is looked at. */
function countReads(buffer: Buffer): { bytes: Buffer; reads: () => number } {
  let reads = 0;
  const bytes = new Proxy(buffer, {
    get(target, key) {
      if (typeof key === 'string' && /^\d+$/.test(key)) reads++;
      return Reflect.get(target, key, target);
    },
  });
  return { bytes, reads: () => reads };
}
