import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HOSTILE, ODD, POISON } from './corpus.ts';
import { readStream } from './corpus-reading.ts';
import { pieces } from './cuts.ts';

const BEFORE = 'GET /before HTTP/1.1\r\nHost: a\r\n\r\n';

describe('the corpus', () => {
  it('has names that tell its rows apart, and is long enough to mean something', () => {
    const names = [...HOSTILE, ...ODD].map(({ name }) => name);
    assert.equal(new Set(names).size, names.length);
    assert.equal(new Set(HOSTILE.map(({ bytes }) => bytes)).size, HOSTILE.length);
    assert.ok(HOSTILE.length >= 200 && ODD.length >= 40, `${HOSTILE.length} and ${ODD.length} rows`);
  });
});

describe('requests that are refused', () => {
  for (const { name, bytes, status, served, rule } of HOSTILE) {
    it(`${name}: ${status} (${rule})`, () => {
      const stream = Buffer.from(BEFORE + bytes + POISON, 'latin1');
      const whole = readStream([Buffer.from(stream)]);
      assert.deepEqual([whole.requests, whole.refusal], [['GET /before ', ...served], status]);
      const last = lastAnswer(whole.answers);
      assert.match(last, new RegExp(`^HTTP/1\\.1 ${status} .*\r\nConnection: close\r\n`, 's'));
      assert.match(last, /\r\n\r\n(?:[ -~\xc2\xa7]+\n)?$/, 'one readable line, none after HEAD');
      assert.equal(whole.persistent, false);
      assert.deepEqual(readStream(pieces(stream, 1)), whole, 'byte by byte');

      const alone = readStream([Buffer.from(bytes, 'latin1')]);
      assert.deepEqual([alone.requests, alone.refusal], [served, status], 'nothing behind it is needed');
    });
  }
});

describe('requests that are odd and accepted', () => {
  for (const { name, bytes, requests, rule } of ODD) {
    it(`${name} (${rule})`, () => {
      const stream = Buffer.from(bytes, 'latin1');
      const whole = readStream([Buffer.from(stream)]);
      assert.deepEqual([whole.requests, whole.refusal], [requests, undefined]);
      assert.equal(whole.answers.match(/^HTTP\/1\.1 200 /gm)?.length, requests.length);
      assert.deepEqual(readStream(pieces(stream, 1)), whole, 'byte by byte');
    });
  }
});

/** Bodies end with a line end and have no other. */
function lastAnswer(answers: string): string {
  return answers.slice(answers.lastIndexOf('\nHTTP/1.1 ') + 1);
}
