/** Answers that mean harm: the doctor ends in time, keeps its memory, follows nobody and prints nothing of it raw. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';
import { testCertificate } from '../fixtures/certificate.ts';
import { doctor, type Examined } from './examined.ts';
import {
  afterRequest,
  answer,
  type Behaviour,
  drip,
  endless,
  flood,
  frame,
  HostileServer,
  slowly,
  webSocket,
} from './hostile-server.ts';

const MIB = 1_048_576;
/** What a hostile answer may cost, beyond what Node and the doctor need for a friendly one, in bytes. */
const MEMORY = 64 * MIB;
/** For all steps together, in milliseconds, the start of the process included. */
const DEADLINE_MS = 40_000;

const ESCAPES = '\u001b[2J\u001b]0;owned\u0007\u001b[31m\u009b5m\u0000\u0008';
const BIDI = '\u202egnp.exe\u2066\u2069\u200f\u061c';
const HARM = `${ESCAPES}${BIDI}`;

/** All that could move, colour, hide or turn around what a person reads; a new line may be there. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

const OK = 'HTTP/1.1 200 OK\r\n';
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
  'a head, one byte each 200 ms': drip(`${OK}Server: slow\r\n\r\n`),
  'a body, one byte each 200 ms': afterRequest((stream) => {
    stream.write(`${OK}Content-Length: 1000000\r\n\r\n`);
    slowly(stream, Buffer.from('<p>'));
  }),
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
  'a frame, one byte each 200 ms': webSocket((stream) => slowly(stream, frame(0x81, Buffer.alloc(120, 'a')))),
  'terminal escapes in the reason of a close frame': webSocket((stream) =>
    stream.end(frame(0x88, Buffer.concat([Buffer.from('03f0', 'hex'), Buffer.from(HARM.slice(0, 60))]))),
  ),
  'terminal escapes in the chosen subprotocol': webSocket(() => {}, `Sec-WebSocket-Protocol: ${BIDI}\r\n`),
};

describe('usta doctor, hostile answers', { concurrency: 3 }, () => {
  let usual = 0;
  before(async () => {
    const server = await HostileServer.plain(answer(`${OK}Content-Length: 0\r\n\r\n`));
    usual = (await doctor([`ws://127.0.0.1:${server.port}/`])).peak;
    server.close();
    assert.ok(usual > 20 * MIB, `${usual} bytes were measured`);
  });

  for (const [name, behave] of Object.entries(PLAIN)) {
    it(name, async () => {
      await harmless(await HostileServer.plain(behave), 'ws');
    });
  }

  it('TLS, one byte each 200 ms', async () => {
    const record = Buffer.from(`16030300${'7a'}0200007603${'03'}${'11'.repeat(120)}`, 'hex');
    await harmless(await HostileServer.plain((stream) => slowly(stream, record)), 'wss');
  });

  it('alerts and handshake records without an end instead of TLS', async () => {
    const alerts = Buffer.from('15030300020100'.repeat(9000), 'hex');
    await harmless(await HostileServer.plain((stream) => flood(stream, alerts)), 'wss');
    const records = Buffer.concat(
      Array(16).fill(Buffer.concat([Buffer.from('1603034000', 'hex'), Buffer.alloc(16_384)])),
    );
    await harmless(await HostileServer.plain((stream) => flood(stream, records)), 'wss');
  });

  it('silence at each step', async () => {
    await harmless(await HostileServer.plain(() => {}), 'wss');
    await harmless(await HostileServer.plain(() => {}), 'ws');
    await harmless(await HostileServer.plain(webSocket(() => {})), 'ws');
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
    for (const status of [301, 302, 303, 307, 308]) {
      for (const place of [
        `http://127.0.0.1:${inner.port}/`,
        `ws://localhost:${inner.port}/admin`,
        `//[::1]:${inner.port}/`,
      ]) {
        const redirect = answer(
          `HTTP/1.1 ${status} Go\r\nLocation: ${place}\r\nRefresh: 0; url=${place}\r\nContent-Length: 0\r\n\r\n`,
        );
        await harmless(await HostileServer.plain(redirect), 'ws');
      }
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
    prove(examined, usual);
    assert.equal((JSON.parse(examined.output) as { ok: boolean }).ok, false);
  });

  async function harmless(server: HostileServer, scheme: 'ws' | 'wss'): Promise<void> {
    try {
      prove(await doctor([`${scheme}://127.0.0.1:${server.port}/wss`], 2 * DEADLINE_MS), usual);
      assert.ok(server.connections > 0, 'nobody came');
    } finally {
      server.close();
    }
  }
});

function prove({ exitCode, output, errors, peak, milliseconds }: Examined, usual: number): void {
  assert.equal(exitCode, 1, errors || output);
  assert.ok(milliseconds < DEADLINE_MS, `${milliseconds} ms`);
  assert.ok(peak - usual < MEMORY, `${Math.round((peak - usual) / MIB)} MiB more than for a friendly answer`);
  assert.ok(output.trim().length > 0, 'it says something');
  const harm = UNPRINTABLE.exec(`${output}${errors}`.replaceAll('\n', ''));
  assert.equal(harm, null, `U+${harm?.[0].codePointAt(0)?.toString(16)} in ${JSON.stringify(output)}`);
  assert.doesNotMatch(output + errors, /^\s+at .*:\d+:\d+/m, 'a stack trace');
}
