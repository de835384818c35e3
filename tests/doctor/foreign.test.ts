import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { foreign } from '../../src/doctor/foreign.ts';
import { say } from '../../src/doctor/sentence.ts';

/** Everything that could move, colour, hide or turn around what a person reads. */
const HARM = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;

describe('foreign text', () => {
  it('keeps letters of any language, and makes one line of it', () => {
    assert.equal(foreign(' Bağlantı\r\n\treddedildi  接続 ✓ '), 'Bağlantı reddedildi 接続 ✓');
  });

  it('takes out escape sequences, C0 and C1, bidirectional overrides and invisible characters', () => {
    assert.equal(
      foreign('a\u001b[2Jb\u009b5mc\u0000d\u007f\u202ee\u2066f\u200bg\ufeffh\u00adi\ud800j'),
      'a[2Jb5mcdefg hij',
    );
  });

  it('cuts what is long, between characters', () => {
    assert.equal(foreign('😀'.repeat(10), 3), '😀😀😀…');
    assert.equal(foreign('x'.repeat(100_000)).length, 301);
  });

  it('lets nothing through, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => {
        assert.doesNotMatch(foreign(text), HARM);
        const { en, tr } = say({ en: 'a {text} b', tr: 'c {text} d' }, { text });
        assert.doesNotMatch(en + tr, HARM);
      }),
    );
  });

  it('does not fill gaps that a foreign text brings along', () => {
    assert.equal(say({ en: '{one} {two}', tr: '' }, { one: '{two}', two: 'secret' }).en, '{two} secret');
  });
});
