import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Inbox } from '../../src/bytes/inbox.ts';
import { sourceOf } from '../../src/bytes/source.ts';
import { judgeOrigin, type OriginPolicy, type OriginVerdict } from '../../src/connection/origin.ts';
import { HTTP_LIMITS } from '../../src/protocol/http/limits.ts';
import { Request } from '../../src/protocol/http/request.ts';
import { RequestHeadReader } from '../../src/protocol/http/request-head.ts';

interface Knock {
  readonly fields?: readonly string[];
  readonly host?: string;
  readonly policy?: OriginPolicy;
  readonly loopback?: boolean;
}

const COOKIE = 'Cookie: session=1';

function judge({ fields = [], host = 'chat.example', policy = {}, loopback = false }: Knock): OriginVerdict {
  const head = `GET / HTTP/1.1\r\n${[`Host: ${host}`, ...fields].join('\r\n')}\r\n\r\n`;
  const inbox = new Inbox();
  inbox.push(sourceOf(Buffer.from(head)), 0, head.length);
  const read = new RequestHeadReader(HTTP_LIMITS).read(inbox);
  assert.ok(read);
  return judgeOrigin(new Request(read), policy, loopback);
}

function welcome(knock: Knock): boolean {
  return judge(knock).welcome;
}

describe('Origin — RFC 6455 §10.2', () => {
  it('whoever names none is no browser', () => {
    assert.ok(welcome({ fields: [COOKIE] }));
    assert.ok(welcome({ fields: [COOKIE], policy: { origins: ['https://chat.example'] } }));
  });

  it('a foreign page is harmless without the credentials of its victim', () => {
    assert.ok(welcome({ fields: ['Origin: https://evil.example'] }));
    assert.ok(!welcome({ fields: ['Origin: https://evil.example', COOKIE] }));
    assert.ok(!welcome({ fields: ['Origin: https://evil.example', 'Authorization: Bearer x'] }));
  });

  it('hosts are compared by name, without port, scheme and case', () => {
    for (const origin of ['https://chat.example', 'http://chat.example:81', 'HTTPS://Chat.Example']) {
      assert.ok(welcome({ fields: [`Origin: ${origin}`, COOKIE], host: 'chat.example:8443' }), origin);
    }
    const foreigners = [
      'https://sub.chat.example',
      'https://chat.example.evil',
      'https://chat.example@evil.example',
      'https://evil.example/chat.example',
      'https://chat.example/',
      'ftp://chat.example',
      'null',
      'weapp://chat.example',
      'https://chat.example, https://evil.example',
      'https://',
      'https://[',
      '*',
    ];
    for (const origin of foreigners) {
      assert.ok(!welcome({ fields: [`Origin: ${origin}`, COOKIE] }), origin);
      assert.ok(welcome({ fields: [`Origin: ${origin}`] }), origin);
    }
  });

  it('a refusal names the option and shows what to put there, cut if it is long', () => {
    const verdict = judge({ fields: [`Origin: https://${'e'.repeat(300)}.example`, COOKIE] });
    assert.ok(!verdict.welcome);
    assert.match(verdict.reason, /origins: \["https:\/\/e{92}"\]/);
  });

  it('a list is strict, by whole origins; the same host is on it only if it is named', () => {
    const policy = { origins: ['https://chat.example', 'weapp://wx1'] };
    assert.ok(welcome({ fields: ['Origin: https://chat.example', COOKIE], policy }));
    assert.ok(welcome({ fields: ['Origin: weapp://wx1'], policy }));
    assert.ok(!welcome({ fields: ['Origin: http://chat.example'], policy }));
    assert.ok(!welcome({ fields: ['Origin: https://chat.example:444'], policy }));
    assert.ok(!welcome({ fields: ['Origin: null'], policy }));
    assert.ok(welcome({ fields: ['Origin: null', COOKIE], policy: { origins: '*' } }));
  });

  it('behind a proxy on this machine that keeps the Host for itself nothing can be compared', () => {
    const fields = ['Origin: https://chat.example', COOKIE];
    const here = { host: '127.0.0.1:8282', loopback: true };
    for (const sign of ['X-Real-IP: 1.2.3.4', 'X-Forwarded-For: 1.2.3.4', 'Forwarded: for=x', 'Via: 1.1 a']) {
      const verdict = judge({ ...here, fields: [...fields, sign] });
      assert.ok(verdict.welcome && verdict.notice?.includes('proxy_set_header Host'), sign);
    }
    assert.ok(!welcome({ ...here, fields }), 'no proxy: a page of another site, on this machine');
    assert.ok(!welcome({ ...here, loopback: false, fields: [...fields, 'Via: 1.1 a'] }), 'from elsewhere');
    assert.ok(
      !welcome({ ...here, host: 'other.example', fields: [...fields, 'Via: 1.1 a'] }),
      'Host was passed',
    );
  });
});
