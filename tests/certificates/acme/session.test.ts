import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { openAccount } from '../../../src/certificates/acme/account.ts';
import { Exchange } from '../../../src/certificates/acme/exchange.ts';
import { AccountKey, newAccountKey } from '../../../src/certificates/acme/jws.ts';
import { AcmeSession } from '../../../src/certificates/acme/session.ts';
import { FakeAuthority, problem } from './fake-authority.ts';
import { TestClock } from './test-clock.ts';

const authority = new FakeAuthority();
const exchange = new Exchange({ plainLoopback: true, deadlineMs: 2000 });
const clock = new TestClock();

before(() => authority.start());
afterEach(() => {
  authority.instead = () => undefined;
  authority.externalAccounts = undefined;
  authority.refusedNonces = 0;
  authority.asked.length = 0;
});
after(async () => {
  exchange.close();
  await authority.stop();
});

function sessionFor(more: { key?: string; signal?: AbortSignal } = {}): AcmeSession {
  const key = new AccountKey(more.key ?? newAccountKey());
  const signal = more.signal ?? new AbortController().signal;
  return new AcmeSession({ directory: authority.directory, exchange, key, clock, signal });
}

const wish = { email: undefined, externalAccountBinding: undefined };
const order = { identifiers: [{ type: 'dns', value: 'a.usta.test' }] };

/** Settles while the clock goes on from alarm to alarm. */
async function timed<T>(asked: Promise<T>): Promise<T> {
  let done = false;
  const watched = asked.finally(() => {
    done = true;
  });
  watched.catch(() => undefined);
  await clock.until(() => done, 'an answer');
  return watched;
}

describe('AcmeSession — RFC 8555 §6', () => {
  it('§6.5 asks for a nonce once, then takes the one of the last answer', async () => {
    const session = sessionFor();
    await openAccount(session, wish);
    await session.post(`${authority.base}/order`, order);
    assert.deepEqual(
      authority.asked.map(({ method, path }) => `${method} ${path.split('/')[1]}`),
      ['GET directory', 'HEAD nonce', 'POST account', 'POST account', 'POST order'],
    );
  });

  it('§6.5 signs again with a new nonce when one is refused, up to ten times', async () => {
    const session = sessionFor();
    await openAccount(session, wish);
    authority.refusedNonces = 9;
    const { status } = await session.post(`${authority.base}/order`, order);
    assert.equal(status, 201);
    authority.refusedNonces = 1000;
    await assert.rejects(session.post(`${authority.base}/order`, order), { problem: 'badNonce' });
    assert.ok(authority.asked.length < 40);
  });

  it('§6.5 does not take a nonce that is none', async () => {
    authority.instead = ({ path }) =>
      path === '/nonce' ? { headers: { 'Replay-Nonce': 'a b' } } : undefined;
    await assert.rejects(openAccount(sessionFor(), wish), /nonce gave no nonce/);
  });

  it('§6.6 tells how long to stay away: seconds or a date, a week at most', async () => {
    const session = sessionFor();
    await openAccount(session, wish);
    const cases: readonly [string, number | undefined][] = [
      ['120', 120_000],
      [new Date(Math.ceil(clock.now() / 1000) * 1000 + 60_000).toUTCString(), 60_000],
      ['9999999999', 7 * 86_400_000],
      ['-5', undefined],
      ['soon', undefined],
      ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ];
    for (const [text, expected] of cases) {
      authority.instead = () => problem(429, 'rateLimited', 'slow down', { 'Retry-After': text });
      await assert.rejects(
        session.post(`${authority.base}/order`, order),
        (error: { retryAfterMs?: number; problem?: string }) => {
          assert.equal(error.problem, 'rateLimited');
          if (expected === undefined) assert.equal(error.retryAfterMs, undefined, text);
          else
            assert.ok(
              Math.abs((error.retryAfterMs ?? -1e9) - expected) <= 1000,
              `${text}: ${error.retryAfterMs}`,
            );
          return true;
        },
      );
    }
  });

  it('tries a broken line three times', async () => {
    const session = sessionFor();
    await openAccount(session, wish);
    authority.asked.length = 0;
    let broken = 2;
    authority.instead = (_, response) => {
      if (broken-- <= 0) return undefined;
      response.destroy();
      return 'handled';
    };
    assert.equal((await timed(session.post(`${authority.base}/order`, order))).status, 201);
    broken = 100;
    await assert.rejects(timed(session.post(`${authority.base}/order`, order)), { problem: 'unreachable' });
    assert.ok(broken >= 94, `${broken}`);
  });

  it('does not follow a redirect, and names an answer that is no problem document', async () => {
    const session = sessionFor();
    await openAccount(session, wish);
    const replies: readonly [number, string, RegExp][] = [
      [302, 'badAnswer', /answered 302/],
      [404, 'badAnswer', /answered 404/],
      [429, 'rateLimited', /answered 429/],
      [503, 'serverInternal', /answered 503/],
    ];
    for (const [status, word, text] of replies) {
      authority.instead = () => ({
        status,
        headers: { Location: 'http://169.254.169.254/' },
        body: '<h1>proxy</h1>',
      });
      await assert.rejects(session.post(`${authority.base}/order`, order), { problem: word, message: text });
    }
  });

  it('goes nowhere but over https, or where the person said', async () => {
    authority.instead = ({ path }) =>
      path === '/directory'
        ? {
            body: {
              newNonce: 'http://intern.usta.test/',
              newAccount: 'file:///etc/shadow',
              newOrder: authority.base,
            },
          }
        : undefined;
    await assert.rejects(openAccount(sessionFor(), wish), { problem: 'badAnswer', message: /is not https/ });
  });
});

