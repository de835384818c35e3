import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { displayWidth, fit, pad } from '../../../src/master/screens/display-width.ts';

describe('displayWidth', () => {
  it('counts what a terminal draws, not code units', () => {
    assert.equal(displayWidth('chat-1'), 6);
    assert.equal(displayWidth('çağrı'), 5);
    assert.equal(displayWidth('聊天'), 4);
    assert.equal(displayWidth('채팅'), 4);
    assert.equal(displayWidth('e\u0301'), 1);
    assert.equal(displayWidth('🚀'), 2);
  });
});

describe('fit', () => {
  it('leaves alone what fits, and cuts what does not at its end', () => {
    assert.equal(fit('chat', 4), 'chat');
    assert.equal(fit('chatroom', 5), 'chat…');
  });

  it('keeps both ends where both tell it apart', () => {
    assert.equal(fit('websocket://0.0.0.0:8282', 15, 'middle'), 'websock….0:8282');
  });

  it('never cuts a wide character in two', () => {
    assert.equal(fit('聊天服务', 4), '聊…');
    assert.equal(fit('聊天服务', 6, 'middle'), '聊…务');
  });

  it('shows control characters instead of sending them to the terminal', () => {
    assert.equal(fit('a\u001b[2Jb', 20), 'a\\u001b[2Jb');
  });

  it('is never wider than asked for', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 });
    fc.assert(
      fc.property(text, fc.nat(30), fc.constantFrom('end', 'middle'), (one, width, where) => {
        assert.ok(displayWidth(fit(one, width, where)) <= width);
      }),
    );
  });
});

describe('pad', () => {
  it('fills up by what is drawn', () => {
    assert.equal(pad('聊天', 6, 'left'), '聊天  ');
    assert.equal(pad('12', 4, 'right'), '  12');
    assert.equal(pad('12345', 4, 'right'), '12345');
  });
});
