import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  AcmeError,
  isChallengeFailure,
  isPassing,
  oneLine,
} from '../../../src/certificates/acme/acme-error.ts';

describe('AcmeError — RFC 8555 §6.7', () => {
  it('says what to do about the problems that people meet', () => {
    const expected: Readonly<Record<string, RegExp>> = {
      dns: /A and AAAA records/,
      connection: /open the port/,
      rateLimited: /wait.*staging/,
      caa: /CAA record/,
      unauthorized: /another server answers/,
      tls: /port 443/,
      externalAccountRequired: /externalAccountBinding/,
      untrusted: /directoryRoot/,
    };
    for (const [problem, remedy] of Object.entries(expected)) {
      assert.match(new AcmeError(problem, 'it failed').message, new RegExp(`^it failed; .*${remedy.source}`));
    }
  });

  it('has no remedy for a word it does not know, whatever that word is', () => {
    for (const word of ['other', 'constructor', '__proto__']) {
      assert.equal(new AcmeError(word, 'it failed').message, 'it failed');
    }
  });

  it('knows what passes by itself, and what another kind of proof may mend', () => {
    assert.deepEqual(
      ['unreachable', 'timedOut', 'serverInternal', 'rateLimited', 'dns'].map((word) =>
        isPassing(new AcmeError(word, '')),
      ),
      [true, true, true, false, false],
    );
    assert.equal(isPassing(new AcmeError('other', '', { status: 503 })), true);
    assert.equal(isPassing(new Error('disk')), false);
    assert.equal(isChallengeFailure(new AcmeError('connection', '')), true);
    assert.equal(isChallengeFailure(new AcmeError('rateLimited', '')), false);
    assert.equal(isChallengeFailure(new Error('connection')), false);
  });
});

describe('oneLine', () => {
  it('leaves letters of all scripts, and nothing that moves a cursor, a direction or a line', () => {
    assert.equal(oneLine('güvenli 网站 🔒'), 'güvenli 网站 🔒');
    assert.equal(oneLine('a\u001b[31m\r\nb\u2028c\u202ed\u0000e\u200bf'), 'a [31m b c d e f');
  });

  it('cuts what is long', () => {
    assert.equal(oneLine('x'.repeat(1_000_000), 10), 'xxxxxxxxx…');
    assert.equal(oneLine(`${' '.repeat(100)}x`, 10), '');
  });
});
