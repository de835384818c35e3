/** Answers that mean harm: the doctor ends in time, keeps its memory, follows nobody and prints nothing of it raw. Those that drip or
 * say nothing are in `tests/slow/`. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';
import { testCertificate } from '../fixtures/certificate.ts';
import { doctor } from './examined.ts';
import { harmless, measureFriendly, OK, prove } from './harmless.ts';
import { answer, type Behaviour, endless, flood, frame, HostileServer, webSocket } from './hostile-server.ts';

const MIB = 1_048_576;

const ESCAPES = '\u001b[2J\u001b]0;owned\u0007\u001b[31m\u009b5m\u0000\u0008';
const BIDI = '\u202egnp.exe\u2066\u2069\u200f\u061c';
const HARM = `${ESCAPES}${BIDI}`;

const NOISE = Buffer.alloc(65_536, 'a');

/** 110 MiB of zeros, in about 110 KiB. */
const BOMB = deflateRawSync(Buffer.alloc(110 * MIB), { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);

const PLAIN: Readonly<Record<string, Behaviour>> = {
  'a header line without an end': endless(`${OK}X-Long: `, NOISE),
  'header fields without an end': endless(OK, 'X-Many: yes\r\n'.repeat(4000)),
  'a first line without an end': endless('HTTP/1.1 200 ', NOISE),
  'a body without an end': endless(`${OK}Content-Type: text/html\r\n\r\n<html>`, NOISE),
  'a chunked body without an end': endless(
    `${OK}Transfer-Encoding: chunked\r\n\r\n`,
    `ffff\r\n${'a'.repeat(65_535)}\r\n`,
  ),
  'a body of 2⁶³ bytes, announced': endless(`${OK}Content-Length: 9223372036854775808\r\n\r\n`, NOISE),
  'interim responses without an end': endless(
    '',
    'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(1000),
  ),
  'noise without an end, before any request': (stream) => flood(stream, NOISE),
  'TLS alerts without an end': (stream) => flood(stream, Buffer.from('15030300020100'.repeat(9000), 'hex')),
  'terminal escapes in the reason phrase': answer(`HTTP/1.1 502 ${HARM}\r\nContent-Length: 0\r\n\r\n`),
  'terminal escapes in header fields': answer(
    `${OK}Server: nginx${HARM}\r\nX-Cache: ${HARM}\r\nContent-Length: 0\r\n\r\n`,
  ),
  'terminal escapes in a body': answer(
    `HTTP/1.1 403 No\r\nContent-Type: text/html\r\n\r\n<title>${HARM}</title>`,
  ),
  'terminal escapes instead of HTTP': answer(`SSH-2.0-${HARM}\r\n`),
  'bidirectional characters in fields and body': answer(
    `HTTP/1.1 400 ${BIDI}\r\nServer: ${BIDI}\r\nContent-Length: 40\r\n\r\n<title>${BIDI}</title>`,
  ),
  'a wrong accept key, with a page behind it that has no end': endless(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: aaaaaaaaaaaaaaaaaaaaaaaaaaa=\r\n\r\n<html>',
    '<p>not a frame</p>'.repeat(4000),
  ),
  'a frame of 2⁶³ bytes': webSocket((stream) => {
    stream.write(Buffer.from('827f8000000000000000', 'hex'));
    flood(stream, NOISE);
  }),
  'a frame of 2⁴⁰ bytes that keeps coming': webSocket((stream) => {
    stream.write(Buffer.from('827f0000010000000000', 'hex'));
    flood(stream, NOISE);
  }),
  '100 MiB of messages after a right 101': webSocket((stream) =>
    flood(stream, frame(0x82, Buffer.alloc(4096)), 100 * MIB),
  ),
  'pings without an end': webSocket((stream) => flood(stream, frame(0x89, Buffer.alloc(100, 1)))),
  'fragments without an end': webSocket((stream) => {
    stream.write(frame(0x02, Buffer.from('a')));
    flood(stream, Buffer.concat(Array(1000).fill(frame(0x00, Buffer.from('a')))));
  }),
  'empty fragments without an end': webSocket((stream) => {
    stream.write(frame(0x01, Buffer.alloc(0)));
    flood(stream, Buffer.concat(Array(10_000).fill(frame(0x00, Buffer.alloc(0)))));
  }),
  'a compressed message of 110 MiB': webSocket(
    (stream) => stream.write(frame(0xc2, BOMB)),
    'Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n',
  ),
  'terminal escapes in the reason of a close frame': webSocket((stream) =>
    stream.end(frame(0x88, Buffer.concat([Buffer.from('03f0', 'hex'), Buffer.from(HARM.slice(0, 60))]))),
  ),
  'terminal escapes in the chosen subprotocol': webSocket(() => {}, `Sec-WebSocket-Protocol: ${BIDI}\r\n`),
};

describe('usta doctor, hostile answers', { concurrency: 3 }, () => {
  before(measureFriendly);

  for (const [name, behave] of Object.entries(PLAIN)) {
    it(name, async () => {
      await harmless(await HostileServer.plain(behave), 'ws');
    });
  }

  it('alerts and handshake records without an end instead of TLS', async () => {
    const alerts = Buffer.from('15030300020100'.repeat(9000), 'hex');
    await harmless(await HostileServer.plain((stream) => flood(stream, alerts)), 'wss');
    const records = Buffer.concat(
      Array(16).fill(Buffer.concat([Buffer.from('1603034000', 'hex'), Buffer.alloc(16_384)])),
    );
    await harmless(await HostileServer.plain((stream) => flood(stream, records)), 'wss');
  });

  it('a certificate of 60 KiB, and one with 2000 links', async () => {
    const names = Array.from({ length: 2500 }, (_, index) => `name-${index}.a.example`);
    const page = answer(`${OK}Content-Length: 0\r\n\r\n`);
    await harmless(await HostileServer.secure(await testCertificate(names), page), 'wss');
    const { cert, key } = await testCertificate();
    await harmless(await HostileServer.secure({ cert: cert.repeat(2000), key }, page), 'wss');
  });

  it('terminal escapes in the names of a certificate', async () => {
    const pair = await testCertificate([`${HARM}.example`, `\u001b[31m${BIDI}`]);
    await harmless(await HostileServer.secure(pair, answer(`${OK}Content-Length: 0\r\n\r\n`)), 'wss');
  });

  it('a redirect is told and not followed, to whatever address', async () => {
    const inner = await HostileServer.plain(answer(`${OK}Content-Length: 6\r\n\r\nsecret`));
    const places = [
      `http://127.0.0.1:${inner.port}/`,
      `ws://localhost:${inner.port}/admin`,
      `//[::1]:${inner.port}/`,
    ];
    for (const [index, status] of [301, 302, 303, 307, 308].entries()) {
      const place = places[index % places.length];
      const redirect = answer(
        `HTTP/1.1 ${status} Go\r\nLocation: ${place}\r\nRefresh: 0; url=${place}\r\nContent-Length: 0\r\n\r\n`,
      );
      await harmless(await HostileServer.plain(redirect), 'ws');
    }
    assert.equal(inner.connections, 0);
    inner.close();
  });

  it('as JSON, too', async () => {
    const server = await HostileServer.plain(
      answer(`HTTP/1.1 403 ${BIDI}\r\nServer: ${BIDI}\r\n\r\n<title>${HARM}</title>`),
    );
    const examined = await doctor([`ws://127.0.0.1:${server.port}/`, '--json']);
    server.close();
    prove(examined);
    assert.equal((JSON.parse(examined.output) as { ok: boolean }).ok, false);
  });
});
