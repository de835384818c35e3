import assert from 'node:assert/strict';
import { STATUS_CODES } from 'node:http';
import { describe, it } from 'node:test';
import { reasonOf, statusLine } from '../../../src/protocol/http/status.ts';

/** Node keeps older phrases for these, and two that are not registered. */
const DIFFERENT: readonly number[] = [413, 418, 422, 509, 510];

describe('status — RFC 9110 §15, IANA registry', () => {
  it('§15 has a reason for every registered status', () => {
    for (const [status, reason] of Object.entries(STATUS_CODES)) {
      if (!DIFFERENT.includes(Number(status))) assert.equal(reasonOf(Number(status)), reason);
    }
    assert.equal(reasonOf(413), 'Content Too Large');
    assert.equal(reasonOf(422), 'Unprocessable Content');
  });

  it('RFC 9112 §4 keeps the space when there is no reason', () => {
    assert.equal(statusLine(200), 'HTTP/1.1 200 OK\r\n');
    assert.equal(statusLine(599), 'HTTP/1.1 599 \r\n');
  });
});
