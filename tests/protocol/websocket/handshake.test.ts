import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sourceOf } from '../../../src/bytes/source.ts';
import { HttpServerCodec } from '../../../src/protocol/http/http-codec.ts';
import type { Request } from '../../../src/protocol/http/request.ts';
import {
  acceptKey,
  acceptUpgrade,
  chooseProtocol,
  isKey,
  type Refusal,
  readUpgrade,
  type Upgrade,
  wantsUpgrade,
} from '../../../src/protocol/websocket/handshake.ts';
import { everyCut, refusalOf } from '../http/cuts.ts';

/** The example of RFC 6455 §1.3. */
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

const GOOD: readonly string[] = [
  'Host: server.example.com',
  'Upgrade: websocket',
  'Connection: Upgrade',
  `Sec-WebSocket-Key: ${KEY}`,
  'Sec-WebSocket-Version: 13',
];

interface Answer {
  /** 101, or the status of the refusal, whoever refused. */
  readonly status: number;
  readonly reason: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly rest: string;
}

describe('readUpgrade — RFC 6455 §4.2.1', () => {
  it('reads the example of the RFC', () => {
    const upgrade = accepted(
      request([...GOOD, 'Origin: http://example.com', 'Sec-WebSocket-Protocol: chat, superchat']),
    );
    assert.deepEqual(upgrade, { key: KEY, protocols: ['chat', 'superchat'], extensions: [] });
  });

  it('item 1: GET and HTTP/1.1', () => {
    assert.equal(answer(GOOD, 'POST / HTTP/1.1').status, 405);
    assert.deepEqual(answer(GOOD, 'GETX / HTTP/1.1').headers, { Allow: 'GET' });
    assert.equal(answer(GOOD, 'get / HTTP/1.1').status, 405);
    assert.equal(answer(GOOD, 'GET / HTTP/1.0').status, 400);
    assert.match(answer(GOOD, 'GET / HTTP/1.0').reason, /proxy_http_version/);
    assert.equal(answer(GOOD, 'GET / HTTP/2.0').status, 505);
    assert.equal(answer(GOOD, 'GET /chat?room=1 HTTP/1.1').status, 101);
    assert.equal(answer(GOOD, 'GET http://server.example.com/chat HTTP/1.1').status, 101);
  });

  it('item 2: Host', () => {
    assert.equal(answer(without('Host')).status, 400);
  });

  it('item 3: Upgrade names websocket, in any case, also in a list', () => {
    for (const value of ['WebSocket', 'WEBSOCKET', 'h2c, websocket', 'websocket , x/1']) {
      assert.equal(answer(replaced('Upgrade', value)).status, 101, value);
    }
    for (const value of ['', 'websockets', 'web socket', 'websocket/13', 'h2c', '"websocket"']) {
      const { status, headers } = answer(replaced('Upgrade', value));
      assert.deepEqual(
        [status, headers],
        [426, { Upgrade: 'websocket', 'Sec-WebSocket-Version': '13' }],
        value,
      );
    }
    assert.equal(answer(without('Upgrade')).status, 426);
  });

  it('item 4: Connection names Upgrade, in any case, also in a list or in several lines', () => {
    for (const value of [
      'upgrade',
      'keep-alive, Upgrade',
      'UPGRADE,keep-alive',
      'x\r\nConnection: upgrade',
    ]) {
      assert.equal(answer(replaced('Connection', value)).status, 101, value);
    }
    for (const value of ['', 'keep-alive', 'close', 'upgraded', 'Up grade']) {
      assert.equal(answer(replaced('Connection', value)).status, 400, value);
    }
    assert.equal(answer(without('Connection')).status, 400);
  });

  it('item 5: a key that is the base64 form of 16 bytes, once', () => {
    for (const key of [
      '',
      'abcde',
      KEY.slice(0, -1),
      `${KEY}=`,
      `${KEY}, ${KEY}`,
      'dGhlIHNhbXBsZSBub25jZQ',
      'dGhlIHNhbXBsZSBub25jZR==',
      'dGhlIHNhbXBsZSBub25jZ===',
      'dGhlIHNhbXBsZSBub25jZS1=',
      'dGhlIHNhbXBsZS1ub25j_Q==',
      'dGhlIHNhbXBsZSBub25 ZQ==',
      'AAAAAAAAAAAAAAAAAAAAAAAA',
      'AAAAAAAAAAAAAAAAAAAAAA==AAAA',
    ]) {
      assert.equal(answer(replaced('Sec-WebSocket-Key', key)).status, 400, key);
    }
    assert.equal(answer(without('Sec-WebSocket-Key')).status, 400);
    assert.equal(answer([...GOOD, `Sec-WebSocket-Key: ${KEY}`]).status, 400);
    for (let byte = 0; byte < 256; byte++) assert.ok(isKey(Buffer.alloc(16, byte).toString('base64')));
  });

  it('item 6: version 13, once; every other is answered 426 with the version spoken', () => {
    for (const version of ['', '0', '7', '8', '12', '14', '013', '13.0', '13, 8', '255', 'x']) {
      const { status, headers } = answer(replaced('Sec-WebSocket-Version', version));
      assert.deepEqual([status, headers['Sec-WebSocket-Version']], [426, '13'], version);
    }
    assert.equal(answer(without('Sec-WebSocket-Version')).status, 426);
    assert.equal(answer([...GOOD, 'Sec-WebSocket-Version: 13']).status, 400);
    assert.equal(answer([...GOOD, 'Sec-WebSocket-Version: 8']).status, 400);
  });

  it('item 8: protocols are distinct tokens, in one line or several', () => {
    const offered = (...lines: string[]): readonly string[] => [
      ...GOOD,
      ...lines.map((line) => `Sec-WebSocket-Protocol: ${line}`),
    ];
    assert.deepEqual(accepted(request(offered('a,b', 'C , !#$'))).protocols, ['a', 'b', 'C', '!#$']);
    for (const value of ['', ',', 'a,', ',a', 'a,,b', 'a b', 'a/b', '"a"', 'a, a', 'a=b']) {
      assert.equal(answer(offered(value)).status, 400, value);
    }
    assert.equal(answer(offered('a', 'a')).status, 400);
  });

  it('item 9: extensions are read, malformed ones refused', () => {
    const { extensions } = accepted(
      request([...GOOD, 'Sec-WebSocket-Extensions: a;b=1', 'Sec-WebSocket-Extensions: c']),
    );
    assert.deepEqual(extensions, [
      { name: 'a', parameters: [{ name: 'b', value: '1' }] },
      { name: 'c', parameters: [] },
    ]);
    for (const value of ['', 'a;', 'a b', 'a="', ';a']) {
      assert.equal(answer([...GOOD, `Sec-WebSocket-Extensions: ${value}`]).status, 400, value);
    }
  });

  it('has no body', () => {
    const withBody = request([...GOOD, 'Content-Length: 2'], undefined, 'ab');
    assert.equal((readUpgrade(withBody) as Refusal).status, 400);
    const chunked = request([...GOOD, 'Transfer-Encoding: chunked'], undefined, '0\r\n\r\n');
    assert.equal((readUpgrade(chunked) as Refusal).status, 400);
    assert.equal(answer([...GOOD, 'Content-Length: 0']).status, 101);
  });

  it('leaves the frames that came with it to the next codec', () => {
    assert.equal(answer(GOOD, undefined, '\x81\x83\0\0\0\0tom').rest, '\x81\x83\0\0\0\0tom');
  });
});

