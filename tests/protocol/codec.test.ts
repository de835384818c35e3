/** Every codec sits the same examination. */
import { describe, it } from 'node:test';
import { ByteWriter } from '../../src/bytes/byte-writer.ts';
import { Inbox } from '../../src/bytes/inbox.ts';
import { sourceOf } from '../../src/bytes/source.ts';
import type { CodecEvent } from '../../src/protocol/codec.ts';
import { HttpServerCodec } from '../../src/protocol/http/http-codec.ts';
import type { Request } from '../../src/protocol/http/request.ts';
import { ResponseHeadReader } from '../../src/protocol/http/response-head.ts';
import { RawCodec } from '../../src/protocol/raw-codec.ts';
import { webSocketCodecs } from '../../src/protocol/websocket/websocket-codec.ts';
import { examineCodec } from '../../src/testing/codec-examination.ts';
import { BINARY, CONTINUATION, frame, hear, KEY, PING, PONG, TEXT } from './websocket/frames.ts';

const server = webSocketCodecs({ role: 'server', maxMessage: 65_536 });
const client = webSocketCodecs({ role: 'client', maxMessage: 65_536 });
const WEBSOCKET_SENT = [
  '',
  'tom',
  Buffer.from('bytes'),
  'é'.repeat(100),
  Buffer.alloc(65_536),
  'x'.repeat(5000),
];

for (const [name, make, peer, key] of [
  ['WebSocketCodec, server', server, client, KEY],
  ['WebSocketCodec, client', client, server, undefined],
] as const) {
  describe(`Codec: ${name}`, () =>
    examineCodec(
      {
        make,
        boundaries: 'in the bytes',
        messages: [
          frame({ opcode: TEXT, payload: 'héllo wörld', key }),
          frame({ opcode: TEXT, payload: 'plain', key }),
          frame({ opcode: BINARY, payload: Buffer.alloc(200, 'b'), key }),
          frame({ opcode: PING, payload: 'ping', key }),
          Buffer.concat([
            frame({ opcode: TEXT, payload: Buffer.from('61c3', 'hex'), final: false, key }),
            frame({ opcode: CONTINUATION, payload: Buffer.from('a962', 'hex'), key }),
          ]),
          frame({ opcode: TEXT, key }),
          frame({ opcode: PONG, key }),
        ],
        heard: [
          { type: 'message', message: 'héllo wörld' },
          { type: 'message', message: 'plain' },
          { type: 'message', message: Buffer.alloc(200, 'b') },
          { type: 'ping', payload: Buffer.from('ping') },
          { type: 'message', message: 'aéb' },
          { type: 'message', message: '' },
          { type: 'pong', payload: Buffer.alloc(0) },
        ],
        show: (event) => event,
        broken: frame({ opcode: BINARY, payload: 'broken', rsv: 1, key }),
        sent: WEBSOCKET_SENT,
        readAsPeer: (bytes) =>
          hear(peer(), [bytes]).events.map((event) => (event.type === 'message' ? event.message : event)),
      },
      it,
    ));
}

describe('Codec: RawCodec', () =>
  examineCodec(
    {
      make: () => new RawCodec(),
      boundaries: 'the chunks',
      messages: [Buffer.from('one'), Buffer.from('two'), Buffer.from('three')],
      heard: ['one', 'two', 'three'],
      show: (event: CodecEvent<Buffer>) => (event.type === 'message' ? event.message.toString() : event),
      sent: ['text', Buffer.from('bytes'), 'é'],
      readAsPeer: (bytes) => {
        const codec = new RawCodec();
        codec.push(sourceOf(bytes), 0, bytes.length);
        const event = codec.pull();
        return event?.type === 'message' ? [event.message.toString()] : [];
      },
    },
    it,
  ));

describe('Codec: HttpServerCodec', () =>
  examineCodec(
    {
      make: () => new HttpServerCodec(),
      boundaries: 'in the bytes',
      messages: [
        Buffer.from('GET /first?a=b HTTP/1.1\r\nHost: example.org\r\n\r\n'),
        Buffer.from('POST /second HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello'),
        Buffer.from(
          'PUT /third HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
        ),
      ],
      heard: ['GET /first ', 'POST /second hello', 'PUT /third abc'],
      show: (event: CodecEvent<Request>) =>
        event.type === 'message'
          ? `${event.message.method} ${event.message.path} ${event.message.body}`
          : event,
      broken: Buffer.from('GET / HTTP/9.9\r\nHost: a\r\n\r\n'),
      handle: (codec) => codec.encode('answer', new ByteWriter(256)),
      sent: ['first answer', Buffer.from('bytes'), ''],
      beforeSending: (codec) => {
        const request = Buffer.from('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
        codec.push(sourceOf(request), 0, request.length);
        codec.pull();
      },
      readAsPeer: readResponses,
      read: ['first answer', 'bytes', ''],
    },
    it,
  ));

/** Bodies of responses that tell their length. */
function readResponses(bytes: Buffer): string[] {
  const inbox = new Inbox();
  const heads = new ResponseHeadReader();
  inbox.push(sourceOf(bytes), 0, bytes.length);
  const bodies: string[] = [];
  for (let head = heads.read(inbox); head; head = heads.read(inbox)) {
    const end = inbox.position + Number(head.headers.get('content-length'));
    bodies.push(inbox.bytes.toString('utf8', inbox.position, end));
    inbox.position = end;
  }
  return bodies;
}
