import assert from 'node:assert/strict';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { openAccount } from '../../../src/certificates/acme/account.ts';
import type { ChallengeAnswer } from '../../../src/certificates/acme/challenges.ts';
import { Exchange } from '../../../src/certificates/acme/exchange.ts';
import { AccountKey, newAccountKey } from '../../../src/certificates/acme/jws.ts';
import { obtain, type Wish } from '../../../src/certificates/acme/order.ts';
import { AcmeSession } from '../../../src/certificates/acme/session.ts';
import { FakeAuthority } from './fake-authority.ts';
import { TestClock } from './test-clock.ts';

const MINUTE = 60_000;

let authority: FakeAuthority;
let exchange: Exchange;
let clock: TestClock;
let presented: (readonly ChallengeAnswer[])[] = [];

beforeEach(async () => {
  authority = new FakeAuthority();
  await authority.start();
  exchange = new Exchange({ plainLoopback: true, deadlineMs: 2000 });
  clock = new TestClock();
  presented = [];
});
afterEach(async () => {
  exchange.close();
  await authority.stop();
});

/** Orders while the clock goes on from alarm to alarm. */
async function order(more: Partial<Wish> = {}): Promise<{ cert: string; key: string }> {
  const key = new AccountKey(newAccountKey());
  const { signal } = new AbortController();
  const session = new AcmeSession({ directory: authority.directory, exchange, key, clock, signal });
  let done = false;
  const ordered = openAccount(session, { email: undefined, externalAccountBinding: undefined })
    .then(() => obtain(session, wish(more)))
    .finally(() => {
      done = true;
    });
  ordered.catch(() => undefined);
  await clock.until(() => done, 'an outcome');
  return ordered;
}

function wish(more: Partial<Wish>): Wish {
  return {
    domains: ['a.usta.test', 'b.usta.test'],
    challenges: ['tls-alpn-01', 'http-01'],
    keyType: 'ecdsa',
    preferredChain: undefined,
    replaces: undefined,
    present: (answers) => void presented.push(answers),
    ...more,
  };
}

/** Answers a path in another way, every time. */
function instead(path: string, reply: ReturnType<FakeAuthority['instead']>): void {
  authority.instead = (asked) => (asked.path.startsWith(path) && asked.method === 'POST' ? reply : undefined);
}

