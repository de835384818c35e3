import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { ProxyHeaderError } from '../../../src/errors.ts';
import { type Beginning, ProxyHeaderReader } from '../../../src/protocol/proxy-header/proxy-header-reader.ts';

const ENDS = {
  source: { host: '192.0.2.1', port: 4711 },
  destination: { host: '198.51.100.2', port: 443 },
};
const ENDS_6 = {
  source: { host: '2001:db8::1', port: 4711 },
  destination: { host: '::1', port: 443 },
};
const LINE = 'PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\n';
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

/** A version 2 header. */
function binary(command: number, family: number, body: Buffer, length: number = body.length): Buffer {
  const head = Buffer.from([command, family, length >> 8, length & 255]);
  return Buffer.concat([SIGNATURE, head, body]);
}

const BODY_4 = Buffer.from([192, 0, 2, 1, 198, 51, 100, 2, 4711 >> 8, 4711 & 255, 443 >> 8, 443 & 255]);
const BODY_6 = Buffer.from(`20010db8${'0'.repeat(23)}1${'0'.repeat(31)}1126701bb`, 'hex');
/** PP2_TYPE_NOOP with two bytes. */
const TLV = Buffer.from([0x04, 0, 2, 1, 2]);

function whole(bytes: Buffer, required = true): Beginning | undefined {
  return new ProxyHeaderReader(required).push(bytes);
}

/** Fed in pieces of these sizes, and the rest at once. */
function inPieces(bytes: Buffer, sizes: readonly number[], required = true): Beginning | undefined {
  const reader = new ProxyHeaderReader(required);
  let position = 0;
  for (const size of [...sizes, bytes.length]) {
    const found = reader.push(bytes.subarray(position, position + size));
    position += size;
    if (found) return { ...found, rest: Buffer.concat([found.rest, bytes.subarray(position)]) };
  }
  return undefined;
}

describe('PROXY protocol §2.1 — version 1', () => {
  it('tells both ends', () => {
    assert.deepEqual(whole(Buffer.from(`${LINE}GET /`))?.header?.ends, ENDS);
    const line = 'PROXY TCP6 2001:db8::1 ::1 4711 443\r\n';
    assert.deepEqual(whole(Buffer.from(line))?.header?.ends, ENDS_6);
    assert.equal(whole(Buffer.from(`${LINE}GET /`))?.rest.toString(), 'GET /');
  });

  it('UNKNOWN keeps the ends of the connection itself, whatever follows', () => {
    for (const line of ['PROXY UNKNOWN\r\n', 'PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n']) {
      const found = whole(Buffer.from(line));
      assert.equal(found?.header?.ends, undefined);
      assert.equal(found?.rest.length, 0);
    }
  });

  it('is at most 107 bytes', () => {
    assert.equal(whole(Buffer.from(`PROXY TCP4 ${'1'.repeat(90)}`)), undefined);
    assert.throws(() => whole(Buffer.from(`PROXY TCP4 ${'1'.repeat(100)}`)), ProxyHeaderError);
  });

  it('has one form only', () => {
    const lines = [
      'PROXY TCP4 192.0.2.1 198.51.100.2 4711\r\n',
      'PROXY TCP4 192.0.2.1 198.51.100.2 4711 443 \r\n',
      'PROXY TCP4  192.0.2.1 198.51.100.2 4711 443\r\n',
      'PROXY TCP4 2001:db8::1 ::1 4711 443\r\n',
      'PROXY TCP6 192.0.2.1 198.51.100.2 4711 443\r\n',
      'PROXY TCP4 192.0.2.256 198.51.100.2 4711 443\r\n',
      'PROXY TCP4 192.0.02.1 198.51.100.2 4711 443\r\n',
      'PROXY TCP4 192.0.2.1 198.51.100.2 04711 443\r\n',
      'PROXY TCP4 192.0.2.1 198.51.100.2 65536 443\r\n',
      'PROXY TCP6 2001:db8:::1 ::1 4711 443\r\n',
      'PROXY TCP6 1:2:3:4:5:6:7:8:9 ::1 4711 443\r\n',
      'PROXY UDP4 192.0.2.1 198.51.100.2 4711 443\r\n',
      'PROXY \r\n',
    ];
    for (const line of lines) assert.throws(() => whole(Buffer.from(line)), ProxyHeaderError, line);
  });
});

