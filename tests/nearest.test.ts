import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nearest } from '../src/nearest.ts';

describe('the word that was meant', () => {
  it('is at most two letters away, whatever its case', () => {
    assert.equal(nearest('webscoket', ['http', 'websocket']), 'websocket');
    assert.equal(nearest('Backlg', ['backlog']), 'backlog');
    assert.equal(nearest('reload', ['status']), undefined);
    assert.equal(nearest('x', ['a', 'b']), undefined);
  });

  it('two letters swapped are one slip: stauts is status and not start', () => {
    assert.equal(nearest('stauts', ['start', 'status']), 'status');
  });
});
