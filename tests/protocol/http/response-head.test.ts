import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ResponseHead, ResponseHeadReader } from '../../../src/protocol/http/response-head.ts';
import { drive, everyCut, type Outcome } from './cuts.ts';

type Seen = Omit<ResponseHead, 'headers'> & { readonly fields: readonly (readonly [string, string])[] };

/** section, expected status, the bytes (Latin-1). */
const MALFORMED: readonly (readonly [section: string, status: number, head: string])[] = [
  ['§2.2 LF alone', 400, 'HTTP/1.1 200 OK\n\n'],
  ['§2.2 an empty line first', 502, '\r\nHTTP/1.1 200 OK\r\n\r\n'],
  ['§2.3 HTTP/2.0', 502, 'HTTP/2.0 200 OK\r\n\r\n'],
  ['§2.3 lower case', 502, 'http/1.1 200 OK\r\n\r\n'],
  ['§2.3 no digit', 502, 'HTTP/1.x 200 OK\r\n\r\n'],
  ['§4 no status', 502, 'HTTP/1.1\r\n\r\n'],
  ['§4 two digits', 502, 'HTTP/1.1 20\r\n\r\n'],
  ['§4 four digits', 502, 'HTTP/1.1 2000 OK\r\n\r\n'],
  ['§4 letters', 502, 'HTTP/1.1 2xx OK\r\n\r\n'],
  ['§4 status below 100', 502, 'HTTP/1.1 099 OK\r\n\r\n'],
  ['§4 status above 599', 502, 'HTTP/1.1 600 OK\r\n\r\n'],
  ['§4 two spaces', 502, 'HTTP/1.1  200 OK\r\n\r\n'],
  ['§4 tab', 502, 'HTTP/1.1 200\tOK\r\n\r\n'],
  ['§4 line too long', 414, `HTTP/1.1 200 ${'x'.repeat(100)}\r\n\r\n`],
  ['§5 no colon', 400, 'HTTP/1.1 200 OK\r\nabc\r\n\r\n'],
  ['§5.2 folded', 400, 'HTTP/1.1 200 OK\r\na: b\r\n c\r\n\r\n'],
  ['§5 head too large', 431, `HTTP/1.1 200 OK\r\na: ${'x'.repeat(300)}`],
];

describe('ResponseHeadReader — RFC 9112 §4', () => {
  it('§4 reads a head and leaves what follows', () => {
    const { result, rest } = outcome(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x00',
    );
    assert.deepEqual(result, {
      status: 101,
      reason: 'Switching Protocols',
      version: '1.1',
      fields: [['upgrade', 'websocket']],
    });
    assert.equal(rest, '\x81\x00');
  });

  it('§4 reads a status line without a reason, with its space or without', () => {
    assert.equal(outcome('HTTP/1.1 200 \r\n\r\n').result?.reason, '');
    assert.equal(outcome('HTTP/1.1 200\r\n\r\n').result?.reason, '');
  });

  it('§2.3 reads HTTP/1.0', () => {
    assert.equal(outcome('HTTP/1.0 404 Not Found\r\n\r\n').result?.version, '1.0');
  });

  for (const [title, status, head] of MALFORMED) {
    it(`${title}: refused`, () => {
      const { result, refusal } = outcome(head);
      assert.equal(result, undefined);
      assert.equal(refusal?.status, status, refusal?.message);
    });
  }
});

function outcome(text: string): Outcome<Seen> {
  return everyCut(Buffer.from(text, 'latin1'), (pieces) => {
    const reader = new ResponseHeadReader({ maxLine: 80, maxHead: 200 });
    return drive(pieces, (inbox): Seen | undefined => {
      const head = reader.read(inbox);
      if (!head) return undefined;
      const { status, reason, version, headers } = head;
      return { status, reason, version, fields: [...headers] };
    });
  });
}