describe('PROXY protocol §2.2 — version 2', () => {
  it('tells both ends, and TLVs are skipped', () => {
    const rest = Buffer.from('\x16\x03\x01');
    const found = whole(Buffer.concat([binary(0x21, 0x11, Buffer.concat([BODY_4, TLV])), rest]));
    assert.deepEqual(found?.header?.ends, ENDS);
    assert.deepEqual(found?.rest, rest);
    assert.deepEqual(whole(binary(0x21, 0x21, BODY_6))?.header?.ends, ENDS_6);
  });

  it('tells an IPv4-mapped address plain', () => {
    const mapped = Buffer.from(`${'0'.repeat(20)}ffffc0000201${'0'.repeat(31)}1126701bb`, 'hex');
    assert.equal(whole(binary(0x21, 0x21, mapped))?.header?.ends?.source.host, '192.0.2.1');
  });

  it('RFC 5952 §4 shortens the longest run of zeros, the first of several', () => {
    const source = (hex: string): string | undefined =>
      whole(binary(0x21, 0x21, Buffer.from(`${hex}${'0'.repeat(40)}`, 'hex')))?.header?.ends?.source.host;
    assert.equal(source('20010db8000000000001000000000001'), '2001:db8::1:0:0:1');
    assert.equal(source('20010db8000100000000000000000000'), '2001:db8:1::');
    assert.equal(source('00100000000000010000000000000001'), '10:0:0:1::1');
    assert.equal(source('20010db8000000010001000100010001'), '2001:db8:0:1:1:1:1:1');
    assert.equal(source('0'.repeat(32)), '::');
  });

  it('LOCAL keeps the ends of the connection itself: a health check', () => {
    for (const body of [Buffer.alloc(0), BODY_4]) {
      const found = whole(binary(0x20, body.length ? 0x11 : 0, body));
      assert.ok(found?.header);
      assert.equal(found.header.ends, undefined);
    }
  });

  it('so do unspecified families and Unix sockets', () => {
    assert.equal(whole(binary(0x21, 0x00, Buffer.alloc(0)))?.header?.ends, undefined);
    assert.equal(whole(binary(0x21, 0x31, Buffer.alloc(216)))?.header?.ends, undefined);
  });

  it('refuses other versions, commands and families, and addresses cut short', () => {
    const wrong = [
      binary(0x11, 0x11, BODY_4),
      binary(0x22, 0x11, BODY_4),
      binary(0x21, 0x12, BODY_4),
      binary(0x21, 0x41, BODY_4),
      binary(0x21, 0x11, BODY_4.subarray(0, 11)),
      binary(0x21, 0x21, BODY_4),
    ];
    for (const bytes of wrong) assert.throws(() => whole(bytes), ProxyHeaderError, bytes.toString('hex'));
  });

  it('takes at most 4,096 bytes, and refuses a longer one by its head', () => {
    assert.ok(whole(binary(0x21, 0x11, Buffer.concat([BODY_4, Buffer.alloc(4_068)]))));
    assert.throws(() => whole(binary(0x21, 0x11, Buffer.alloc(0), 4_081)), /too long/);
  });
});

describe('PROXY protocol §2 — required or refused, never guessed', () => {
  it('without one a listed peer is refused at the first byte that differs', () => {
    for (const text of ['GET / HTTP/1.1', '\x16\x03\x01', 'PROPFIND', '\r\n\r\nGET', 'proxy TCP4']) {
      assert.throws(() => whole(Buffer.from(text, 'latin1')), /no PROXY header/, text);
    }
  });

  it('with one any other peer is refused', () => {
    assert.throws(() => whole(Buffer.from(LINE), false), /not in proxyProtocol/);
    assert.throws(() => whole(binary(0x20, 0, Buffer.alloc(0)), false), /not in proxyProtocol/);
  });

  it('without one any other peer is let through, all of its bytes kept', () => {
    for (const text of ['GET /', 'P', 'PROPFIND /', '\r\n\r\nGET /', '\x16\x03']) {
      const found = inPieces(Buffer.from(`${text} and more`, 'latin1'), [1, 1, 1, 1, 1, 1, 1], false);
      assert.equal(found?.header, undefined);
      assert.equal(found?.rest.toString('latin1'), `${text} and more`);
    }
  });

  it('is the same wherever TCP cuts it', () => {
    const headers = [
      Buffer.from(LINE),
      binary(0x21, 0x21, Buffer.concat([BODY_6, TLV])),
      binary(0x20, 0, TLV),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...headers), fc.array(fc.integer({ min: 1, max: 9 })), (header, sizes) => {
        const bytes = Buffer.concat([header, Buffer.from('rest')]);
        assert.deepEqual(inPieces(bytes, sizes), whole(bytes));
      }),
    );
  });

  it('whatever comes is a header, a refusal or a wait, never another error', () => {
    const beginnings = [Buffer.from('PROXY '), SIGNATURE, Buffer.alloc(0)];
    fc.assert(
      fc.property(fc.constantFrom(...beginnings), fc.uint8Array({ maxLength: 300 }), (beginning, bytes) => {
        try {
          whole(Buffer.concat([beginning, bytes]));
        } catch (error) {
          assert.ok(error instanceof ProxyHeaderError);
        }
      }),
    );
  });
});
