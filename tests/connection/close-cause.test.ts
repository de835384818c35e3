import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { concludeClose } from '../../src/connection/close-cause.ts';

const tally = { idle: 1, age: 2, bytesRead: 3, bytesWritten: 4 };

describe('concludeClose — RFC 6455 §7.1.5, §7.1.6', () => {
  it('without a word from anybody it was the network, and the code is 1006', () => {
    const cause = concludeClose({}, tally);
    assert.deepEqual(cause, { by: 'network', how: 'fin', code: 1006, reason: '', ...tally });
  });

  it('the code is that of the frame that was received', () => {
    const received = { code: 1001, reason: 'the page was left' };
    const cause = concludeClose({ by: 'peer', how: 'frame', received }, tally);
    assert.deepEqual(
      [cause.how, cause.code, cause.reason, cause.sent],
      ['frame', 1001, 'the page was left', undefined],
    );
  });

  it('a frame that was received makes it a close handshake, also when the peer ended first', () => {
    const received = { code: 1000, reason: '' };
    assert.equal(concludeClose({ by: 'us', received }, tally).how, 'frame');
    assert.equal(concludeClose({ by: 'peer', how: 'fin', received }, tally).how, 'frame');
    assert.equal(concludeClose({ by: 'us', how: 'deadline', received }, tally).how, 'deadline');
  });

  it('a frame that was only sent is kept, but the code is still 1006', () => {
    const sent = { code: 1013, reason: 'try again later' };
    const cause = concludeClose({ by: 'us', how: 'limit', reason: 'too much', sent }, tally);
    assert.deepEqual(
      [cause.how, cause.code, cause.reason, cause.sent],
      ['limit', 1006, 'try again later', sent],
    );
  });

  it('the reason is the peer’s, else the one that was sent, else what was noted', () => {
    const received = { code: 1000, reason: 'peer' };
    const sent = { code: 1000, reason: 'ours' };
    assert.equal(concludeClose({ received, sent, reason: 'noted' }, tally).reason, 'peer');
    assert.equal(
      concludeClose({ received: { ...received, reason: '' }, sent, reason: 'noted' }, tally).reason,
      'ours',
    );
    assert.equal(concludeClose({ reason: 'noted' }, tally).reason, 'noted');
  });

  it('an error is kept', () => {
    const error = new Error('reset');
    assert.equal(concludeClose({ by: 'network', how: 'reset', error }, tally).error, error);
  });
});
