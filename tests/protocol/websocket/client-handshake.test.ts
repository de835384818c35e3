import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sourceOf } from '../../../src/bytes/source.ts';
import { HttpServerCodec } from '../../../src/protocol/http/http-codec.ts';
import { type ResponseHead, ResponseHeadReader } from '../../../src/protocol/http/response-head.ts';
import {
  type ClientRequestOptions,
  checkResponse,
  clientRequest,
} from '../../../src/protocol/websocket/client-handshake.ts';
import { negotiateDeflate, offerDeflate } from '../../../src/protocol/websocket/extensions.ts';
import {
  acceptKey,
  acceptUpgrade,
  chooseProtocol,
  readUpgrade,
} from '../../../src/protocol/websocket/handshake.ts';
import { drive, everyCut } from '../http/cuts.ts';

const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const BASIC: ClientRequestOptions = { host: 'server.example.com', path: '/chat', key: KEY };
const GOOD: readonly string[] = [
  'Upgrade: websocket',
  'Connection: Upgrade',
  'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
];

describe('clientRequest — RFC 6455 §4.1', () => {
  it('writes what the RFC asks for', () => {
    assert.equal(
      clientRequest(BASIC),
      'GET /chat HTTP/1.1\r\nHost: server.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
  });

  it('items 8, 10, 11, 12: origin, protocols, extensions and other headers', () => {
    const text = clientRequest({
      ...BASIC,
      origin: 'http://example.com',
      protocols: ['chat', 'superchat'],
      deflate: true,
      headers: { Cookie: 'a=b', 'X-Y': ['1', '2'] },
    });
    assert.equal(
      text.slice(text.indexOf('Origin')),
      'Origin: http://example.com\r\nSec-WebSocket-Protocol: chat, superchat\r\n' +
        `Sec-WebSocket-Extensions: ${offerDeflate()}\r\nCookie: a=b\r\nX-Y: 1\r\nX-Y: 2\r\n\r\n`,
    );
  });

  it('refuses parts that cannot be sent', () => {
    const wrong: readonly Partial<ClientRequestOptions>[] = [
      { host: '' },
      { host: 'a b' },
      { host: 'a\r\nX: y' },
      { host: 'u@a' },
      { path: '' },
      { path: 'chat' },
      { path: '/a b' },
      { path: '/a\r\nX: y' },
      { path: '/a#b' },
      { key: 'short' },
      { origin: 'a\r\nX: y' },
      { protocols: ['a b'] },
      { protocols: [''] },
      { protocols: ['a', 'a'] },
      { headers: { Host: 'b' } },
      { headers: { ORIGIN: 'b' } },
    ];
    for (const part of wrong) {
      assert.throws(
        () => clientRequest({ ...BASIC, ...part }),
        { code: 'E_WEBSOCKET_REQUEST' },
        JSON.stringify(part),
      );
    }
    for (const name of [
      'A\r\nB',
      'Upgrade',
      'connection',
      'Sec-WebSocket-Key',
      'Sec-WebSocket-Extensions',
      'Content-Length',
    ]) {
      assert.throws(
        () => clientRequest({ ...BASIC, headers: { [name]: 'x' } }),
        { code: 'E_HTTP_HEADER' },
        name,
      );
    }
    assert.throws(() => clientRequest({ ...BASIC, headers: { A: 'b\nc' } }), { code: 'E_HTTP_HEADER' });
  });

  it('is accepted by the server side, and its answer by the client side', () => {
    const bytes = Buffer.from(
      clientRequest({ ...BASIC, protocols: ['a', 'b'], deflate: true, origin: 'http://x' }),
    );
    const codec = new HttpServerCodec();
    codec.push(sourceOf(bytes), 0, bytes.length);
    const event = codec.pull();
    assert.ok(event?.type === 'message');
    const upgrade = readUpgrade(event.message);
    assert.ok(!('status' in upgrade));
    const deflate = negotiateDeflate(upgrade.extensions);
    assert.ok(deflate);
    const protocol = chooseProtocol(upgrade.protocols, ['b']);
    const answer = acceptUpgrade(upgrade, { protocol, extensions: [deflate.response] });
    const agreement = checkResponse(read(answer), KEY, { protocols: ['a', 'b'], deflate: true });
    assert.deepEqual(agreement, { protocol: 'b', deflate });
  });
});

describe('checkResponse — RFC 6455 §4.1', () => {
  it('takes the answer of the RFC', () => {
    assert.deepEqual(checkResponse(answer(GOOD), KEY), { protocol: undefined, deflate: undefined });
  });

  it('item 1: another status is an answer in HTTP, carried by the error', () => {
    for (const line of [
      '200 OK',
      '301 Moved Permanently',
      '401 Unauthorized',
      '426 Upgrade Required',
      '503 ',
      '100 Continue',
    ]) {
      const status = Number(line.slice(0, 3));
      assert.throws(() => checkResponse(answer(GOOD, `HTTP/1.1 ${line}`), KEY), {
        code: 'E_HTTP_PROTOCOL',
        status,
      });
    }
    fails(GOOD, /HTTP\/1\.1/, {}, 'HTTP/1.0 101 Switching Protocols');
  });

  it('item 2: Upgrade is websocket, in any case', () => {
    assert.ok(checkResponse(answer(replaced('Upgrade', 'WebSocket')), KEY));
    for (const value of ['', 'websockets', 'h2c', 'websocket, h2c', 'websocket\r\nUpgrade: websocket']) {
      fails(replaced('Upgrade', value), /Upgrade/);
    }
    fails(without('Upgrade'), /Upgrade/);
  });

  it('item 3: Connection names Upgrade, in any case', () => {
    assert.ok(checkResponse(answer(replaced('Connection', 'keep-alive, upgrade')), KEY));
    for (const value of ['', 'close', 'upgrades']) fails(replaced('Connection', value), /Connection/);
    fails(without('Connection'), /Connection/);
  });

  it('item 4: Accept answers the key, to the letter and once', () => {
    const right = acceptKey(KEY);
    for (const value of [
      '',
      'x',
      right.toLowerCase(),
      `${right}=`,
      acceptKey(acceptKey(KEY)),
      `${right}, ${right}`,
    ]) {
      fails(replaced('Sec-WebSocket-Accept', value), /Accept/);
    }
    fails(without('Sec-WebSocket-Accept'), /Accept/);
    fails([...GOOD, `Sec-WebSocket-Accept: ${right}`], /Accept/);
    assert.ok(checkResponse(answer(replaced('Sec-WebSocket-Accept', `  ${right}\t`)), KEY));
  });

  it('item 5: no extension that was not offered', () => {
    const withDeflate = [...GOOD, 'Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover'];
    const withOther = [...GOOD, 'Sec-WebSocket-Extensions: x-other'];
    const error = { code: 'E_WEBSOCKET_PROTOCOL', closeCode: 1010 };
    assert.throws(() => checkResponse(answer(withDeflate), KEY), error);
    assert.throws(() => checkResponse(answer(withOther), KEY, { deflate: true }), error);
    assert.equal(checkResponse(answer(withDeflate), KEY, { deflate: true }).deflate?.serverMaxWindowBits, 15);
    assert.equal(checkResponse(answer(GOOD), KEY, { deflate: true }).deflate, undefined);
  });

  it('item 6: no protocol that was not offered', () => {
    const chosen = (value: string): string[] => [...GOOD, `Sec-WebSocket-Protocol: ${value}`];
    const offered = { protocols: ['a', 'b'] };
    assert.equal(checkResponse(answer(chosen('b')), KEY, offered).protocol, 'b');
    assert.equal(checkResponse(answer(GOOD), KEY, offered).protocol, undefined);
    for (const value of ['', 'c', 'A', 'a, b', 'b\r\nSec-WebSocket-Protocol: b'])
      fails(chosen(value), /subprotocol/, offered);
    fails(chosen('a'), /subprotocol/);
  });
});

function answer(fields: readonly string[], line = 'HTTP/1.1 101 Switching Protocols'): ResponseHead {
  return read(`${[line, ...fields].join('\r\n')}\r\n\r\n`);
}

/** Reads a head, and sees that it reads the same wherever it is cut. */
function read(text: string): ResponseHead {
  const heads: ResponseHead[] = [];
  everyCut(Buffer.from(text, 'latin1'), (pieces) => {
    const reader = new ResponseHeadReader();
    const { result, refusal, rest } = drive(pieces, (inbox) => reader.read(inbox));
    assert.ok(result, refusal?.message);
    heads.push(result);
    return { status: result.status, reason: result.reason, fields: [...result.headers], rest };
  });
  const [head] = heads;
  assert.ok(head);
  return head;
}

function without(name: string): string[] {
  return GOOD.filter((field) => !field.startsWith(`${name}:`));
}

function replaced(name: string, value: string): string[] {
  return [...without(name), `${name}: ${value}`];
}

function fails(
  fields: readonly string[],
  message: RegExp,
  offered: Pick<ClientRequestOptions, 'protocols' | 'deflate'> = {},
  line?: string,
): void {
  const act = (): unknown => checkResponse(answer(fields, line), KEY, offered);
  assert.throws(act, { code: 'E_WEBSOCKET_PROTOCOL', closeCode: 1002, message }, fields.join(' | '));
}