describe('openAccount — RFC 8555 §7.3', () => {
  it('§7.3.1 finds the account of the key, and makes one when there is none', async () => {
    const key = newAccountKey();
    const first = sessionFor({ key });
    await openAccount(first, wish);
    const second = sessionFor({ key });
    await openAccount(second, wish);
    assert.equal(first.account, second.account);
    const made = authority.requests('/account').filter(({ payload }) => payload?.termsOfServiceAgreed);
    assert.equal(made.length, 1);
  });

  it('§7.3.2 tells the authority when the address has changed', async () => {
    const key = newAccountKey();
    await openAccount(sessionFor({ key }), { ...wish, email: 'old@usta.test' });
    const session = sessionFor({ key });
    await openAccount(session, { ...wish, email: 'new@usta.test' });
    assert.deepEqual(authority.accounts.get(session.account ?? '')?.contact, ['mailto:new@usta.test']);
    const count = authority.asked.length;
    await openAccount(sessionFor({ key }), { ...wish, email: 'new@usta.test' });
    assert.equal(authority.requests('/account/').length, 1, `${count}`);
  });

  it('§7.3.4 binds the account where one is asked for', async () => {
    const hmacKey = Buffer.from('sixteen octets!!').toString('base64url');
    authority.externalAccounts = { kid: hmacKey };
    await openAccount(sessionFor(), { ...wish, externalAccountBinding: { keyId: 'kid', hmacKey } });
    await assert.rejects(openAccount(sessionFor(), wish), { problem: 'externalAccountRequired' });
    const wrong = { keyId: 'kid', hmacKey: `${hmacKey.slice(0, -4)}AAAA` };
    await assert.rejects(openAccount(sessionFor(), { ...wish, externalAccountBinding: wrong }), {
      problem: 'unauthorized',
    });
  });

  it('§7.3.3 hands on what a person has to do', async () => {
    authority.instead = ({ path }) =>
      path === '/account'
        ? problem(403, 'userActionRequired', 'agree at https://ca.usta.test/tos')
        : undefined;
    await assert.rejects(
      openAccount(sessionFor(), wish),
      /agree at https:\/\/ca\.usta\.test\/tos; open the address/,
    );
  });

  it('does not take an account without an address', async () => {
    authority.instead = ({ path }) => (path === '/account' ? { status: 201 } : undefined);
    await assert.rejects(openAccount(sessionFor(), wish), /without saying where it is/);
  });
});
