import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ChunkedBody } from '../../../src/protocol/http/chunked-body.ts';
import { HTTP_LIMITS, type HttpLimits } from '../../../src/protocol/http/limits.ts';
import { drive, everyCut, type Outcome } from './cuts.ts';

const LIMITS: HttpLimits = { ...HTTP_LIMITS, maxHead: 60, maxFields: 2, maxBody: 20 };

/** section, expected status, the bytes (Latin-1). */
const MALFORMED: readonly (readonly [section: string, status: number, body: string])[] = [
  ['§7.1 no size', 400, '\r\n'],
  ['§7.1 not hexadecimal', 400, 'g\r\n'],
  ['§7.1 prefixed', 400, '0x1\r\na\r\n0\r\n\r\n'],
  ['§7.1 negative', 400, '-1\r\n'],
  ['§7.1 signed', 400, '+1\r\na\r\n0\r\n\r\n'],
  ['§7.1 underscore', 400, '1_0\r\n'],
  ['§7.1 whitespace before the size', 400, ' 1\r\na\r\n0\r\n\r\n'],
  ['§7.1 whitespace after the size', 400, '1 \r\na\r\n0\r\n\r\n'],
  ['§7.1 size line ends with LF', 400, '1\na\r\n0\r\n\r\n'],
  ['§7.1 size line ends with CR', 400, '1\ra\r\n0\r\n\r\n'],
  ['§7.1 data longer than its size', 400, '1\r\nab\r\n0\r\n\r\n'],
  ['§7.1 data shorter than its size', 400, '3\r\na\r\n0\r\n\r\n'],
  ['§7.1 data ends with LF', 400, '1\r\na\n0\r\n\r\n'],
  ['§7.1 data ends with CR CR', 400, '1\r\na\r\r0\r\n\r\n'],
  ['§7.1 size of a thousand zeros', 400, `${'0'.repeat(1_000)}\r\n\r\n`],
  ['§7.1 size over the limit', 413, '15\r\n'],
  ['§7.1 sum over the limit', 413, '14\r\naaaaaaaaaaaaaaaaaaaa\r\n1\r\n'],
  ['§7.1 size that overflows', 413, `${'f'.repeat(40)}\r\n`],
  ['§7.1.1 whitespace without an extension', 400, '1 x\r\na\r\n0\r\n\r\n'],
  ['§7.1.1 control character in an extension', 400, '1;a\x00\r\na\r\n0\r\n\r\n'],
  ['§7.1.1 LF in an extension', 400, '1;a\nb\r\na\r\n0\r\n\r\n'],
  ['§7.1.1 CR in an extension', 400, '1;a\rb\r\na\r\n0\r\n\r\n'],
  ['§7.1.1 extension too long', 400, `1;${'x'.repeat(300)}\r\n`],
  ['§7.1.2 trailer without a colon', 400, '0\r\nabc\r\n\r\n'],
  ['§7.1.2 trailer folded', 400, '0\r\na: b\r\n c\r\n\r\n'],
  ['§7.1.2 trailer with LF', 400, '0\r\na: b\n\r\n'],
  ['§7.1.2 trailers too many', 431, '0\r\na: b\r\na: b\r\na: b\r\n\r\n'],
  ['§7.1.2 trailers too large', 431, `0\r\na: ${'b'.repeat(60)}\r\n\r\n`],
];

describe('ChunkedBody — RFC 9112 §7.1', () => {
  it('§7.1 joins chunks, and leaves what follows', () => {
    const { result, rest } = outcome('4\r\nWiki\r\n5\r\npedia\r\n0\r\n\r\nGET');
    assert.deepEqual([result, rest], ['Wikipedia', 'GET']);
  });

  it('§7.1 reads sizes in any case, with leading zeros', () => {
    assert.equal(
      outcome('A\r\n0123456789\r\n00a\r\n0123456789\r\n000\r\n\r\n').result,
      '01234567890123456789',
    );
  });

  it('§7.1 reads an empty body', () => {
    assert.equal(outcome('0\r\n\r\n').result, '');
  });

  it('§7.1.1 reads over extensions', () => {
    assert.equal(outcome('1;a\r\nx\r\n1 ; a=b;c="d;\\" e\xe9"\r\ny\r\n0;last\r\n\r\n').result, 'xy');
  });

  it('§7.1.1 refuses more than 16 KiB of extensions in one body: 413', () => {
    const chunk = `1;${'x'.repeat(199)}\r\na\r\n`;
    const read = (count: number): Outcome<number> => {
      const body = new ChunkedBody(HTTP_LIMITS);
      return drive([Buffer.from(`${chunk.repeat(count)}0\r\n\r\n`)], (inbox) => body.read(inbox)?.length);
    };
    assert.equal(read(81).result, 81);
    assert.equal(read(82).refusal?.status, 413);
  });

  it('§7.1.2 drops trailers', () => {
    const { result, rest } = outcome('1\r\nx\r\n0\r\nHost: evil\r\nContent-Length: 9\r\n\r\nGET');
    assert.deepEqual([result, rest], ['x', 'GET']);
  });

  it('§7.1.3 decodes what was encoded, however it was cut into chunks', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 20 }), (chunks) => {
        const wire = Buffer.concat([
          ...chunks.flatMap((chunk) => [
            Buffer.from(`${chunk.length.toString(16)}\r\n`),
            chunk,
            Buffer.from('\r\n'),
          ]),
          Buffer.from('0\r\n\r\n'),
        ]);
        const body = new ChunkedBody(HTTP_LIMITS);
        const { result } = drive([wire], (inbox) => body.read(inbox)?.toString('hex'));
        assert.equal(result, Buffer.concat(chunks).toString('hex'));
      }),
    );
  });

  for (const [title, status, body] of MALFORMED) {
    it(`${title}: ${status}`, () => {
      const { result, refusal } = outcome(body);
      assert.equal(result, undefined);
      assert.equal(refusal?.status, status, refusal?.message);
    });
  }

  it('takes a body up to its limit', () => {
    assert.equal(outcome('14\r\naaaaaaaaaaaaaaaaaaaa\r\n0\r\n\r\n').result?.length, 20);
  });

  it('holds at most twice what was received, not what was announced', () => {
    const body = new ChunkedBody(HTTP_LIMITS);
    drive([Buffer.from('900000\r\n'), Buffer.alloc(1_000)], (inbox) => body.read(inbox));
    assert.ok(body.held >= 1_000 && body.held <= 2_000, `${body.held}`);
  });
});

function outcome(text: string): Outcome<string> {
  return everyCut(Buffer.from(text, 'latin1'), (pieces) => {
    const body = new ChunkedBody(LIMITS);
    return drive(pieces, (inbox) => body.read(inbox)?.toString('latin1'));
  });
}