/** Handshakes that a lenient server accepted or left hanging. */
describe('what must not become a WebSocket', () => {
  const notNamed = ['Host: a', 'Upgrade: websocket', 'Connection: Upgrade'];
  const rows: readonly (readonly [title: string, status: number, bytes: string])[] = [
    ['no key', 400, head(without('Sec-WebSocket-Key'))],
    ['POST', 405, head(GOOD, 'POST / HTTP/1.1')],
    ['10 kB of noise', 400, '\x00\xff\x7fnoise'.repeat(1_250)],
    ['10 kB of readable noise', 414, 'noise!\xe9'.repeat(1_430)],
    ['no version', 426, head(without('Sec-WebSocket-Version'))],
    ['plain GET', 426, head(['Host: a'])],
    ['version 8', 426, head(replaced('Sec-WebSocket-Version', '8'))],
    ['empty key', 400, head(replaced('Sec-WebSocket-Key', ''))],
    ['key of 5 characters', 400, head(replaced('Sec-WebSocket-Key', 'abcde'))],
    ['no Upgrade', 426, head(without('Upgrade'))],
    ['no Connection', 400, head(without('Connection'))],
    ['no Host', 400, head(without('Host'))],
    ['HTTP/1.0', 400, head(GOOD, 'GET / HTTP/1.0')],
    ['method GETX', 405, head(GOOD, 'GETX / HTTP/1.1')],
    [
      'key only in X-Sec-WebSocket-Key',
      400,
      head([...without('Sec-WebSocket-Key'), `X-Sec-WebSocket-Key: ${KEY}`]),
    ],
    [
      'key and version only in X-Sec-WebSocket-*',
      426,
      head([...notNamed, `X-Sec-WebSocket-Key: ${KEY}`, 'X-Sec-WebSocket-Version: 13']),
    ],
    ['LF alone', 400, head(GOOD).replaceAll('\r\n', '\n')],
    ['10 kB of noise that begins with GET', 414, `GET ${'x'.repeat(10_240)}`],
  ];

  for (const [title, status, bytes] of rows) {
    it(`${title}: ${status}`, () => {
      const seen = converse(bytes);
      assert.equal(seen.status, status, seen.reason);
      assert.match(seen.reason, /^[ -~]+[§]?[ -~]*$/);
    });
  }

  it('good: 101, byte by byte and with a frame in the same packet', () => {
    assert.deepEqual(converse(`${head(GOOD)}\x81\x80\0\0\0\0`).status, 101);
  });
});

