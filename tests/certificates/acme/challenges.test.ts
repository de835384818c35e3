import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ChallengeAnswer, ChallengeAnswers } from '../../../src/certificates/acme/challenges.ts';

const LIST: readonly ChallengeAnswer[] = [
  { type: 'http-01', domain: 'a.usta.dev', token: 'token', keyAuthorization: 'token.thumbprint' },
  { type: 'tls-alpn-01', domain: 'b.usta.dev', cert: 'CERT', key: 'KEY' },
];

describe('ChallengeAnswers', () => {
  it('answers what is in the list, also when it came as JSON from another process', () => {
    const answers = new ChallengeAnswers();
    answers.replace(JSON.parse(JSON.stringify(LIST)) as ChallengeAnswer[]);
    assert.equal(answers.http01('token'), 'token.thumbprint');
    assert.deepEqual(answers.tlsAlpn01('B.usta.dev'), { cert: 'CERT', key: 'KEY' });
  });

  it('answers nothing else, and nothing from an older list', () => {
    const answers = new ChallengeAnswers();
    answers.replace(LIST);
    for (const token of ['', 'other', '__proto__', 'constructor'])
      assert.equal(answers.http01(token), undefined);
    assert.equal(answers.tlsAlpn01('a.usta.dev'), undefined);
    answers.replace([]);
    assert.equal(answers.http01('token'), undefined);
    assert.equal(answers.tlsAlpn01('b.usta.dev'), undefined);
  });
});
