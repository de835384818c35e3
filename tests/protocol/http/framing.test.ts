import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkFields } from '../../../src/protocol/http/fields.ts';
import { type BodyLength, bodyLength } from '../../../src/protocol/http/framing.ts';

describe('bodyLength — RFC 9112 §6', () => {
  it('§6.1 chunked, in any case', () => {
    assert.equal(read('transfer-encoding', 'chunked'), 'chunked');
    assert.equal(read('transfer-encoding', 'CHUNKED'), 'chunked');
  });

  it('§6.2 Content-Length', () => {
    assert.equal(read('content-length', '0'), 0);
    assert.equal(read('content-length', '9007199254740991'), Number.MAX_SAFE_INTEGER);
  });

  it('§6.3 no body without either', () => {
    assert.equal(read(), 0);
  });

  it('§6.1 refuses both together, also when they agree', () => {
    refuses(400, 'transfer-encoding', 'chunked', 'content-length', '0');
    refuses(400, 'content-length', 'x', 'transfer-encoding', 'gzip');
  });

  it('§6.1 refuses Transfer-Encoding in HTTP/1.0', () => {
    assert.throws(() => bodyLength(checkFields('Transfer-Encoding: chunked\r\n\r\n', 0), '1.0'), {
      status: 400,
    });
  });

  it('§6.1, §6.3 refuses every other coding', () => {
    for (const value of [
      '',
      'gzip',
      'identity',
      'chunked,',
      'chunked, gzip',
      'chunked, chunked',
      '"chunked"',
    ]) {
      refuses(400, 'transfer-encoding', value);
    }
    for (const value of ['gzip, chunked', 'identity, chunked', ', chunked'])
      refuses(501, 'transfer-encoding', value);
    refuses(400, 'transfer-encoding', 'chunked', 'transfer-encoding', 'chunked');
  });

  it('§6.3 refuses a Content-Length that is repeated, or not digits', () => {
    refuses(400, 'content-length', '5', 'content-length', '5');
    for (const value of ['', '5, 5', '-0', '+1', '1.', '0x1', '1e1', '1 2', '٣', 'Infinity']) {
      refuses(400, 'content-length', value);
    }
  });

  it('RFC 9110 §8.6 refuses a Content-Length that cannot be counted', () => {
    refuses(413, 'content-length', '9007199254740992');
    refuses(413, 'content-length', '9'.repeat(400));
  });
});

/** @param fields name, value, name, value, … */
function read(...fields: string[]): BodyLength {
  let text = '';
  for (let index = 0; index < fields.length; index += 2) text += `${fields[index]}: ${fields[index + 1]}\r\n`;
  return bodyLength(checkFields(`${text}\r\n`, 0), '1.1');
}

function refuses(status: number, ...fields: string[]): void {
  assert.throws(() => read(...fields), { code: 'E_HTTP_PROTOCOL', status }, fields.join(' '));
}
