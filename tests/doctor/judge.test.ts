import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Inbox } from '../../src/bytes/inbox.ts';
import { sourceOf } from '../../src/bytes/source.ts';
import type { Answer } from '../../src/doctor/answer.ts';
import { CATALOGUE, finding } from '../../src/doctor/catalogue.ts';
import { judgeAnswer } from '../../src/doctor/judge.ts';
import { readTarget } from '../../src/doctor/target.ts';
import { ResponseHeadReader } from '../../src/protocol/http/response-head.ts';
import { nginxPage } from './site.ts';

const TARGET = readTarget('wss://shop.example/wss');

describe('what an answer tells', () => {
  const codes: readonly [code: string, status: string, head: readonly string[], body: string][] = [
    ['upgrade-not-passed', '400 Bad Request', ['Server: nginx'], 'Can "Upgrade" only to "WebSocket".'],
    [
      'upgrade-not-passed',
      '400 Bad Request',
      [],
      "websocket: the client is not using the websocket protocol: 'upgrade' token not found",
    ],
    ['bad-request', '400 Bad Request', ['Server: nginx'], nginxPage('400 Bad Request')],
    ['tls-on-both-layers', '400 Bad Request', [], 'Client sent an HTTP request to an HTTPS server.\n'],
    ['client-certificate-required', '400 Bad Request', [], nginxPage('400 The SSL certificate error')],
    ['unauthorized', '407 Proxy Authentication Required', [], ''],
    ['path-not-found', '410 Gone', [], ''],
    ['ordinary-page', '204 No Content', [], ''],
    ['server-error', '501 Not Implemented', [], ''],
    ['server-error', '521 Odd', ['Server: own'], ''],
    ['network-origin-error', '526 Invalid SSL certificate', ['CF-RAY: 1-FRA'], ''],
    ['redirect', '302 Found', ['Location: //192.168.1.1/'], ''],
    ['redirect', '302 Found', ['Location: http://['], ''],
    ['unexpected-status', '304 Not Modified', [], ''],
  ];
  for (const [code, status, head, body] of codes) {
    it(`${code}: ${status} ${body.slice(0, 40)}`, () => {
      assert.equal(judgeAnswer(answer(status, head, body), TARGET, 5).code, code);
    });
  }

  it('names the network in front of a proxy, and not the proxy', () => {
    const judged = judgeAnswer(
      answer('403 Forbidden', ['Server: cloudflare', 'CF-RAY: 1-FRA'], ''),
      TARGET,
      5,
    );
    assert.deepEqual(
      [judged.code, judged.server, judged.values.server],
      ['forbidden-by-network', 'cdn', 'Cloudflare'],
    );
  });

  it('is some verdict for whatever status, headers and body', () => {
    const status = fc.integer({ min: 200, max: 599 });
    const headers = fc.array(
      fc.tuple(
        fc.constantFrom('Server', 'Location', 'Via', 'CF-RAY', 'Retry-After'),
        fc.string({ maxLength: 60 }),
      ),
    );
    fc.assert(
      fc.property(status, headers, fc.uint8Array({ maxLength: 200 }), (code, fields, body) => {
        const lines = fields.map(([name, value]) => `${name}: ${value.replace(/[^\x20-\x7e]/g, '?')}`);
        const judged = judgeAnswer({ ...answer(`${code} ?`, lines, ''), body: Buffer.from(body) }, TARGET, 5);
        assert.ok(judged.code in CATALOGUE);
        assert.doesNotMatch(finding(judged.code, judged.values, judged.server).cause.en, /[\p{Cc}\p{Cf}]/u);
      }),
    );
  });

  it('is some verdict for whatever bytes, however they end', () => {
    const kinds = fc.constantFrom('not-http', 'endless', 'late', 'closed');
    fc.assert(
      fc.property(kinds, fc.uint8Array({ maxLength: 200 }), fc.boolean(), (kind, bytes, secure) => {
        const target = readTarget(secure ? 'wss://shop.example/' : 'ws://shop.example/');
        const got = { kind, bytes: Buffer.from(bytes), reason: '', how: 'fin', error: '' } as Answer;
        assert.ok(judgeAnswer(got, target, 5).code in CATALOGUE);
      }),
    );
  });
});

function answer(status: string, head: readonly string[], body: string): Extract<Answer, { kind: 'answer' }> {
  const inbox = new Inbox();
  const bytes = Buffer.from([`HTTP/1.1 ${status}`, ...head, '', ''].join('\r\n'));
  inbox.push(sourceOf(bytes), 0, bytes.length);
  const read = new ResponseHeadReader().read(inbox);
  assert.ok(read);
  return { kind: 'answer', head: read, body: Buffer.from(body) };
}
