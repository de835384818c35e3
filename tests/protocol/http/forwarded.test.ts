import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { readForwarded, readForwardedFor } from '../../../src/protocol/http/forwarded.ts';

describe('X-Forwarded-For', () => {
  it('lists hosts, the farthest first', () => {
    assert.deepEqual(readForwardedFor('192.0.2.1, 10.0.0.1'), [
      { host: '192.0.2.1', port: 0 },
      { host: '10.0.0.1', port: 0 },
    ]);
  });

  it('may name ports, and IPv6 addresses with or without brackets', () => {
    assert.deepEqual(readForwardedFor('192.0.2.1:4711,[2001:db8::1]:80, [::1] ,2001:db8::2'), [
      { host: '192.0.2.1', port: 4711 },
      { host: '2001:db8::1', port: 80 },
      { host: '::1', port: 0 },
      { host: '2001:db8::2', port: 0 },
    ]);
    assert.deepEqual(readForwardedFor('192.0.2.1:99999'), [{ host: '192.0.2.1', port: 0 }]);
  });
});

describe('Forwarded — RFC 7239', () => {
  it("§4 reads the document's own examples", () => {
    assert.deepEqual(readForwarded('for="_gazonk"'), [{ host: '_gazonk', port: 0 }]);
    assert.deepEqual(readForwarded('For="[2001:db8:cafe::17]:4711"'), [
      { host: '2001:db8:cafe::17', port: 4711 },
    ]);
    assert.deepEqual(readForwarded('for=192.0.2.60;proto=http;by=203.0.113.43'), [
      { host: '192.0.2.60', port: 0, proto: 'http' },
    ]);
    assert.deepEqual(readForwarded('for=192.0.2.43, for=198.51.100.17'), [
      { host: '192.0.2.43', port: 0 },
      { host: '198.51.100.17', port: 0 },
    ]);
  });

  it('§5.3 tells the Host that was asked for', () => {
    assert.deepEqual(readForwarded('for=192.0.2.1;host="chat.example:8443";proto=https'), [
      { host: '192.0.2.1', port: 0, proto: 'https', askedFor: 'chat.example:8443' },
    ]);
  });

  it('§4 quoted strings hold commas, semicolons and escapes', () => {
    assert.deepEqual(readForwarded('for="a,b;c\\"d" , for=192.0.2.1'), [
      { host: 'a,b;c"d', port: 0 },
      { host: '192.0.2.1', port: 0 },
    ]);
  });

  it('an element without for tells nothing about the address', () => {
    assert.deepEqual(readForwarded('proto=https'), [{ host: '', port: 0, proto: 'https' }]);
  });

  it('§4 is refused whole when any of it is broken: a client may have opened a quote', () => {
    const broken = [
      'for="a, for=192.0.2.1',
      'for',
      'for=',
      '=a',
      'for=a b',
      'for="a"b',
      'for=a;for=b',
      'for=[::1]',
      'ü=1',
    ];
    for (const value of broken) assert.equal(readForwarded(value), undefined, value);
  });

  it('never throws, and ends', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (value) => {
        readForwarded(value);
        readForwardedFor(value);
      }),
    );
  });
});
