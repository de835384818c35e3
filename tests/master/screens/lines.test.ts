import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { beside, missingNote, rule, ruleWidth } from '../../../src/master/screens/lines.ts';
import { plain } from '../../../src/master/screens/paint.ts';

describe('lines', () => {
  it('a rule is as wide as asked for, its title in the middle', () => {
    assert.equal(rule('USTA', 12), '--- USTA ---');
    assert.equal(rule('USTA', 13), '--- USTA ----');
    assert.equal(rule('', 5), '-----');
    assert.equal(rule('GLOBAL STATUS', 8), ' GLOBAL…');
  });

  it('facts stand beside each other as long as there is room', () => {
    assert.deepEqual(beside(['one', 'two', 'three'], 20), ['one   two   three']);
    assert.deepEqual(beside(['one', 'two', 'three'], 9), ['one   two', 'three']);
    assert.deepEqual(beside(['/srv/long/path/server.ts'], 12), ['/srv/…ver.ts']);
    assert.deepEqual(beside([], 12), []);
  });

  it('rules are as wide as the widest between them, within the canvas', () => {
    assert.equal(ruleWidth([30, 70], { width: 80, paint: plain }), 70);
    assert.equal(ruleWidth([30], { width: 80, paint: plain }), 60);
    assert.equal(ruleWidth([30], { width: 40, paint: plain }), 40);
    assert.equal(ruleWidth([300], { width: Infinity, paint: plain }), 300);
  });

  it('what found no room is named, on as many lines as that takes', () => {
    const canvas = { width: 24, paint: plain };
    assert.deepEqual(missingNote([], canvas), []);
    assert.deepEqual(missingNote(['timers', 'accepted', 'qps'], canvas), [
      'no room for: timers,',
      'accepted, qps',
    ]);
  });
});