describe('wantsUpgrade', () => {
  it('is true when Upgrade names websocket or a key is there', () => {
    assert.ok(wantsUpgrade(request(GOOD)));
    assert.ok(wantsUpgrade(request(['Host: a', 'Upgrade: WebSocket'])), 'bad, but meant');
    assert.ok(wantsUpgrade(request(without('Upgrade'))), 'a proxy dropped Upgrade');
  });

  it('is false for pages and for other upgrades', () => {
    assert.ok(!wantsUpgrade(request(['Host: a'])));
    assert.ok(!wantsUpgrade(request(['Host: a', 'Upgrade: h2c', 'Connection: Upgrade'])));
    assert.ok(!wantsUpgrade(request(['Host: a', 'Sec-WebSocket-Version: 13'])));
    assert.ok(!wantsUpgrade(request(['Host: a', `X-Sec-WebSocket-Key: ${KEY}`])));
  });
});

describe('acceptUpgrade — RFC 6455 §4.2.2', () => {
  const upgrade: Upgrade = { key: KEY, protocols: ['chat', 'superchat'], extensions: [] };

  it('/key/ the answer of the RFC', () => {
    assert.equal(acceptKey(KEY), ACCEPT);
  });

  it('/subprotocol/ the first of the server that was offered', () => {
    assert.equal(chooseProtocol(['a', 'b', 'c'], ['c', 'b']), 'c');
    assert.equal(chooseProtocol(['a'], ['A', 'b']), undefined);
    assert.equal(chooseProtocol([], ['a']), undefined);
    assert.equal(chooseProtocol(['a'], []), undefined);
  });

  it('item 5: the head of the 101', () => {
    assert.equal(
      acceptUpgrade(upgrade),
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${ACCEPT}\r\n\r\n`,
    );
    const full = acceptUpgrade(upgrade, {
      protocol: 'superchat',
      extensions: ['a; b', 'c'],
      headers: { 'Set-Cookie': ['d=e', 'f=g'], Server: 'usta' },
    });
    assert.equal(
      full.slice(full.indexOf('Sec-WebSocket-Protocol')),
      'Sec-WebSocket-Protocol: superchat\r\nSec-WebSocket-Extensions: a; b, c\r\n' +
        'Set-Cookie: d=e\r\nSet-Cookie: f=g\r\nServer: usta\r\n\r\n',
    );
  });

  it('/subprotocol/ never one that was not offered', () => {
    for (const protocol of ['other', 'Chat', '', 'chat\r\nX: y']) {
      assert.throws(() => acceptUpgrade(upgrade, { protocol }), { code: 'E_WEBSOCKET_PROTOCOL_NOT_OFFERED' });
    }
  });

  it('cannot be split, and keeps its own headers to itself', () => {
    for (const headers of [
      { A: 'b\r\nC: d' },
      { A: 'b\n' },
      { 'A\r\nB': 'c' },
      { 'A B': 'c' },
      { '': 'c' },
      { A: ['b', '\u010a'] },
      { Upgrade: 'h2c' },
      { connection: 'close' },
      { 'SEC-WEBSOCKET-ACCEPT': ACCEPT },
      { 'Sec-WebSocket-Protocol': 'never-offered' },
      { 'Sec-WebSocket-Extensions': 'permessage-deflate' },
      { 'Sec-WebSocket-Version': '13' },
      { 'Content-Length': '5' },
      { 'Transfer-Encoding': 'chunked' },
    ]) {
      assert.throws(
        () => acceptUpgrade(upgrade, { headers }),
        { code: 'E_HTTP_HEADER' },
        JSON.stringify(headers),
      );
    }
    assert.throws(() => acceptUpgrade(upgrade, { extensions: ['a\r\nB: c'] }), { code: 'E_HTTP_HEADER' });
  });
});

function head(fields: readonly string[], line = 'GET / HTTP/1.1'): string {
  return `${[line, ...fields].join('\r\n')}\r\n\r\n`;
}

function without(name: string): string[] {
  return GOOD.filter((field) => !field.startsWith(`${name}:`));
}

function replaced(name: string, value: string): string[] {
  return [...without(name), `${name}: ${value}`];
}

function answer(fields: readonly string[], line?: string, rest = ''): Answer {
  return converse(head(fields, line) + rest);
}

/** What a peer sees that sends these bytes to a port for WebSockets. */
function converse(text: string): Answer {
  return everyCut(Buffer.from(text, 'latin1'), (pieces): Answer => {
    const codec = new HttpServerCodec();
    let answer: Omit<Answer, 'rest'> = { status: 0, reason: 'waits for ever', headers: {} };
    try {
      for (const piece of pieces) {
        codec.push(sourceOf(piece), 0, piece.length);
        const event = codec.pull();
        if (event?.type === 'message') answer = decide(event.message);
        codec.retain();
        piece.fill(0xee);
      }
    } catch (error) {
      const { status, message } = refusalOf(error);
      answer = { status, reason: message, headers: {} };
    }
    return { ...answer, rest: codec.rest().toString('latin1') };
  });
}

function decide(request: Request): Omit<Answer, 'rest'> {
  const upgrade = readUpgrade(request);
  return 'status' in upgrade ? upgrade : { status: 101, reason: 'Switching Protocols', headers: {} };
}

function request(fields: readonly string[], line?: string, body = ''): Request {
  const bytes = Buffer.from(head(fields, line) + body, 'latin1');
  const codec = new HttpServerCodec();
  codec.push(sourceOf(bytes), 0, bytes.length);
  const event = codec.pull();
  assert.ok(event?.type === 'message');
  return event.message;
}

function accepted(request: Request): Upgrade {
  const upgrade = readUpgrade(request);
  assert.ok(!('status' in upgrade), 'refused');
  return upgrade;
}
