import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CloseCode, isSendable } from '../../../src/protocol/websocket/close-code.ts';

describe('isSendable — RFC 6455 §7.4', () => {
  it('§7.4.1, §7.4.2 allows the codes of the registry and those for libraries and applications, and no others', () => {
    const sendable = Array.from({ length: 65_536 }, (_, code) => code).filter((code) => isSendable(code));
    const registered = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014];
    const free = Array.from({ length: 2000 }, (_, index) => 3000 + index);
    assert.deepEqual(sendable, [...registered, ...free]);
  });

  it('§7.4.1 names nothing that may not be sent, but "no status"', () => {
    const unsendable = Object.values(CloseCode).filter((code) => !isSendable(code));
    assert.deepEqual(unsendable, [CloseCode.noStatus]);
  });
});
