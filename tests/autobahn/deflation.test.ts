/** The judge of sections 12 and 13 must itself refuse a bad agreement. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { agree } from './deflation.ts';

describe('agree — RFC 7692 §7.1', () => {
  const flags = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';
  const narrow = [{ serverMaxWindowBits: 9 }];

  it('takes no answer for a refusal', () => {
    assert.equal(agree(undefined, [{}]), undefined);
  });

  for (const [answer, says] of [
    [flags, /answers none/],
    [`${flags}; server_max_window_bits=10`, /answers none/],
    [`${flags}; server_max_window_bits=16`, /did not match/],
    [`${flags}; server_max_window_bits=9; server_max_window_bits=9`, /twice/],
    [`${flags}; mystery`, /did not match/],
    ['permessage-deflate; server_max_window_bits=9', /no context/],
    ['deflate-frame', /deflate-frame/],
  ] as const) {
    it(`refuses "${answer}" for an offer of a window of 9 bits`, () => {
      assert.throws(() => agree(answer, narrow), says);
    });
  }

  it('§7.1.2.1 sees a server that looks back further than was agreed', () => {
    const deflation = agree(`${flags}; server_max_window_bits=9`, narrow);
    const far = Buffer.concat([
      Buffer.from('once upon a time'),
      Buffer.alloc(5000, 0x2a),
      Buffer.from('once upon a time'),
    ]);
    assert.throws(() => deflation?.inflate(deflateRawSync(far)), /too far back/);
  });
});