describe('obtain — RFC 8555 §7.4', () => {
  it('orders, proves every domain, and gives chain and key', async () => {
    const { cert, key } = await order();
    const leaf = new X509Certificate(cert);
    assert.equal(leaf.subjectAltName, 'DNS:a.usta.test, DNS:b.usta.test');
    assert.ok(leaf.checkPrivateKey(createPrivateKey(key)));
    assert.equal(cert.match(/BEGIN CERTIFICATE/g)?.length, 2, 'with the one that issued it');
    assert.deepEqual(
      presented.map((answers) => answers.map(({ type, domain }) => `${domain} ${type}`)),
      [['a.usta.test tls-alpn-01', 'b.usta.test tls-alpn-01'], []],
    );
    const ready = authority.requests('/challenge');
    assert.deepEqual(
      ready.map(({ payload }) => payload),
      [{}, {}],
      '§7.5.1: an empty object says ready',
    );
  });

  it('§7.5 proves nothing that is proven already', async () => {
    authority.proven = ['a.usta.test'];
    await order();
    assert.deepEqual(
      presented[0]?.map(({ domain }) => domain),
      ['b.usta.test'],
    );
  });

  it('§7.5.1 asks as seldom as Retry-After says, a minute apart at most, and gives up after five minutes', async () => {
    const begun = clock.now();
    authority.instead = ({ path }) => {
      const { base } = authority;
      const challenge = { type: 'http-01', url: `${base}/challenge/0/a~http-01`, token: 'x'.repeat(43) };
      const identifier = { type: 'dns', value: 'a.usta.test' };
      return path.startsWith('/authorization')
        ? {
            headers: { 'Retry-After': '3600' },
            body: { status: 'pending', identifier, challenges: [challenge] },
          }
        : undefined;
    };
    await assert.rejects(order({ domains: ['a.usta.test'] }), {
      problem: 'timedOut',
      message: /did not settle the proof of a\.usta\.test within 5 minutes/,
    });
    assert.equal(authority.requests('/authorization').length, 1 + 6);
    assert.equal(clock.now() - begun, 5 * MINUTE);
    assert.deepEqual(presented.at(-1), [], 'nothing is answered any more');
  });

  it('§7.4 goes on when the answer to finalize was lost', async () => {
    let lost = 0;
    authority.lose = ({ path }) => path.startsWith('/finalize') && lost++ === 0;
    await order();
    assert.equal(lost, 2);
  });

  it('§7.1.6 says why the authority gave the order up', async () => {
    const error = { type: 'urn:ietf:params:acme:error:caa', detail: 'CAA record forbids it' };
    authority.instead = ({ path, payload, method }) =>
      path.startsWith('/order/') && method === 'POST' && !payload
        ? { body: { status: 'invalid', authorizations: [], finalize: authority.base, error } }
        : undefined;
    await assert.rejects(
      order(),
      /gave the order up \(caa\): CAA record forbids it; let the domain's CAA record/,
    );
  });

  it('names every kind of proof when none fits, and the state of a proof that ended before it began', async () => {
    const identifier = { type: 'dns', value: 'a.usta.test' };
    const challenges = [{ type: 'dns-01', url: authority.base, token: 'x'.repeat(43) }];
    instead('/authorization', { body: { status: 'pending', identifier, challenges } });
    await assert.rejects(
      order(),
      /offers dns-01 for a\.usta\.test, not tls-alpn-01 or http-01; allow another/,
    );
    instead('/authorization', { body: { status: 'deactivated', identifier, challenges } });
    await assert.rejects(order(), /holds a\.usta\.test for deactivated/);
    assert.deepEqual(presented, []);
  });

  it('does not vouch for names it was not asked for', async () => {
    const identifier = { type: 'dns', value: 'bank.usta.test' };
    const challenges = [{ type: 'http-01', url: authority.base, token: 'x'.repeat(43) }];
    instead('/authorization', { body: { status: 'pending', identifier, challenges } });
    await assert.rejects(order(), /asks for a proof of bank\.usta\.test/);
    assert.deepEqual(presented, []);
  });
});

describe('obtain — RFC 8555 §7.4.2, the download', () => {
  it('takes the chain that was asked for, else the first', async () => {
    const issuers: Readonly<Record<string, number>> = {
      'CA three': 2,
      'ca TWO': 1,
      'CA one': 0,
      'CA four': 0,
    };
    for (const [preferredChain, number] of Object.entries(issuers)) {
      const { cert } = await order({ preferredChain });
      const root = new X509Certificate(authority.issuers[number]?.cert ?? '');
      assert.ok(new X509Certificate(cert).verify(root.publicKey), preferredChain);
    }
  });

  it('passes over alternates that are broken', async () => {
    authority.instead = ({ path }) =>
      path.endsWith('/1') && path.startsWith('/certificate') ? { body: 'broken' } : undefined;
    const { cert } = await order({ preferredChain: 'CA three' });
    const root = new X509Certificate(authority.issuers[2]?.cert ?? '');
    assert.ok(new X509Certificate(cert).verify(root.publicKey));
  });

  it('refuses what cannot be served', async () => {
    const [one, two] = authority.issuers;
    const cases: readonly [string, string, RegExp][] = [
      [one?.cert ?? '', 'badCertificate', /for another key/],
      [`${one?.cert}${two?.key}`, 'badCertificate', /more in it than certificates/],
      ['<html>', 'badCertificate', /no certificate in it/],
      ['-----BEGIN CERTIFICATE-----\n'.repeat(20_000), 'tooLarge', /more than 262144 bytes/],
    ];
    for (const [body, word, text] of cases) {
      instead('/certificate', { body });
      await assert.rejects(order(), { problem: word, message: text });
    }
  });

  it('takes a certificate of a hundred long names', async () => {
    const domains = Array.from({ length: 100 }, (_, index) => `${'n'.repeat(60)}.${index}.usta.test`);
    const { cert } = await order({ domains });
    assert.equal(new X509Certificate(cert).subjectAltName?.split(', ').length, 100);
  });
});
