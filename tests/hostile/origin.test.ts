import assert from 'node:assert/strict';
import { describe } from 'node:test';
import { Peer, upgradeRequest } from './peer.ts';
import { type Siege, siege } from './siege.ts';

const COOKIE = 'Cookie: session=1';

/** Opens a WebSocket with these fields. @returns the whole answer; of a 101 the head. */
async function knock({ target }: Siege, ...fields: string[]): Promise<string> {
  const peer = await Peer.plain(target);
  peer.send(upgradeRequest({ fields }));
  const answer = await peer.response();
  peer.destroy();
  return answer;
}

async function accepted(at: Siege, ...fields: string[]): Promise<void> {
  assert.match(await knock(at, ...fields), /^HTTP\/1\.1 101 /, fields.join(' · '));
}

/** Refused with a body that names the option. */
async function refused(at: Siege, ...fields: string[]): Promise<void> {
  assert.match(
    await knock(at, ...fields),
    /^HTTP\/1\.1 403 .*\r\n\r\norigin ".*origins: \["/s,
    fields.join(' · '),
  );
}

describe('bad input: foreign origins (RFC 6455 §10.2)', () => {
  siege('with a cookie or Authorization: 403, and a body and a log line name the option', {}, async (at) => {
    await refused(at, 'Origin: https://evil.example', COOKIE);
    await refused(at, 'Origin: https://evil.example', 'Authorization: Basic YTpi');
    await at.server.logged(
      /was refused with 403: origin "https:\/\/evil\.example" .* origins: \["https:\/\/evil\.example"\]/,
    );
    await refused(at, 'Origin: https://localhost.evil.example', COOKIE);
    await refused(at, 'Origin: https://evil.example/localhost', COOKIE);
    await refused(at, 'Origin: https://localhost@evil.example', COOKIE);
    await refused(at, 'Origin: https://evil.example', 'Origin: http://localhost', COOKIE);
  });

  siege('without credentials: accepted', {}, async (at) => {
    for (const origin of [
      'https://evil.example',
      'null',
      'file://',
      'weapp://wx123',
      'https://a.example, https://b.example',
    ]) {
      await accepted(at, `Origin: ${origin}`);
    }
    await accepted(at, COOKIE);
  });

  siege('what is no http(s) URL is foreign, never a 400', {}, async (at) => {
    for (const origin of [
      'null',
      'weapp://localhost',
      'https://localhost, https://b.example',
      '%%%',
      'http://[',
      'https://',
    ]) {
      await refused(at, `Origin: ${origin}`, COOKIE);
    }
  });

  siege('the same host is no foreigner, whatever its port, scheme and case', {}, async (at) => {
    await accepted(at, 'Origin: http://localhost:3000', 'Host: localhost:8282', COOKIE);
    await accepted(at, 'Origin: https://LOCALHOST', COOKIE);
    await accepted(at, 'Origin: https://chat.example', 'Host: CHAT.example:443', COOKIE);
    await accepted(at, 'Origin: http://[::1]:3000', 'Host: [::1]:8282', COOKIE);
  });

  siege(
    'behind a proxy on this machine that does not pass Host: accepted, with one notice',
    {},
    async (at) => {
      const proxied = ['Origin: https://chat.example', 'Host: 127.0.0.1:8282', COOKIE];
      await refused(at, ...proxied);
      for (const sign of [
        'X-Real-IP: 1.2.3.4',
        'X-Forwarded-For: 1.2.3.4',
        'Forwarded: for=1.2.3.4',
        'Via: 1.1 proxy',
      ]) {
        await accepted(at, ...proxied, sign);
      }
      await at.server.logged(/does not pass the Host header/);
      assert.equal(at.server.log.match(/does not pass the Host header/g)?.length, 1);
      await refused(at, 'Origin: https://evil.example', 'Host: chat.example', COOKIE, 'Via: 1.1 proxy');
    },
  );

  const listed = { options: { origins: ['https://chat.example', 'weapp://wx123'] } };
  siege('a list is strict: only those on it, with credentials or without', listed, async (at) => {
    await accepted(at, 'Origin: https://chat.example', COOKIE);
    await accepted(at, 'Origin: weapp://wx123', COOKIE);
    await accepted(at, COOKIE);
    await refused(at, 'Origin: https://evil.example');
    await refused(at, 'Origin: http://chat.example');
    await refused(at, 'Origin: http://localhost');
    await refused(at, 'Origin: null');
  });

  siege("origins: '*' refuses nobody", { options: { origins: '*' } }, async (at) => {
    await accepted(at, 'Origin: https://evil.example', COOKIE);
  });
});

describe('bad input: forged addresses', () => {
  siege('forwarded headers are trusted from nobody', {}, async ({ target }) => {
    const peer = await Peer.plain(target);
    for (const field of [
      'X-Forwarded-For: 1.2.3.4',
      'X-Real-IP: 1.2.3.4',
      'Forwarded: for=1.2.3.4',
      'CF-Connecting-IP: 1.2.3.4',
    ]) {
      peer.send(`GET /ip HTTP/1.1\r\nHost: localhost\r\n${field}\r\n\r\n`);
      assert.match(await peer.response(), /\r\n\r\n127\.0\.0\.1$/, field);
    }
  });
});
