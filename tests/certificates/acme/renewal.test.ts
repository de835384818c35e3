import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { AcmeOptions } from '../../../src/certificates/acme/options.ts';
import { certificateId } from '../../../src/certificates/acme/renewal-info.ts';
import { FakeAuthority, problem } from './fake-authority.ts';
import { TestService } from './service.ts';
import { TestClock } from './test-clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let home = '';
let stores = 0;
let clock: TestClock;
let authority: FakeAuthority;
let services: TestService[] = [];

before(async () => {
  home = await mkdtemp(join(tmpdir(), 'usta-acme-'));
});
after(() => rm(home, { recursive: true }));
beforeEach(async () => {
  clock = new TestClock();
  authority = new FakeAuthority();
  authority.now = () => clock.now();
  await authority.start();
});
afterEach(async () => {
  await Promise.all(services.map(({ renewal }) => renewal.stop()));
  services = [];
  await authority.stop();
});

function optionsFor(more: Partial<AcmeOptions> = {}): AcmeOptions {
  const storage = join(home, String(++stores));
  return {
    domains: ['a.usta.test', 'b.usta.test'],
    agree: true,
    directory: authority.directory,
    storage,
    ...more,
  };
}

function serviceFor(
  options: AcmeOptions,
  more: ConstructorParameters<typeof TestService>[1] = {},
): TestService {
  const service = new TestService(options, { clock, ...more });
  services.push(service);
  return service;
}

describe('renewal: the first certificate', () => {
  it('is gotten, stored in one file of 0600 in a folder of 0700, and put into service', async () => {
    const options = optionsFor({ email: 'me@usta.test' });
    const service = serviceFor(options);
    assert.equal(await service.renewal.start(), false);
    await service.told('issued');
    await clock.asleep();
    const [pair] = service.installed;
    assert.ok(pair);
    assert.deepEqual(pair.domains, ['a.usta.test', 'b.usta.test']);
    assert.equal(await readFile(service.renewal.file, 'utf8'), pair.key + pair.cert);
    assert.equal((await stat(options.storage ?? '')).mode & 0o777, 0o700);
    for (const name of await readdir(options.storage ?? '')) {
      assert.equal((await stat(join(options.storage ?? '', name))).mode & 0o777, 0o600, name);
      if (name.includes('.lease-'))
        assert.match(await readFile(join(options.storage ?? '', name), 'utf8'), / 0\n$/, 'given back');
    }
    assert.deepEqual([...authority.accounts.values()][0]?.contact, ['mailto:me@usta.test']);
  });

  it('is told to every listener before the authority is, and taken back after', async () => {
    const service = serviceFor(optionsFor({ domains: ['a.usta.test'], challenge: 'http-01' }));
    const seen: (string | undefined)[] = [];
    authority.instead = ({ path }) => {
      if (path.startsWith('/challenge')) seen.push(service.answers.http01(tokenIn(service)));
      return undefined;
    };
    await service.renewal.start();
    await service.told('issued');
    assert.equal(seen.length, 1);
    assert.match(seen[0] ?? '', /^[\w-]{43}\.[\w-]{43}$/, 'token and thumbprint');
    assert.deepEqual(service.renewal.answers, []);
    assert.equal(service.answers.http01(tokenIn(service)), undefined);
  });

  it('is found again after a restart, without a word to the authority but for its advice', async () => {
    const options = optionsFor();
    const first = serviceFor(options);
    await first.renewal.start();
    await first.told('issued');
    await first.renewal.stop();
    const orders = authority.requests('/order').length;
    const second = serviceFor(options);
    assert.equal(await second.renewal.start(), true);
    assert.deepEqual(second.installed, first.installed);
    assert.equal(authority.requests('/order').length, orders);
  });

  it('is gotten anew, and said so, when the stored one was cut off, ended, or is for other names', async () => {
    const options = optionsFor();
    const first = serviceFor(options);
    await first.renewal.start();
    await first.told('issued');
    await first.renewal.stop();
    await writeFile(first.renewal.file, (await readFile(first.renewal.file, 'utf8')).slice(0, 700));
    const second = serviceFor(options);
    assert.equal(await second.renewal.start(), false);
    assert.match((await second.told('unusable')).text, /a-?.*\.pem is not used: /);
    await second.told('issued');
    await second.renewal.stop();
    clock.skip(100 * DAY);
    const third = serviceFor(options);
    assert.equal(await third.renewal.start(), false);
    assert.match((await third.told('unusable')).text, /it ended on/);
    await third.told('issued');
    const other = serviceFor({ ...options, domains: ['c.usta.test'] });
    assert.equal(await other.renewal.start(), false);
    await other.told('issued');
    assert.equal(authority.accounts.size, 1, 'one account for all');
  });
});

describe('renewal: its time', () => {
  it('is when a third of the life is left', async () => {
    const service = serviceFor(optionsFor());
    await service.renewal.start();
    await service.told('issued', 2);
    const [first] = service.installed;
    const left = (first?.notAfter ?? 0) - clock.now();
    assert.ok(left <= 30 * DAY && left > 28 * DAY, `${left / DAY} days were left`);
  });

  it('RFC 9773 §4.2 is in the window that the authority suggests, and the order names what it replaces (§5)', async () => {
    const start = clock.now() + 10 * DAY;
    authority.window = { start: new Date(start).toISOString(), end: new Date(start + 2 * DAY).toISOString() };
    const service = serviceFor(optionsFor());
    await service.renewal.start();
    await service.told('issued', 2);
    const [first] = service.installed;
    assert.ok(
      first && clock.now() >= start + DAY && clock.now() < start + DAY + HOUR,
      'random is one half here',
    );
    const orders = authority.requests('/order').filter(({ payload }) => payload?.identifiers);
    assert.equal(orders[0]?.payload?.replaces, undefined);
    assert.equal(orders[1]?.payload?.replaces, certificateId(first.cert));
    assert.equal(authority.requests('/renewal/')[0]?.path, `/renewal/${certificateId(first.cert)}`);
  });

  it('RFC 9773 §4.2 is now when the window moves to the past, found out within the Retry-After (§4.3.2)', async () => {
    const far = clock.now() + 50 * DAY;
    authority.window = {
      start: new Date(far).toISOString(),
      end: new Date(far + DAY).toISOString(),
      retryAfter: '7200',
    };
    const service = serviceFor(optionsFor());
    await service.renewal.start();
    await service.told('issued');
    await clock.until(() => authority.requests('/renewal/').length === 3, 'asked three times');
    await clock.asleep();
    assert.equal(clock.next, 2 * HOUR);
    const moved = clock.now();
    authority.window = { start: '2020-01-01T00:00:00Z', end: '2020-01-02T00:00:00Z' };
    await service.told('issued', 2);
    assert.ok(clock.now() - moved < 3 * HOUR);
  });

  it('RFC 9773 §4.3.2 is asked for every six hours when the authority names no time', async () => {
    const far = clock.now() + 50 * DAY;
    authority.window = { start: new Date(far).toISOString(), end: new Date(far + DAY).toISOString() };
    const service = serviceFor(optionsFor());
    await service.renewal.start();
    await service.told('issued');
    await clock.until(() => authority.requests('/renewal/').length === 2, 'asked twice');
    await clock.asleep();
    assert.equal(clock.next, 6 * HOUR);
  });

  it('is a third of the life left all the same when the advice is nonsense, hostile or does not come', async () => {
    authority.window = { start: '2999-01-01T00:00:00Z', end: 'soon' };
    const service = serviceFor(optionsFor());
    authority.instead = ({ path }) =>
      path.startsWith('/renewal/') && authority.asked.length % 2
        ? problem(500, 'serverInternal', 'no', { 'Retry-After': '99999999' })
        : undefined;
    await service.renewal.start();
    await service.told('issued', 2);
    const left = (service.installed[0]?.notAfter ?? 0) - clock.now();
    assert.ok(left <= 30 * DAY && left > 28 * DAY, `${left / DAY} days were left`);
    assert.deepEqual(
      service.events.map(({ state }) => state),
      ['issued', 'issued'],
      'advice that does not come is no failure',
    );
  });

  it('RFC 9773 §5 goes on without naming what is replaced when the authority will not hear of it', async () => {
    authority.window = { start: '2020-01-01T00:00:00Z', end: '2020-01-02T00:00:00Z' };
    const service = serviceFor(optionsFor());
    authority.instead = ({ payload }) =>
      payload?.replaces ? problem(409, 'alreadyReplaced', 'that was replaced') : undefined;
    await service.renewal.start();
    await service.told('issued', 2);
  });

  it('is found although the machine slept for two months', async () => {
    const service = serviceFor(optionsFor());
    await service.renewal.start();
    await service.told('issued');
    await clock.asleep();
    clock.skip(65 * DAY);
    await service.told('issued', 2);
    assert.ok((service.installed[0]?.notAfter ?? 0) > clock.now());
  });
});

describe('renewal: when it fails', () => {
  it('goes on with the old certificate, tries again later each time, and wakes somebody once a day', async () => {
    const service = serviceFor(optionsFor());
    await service.renewal.start();
    await service.told('issued');
    authority.judge = () => ({ type: 'urn:ietf:params:acme:error:dns', detail: 'NXDOMAIN' });
    const { text, failures } = await service.told('failed');
    assert.match(
      text,
      /^2 of 2 domains failed, the first: the proof of a\.usta\.test by tls-alpn-01 failed \(dns\): NXDOMAIN; let the A and AAAA records .*; next try in \d+ minutes$/,
    );
    assert.equal(failures, 1);
    const times = [clock.now()];
    for (let count = 2; count <= 8; count++) {
      await service.told('failed', count);
      times.push(clock.now());
    }
    const waits = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    assert.ok((waits[0] ?? 0) >= 8 * MINUTE && (waits[0] ?? 0) <= 13 * MINUTE, `${waits[0]}`);
    for (let index = 1; index < waits.length; index++)
      assert.ok((waits[index] ?? 0) >= (waits[index - 1] ?? 0));
    assert.ok(Math.max(...waits) <= 7.3 * HOUR);
    const alarm = await service.told('alarm');
    assert.match(alarm.text, /5 tries in a row failed; the last failure: .*NXDOMAIN/);
    await service.told('alarm', 4);
    const ends = service.events.filter(({ state }) => state === 'alarm').at(-1);
    assert.match(ends?.text ?? '', /tries in a row failed|the certificate ends on/);
    authority.judge = () => undefined;
    await service.told('issued', 2);
    assert.equal(service.events.at(-1)?.failures, 0);
  });

  it('alarms when few days are left, in seconds too', async () => {
    const service = serviceFor(optionsFor({ alarmDays: 29 }));
    await service.renewal.start();
    await service.told('issued');
    authority.judge = () => ({ type: 'urn:ietf:params:acme:error:caa', detail: 'CAA forbids' });
    await clock.until(
      () =>
        service.events.some(({ state, text }) => state === 'alarm' && /ends on .*, in 28 days/.test(text)),
      'an alarm for the end',
    );
    const { secondsLeft = 0 } = service.events.at(-1) ?? {};
    assert.ok(secondsLeft < 29 * 86_400 && secondsLeft > 27 * 86_400);
  });

  it('RFC 8555 §6.6 stays away as long as a rate limit says, also after a restart', async () => {
    const options = optionsFor();
    const service = serviceFor(options);
    authority.instead = ({ path, payload }) =>
      path === '/order' && payload
        ? problem(429, 'rateLimited', 'too many certificates', { 'Retry-After': String(40 * 3600) })
        : undefined;
    await service.renewal.start();
    const { text } = await service.told('failed');
    const refusedAt = clock.now();
    assert.match(
      text,
      /refused \(rateLimited\): too many certificates; nothing to do but wait; .*; next try in 1 day$/,
    );
    await clock.asleep();
    await service.renewal.stop();
    authority.instead = () => undefined;
    const restarted = serviceFor(options);
    await restarted.renewal.start();
    await restarted.told('issued');
    assert.ok(clock.now() - refusedAt >= 40 * HOUR);
  });

  it('RFC 8555 §8 tries the other kind of proof at once, and that one first the next time', async () => {
    const service = serviceFor(optionsFor({ domains: ['a.usta.test'] }));
    authority.judge = (_, type) =>
      type === 'tls-alpn-01' ? { type: 'urn:ietf:params:acme:error:tls', detail: 'no ALPN' } : undefined;
    await service.renewal.start();
    await service.told('issued', 2);
    const types = service.presented.flat().map(({ type }) => type);
    assert.deepEqual(types, ['tls-alpn-01', 'http-01', 'http-01']);
    assert.equal(service.events.filter(({ state }) => state === 'failed').length, 0);
  });

  it('tells of both kinds of proof in one line', async () => {
    const service = serviceFor(optionsFor({ domains: ['a.usta.test'] }));
    authority.judge = (_, type) => ({ type: 'urn:ietf:params:acme:error:connection', detail: `no ${type}` });
    await service.renewal.start();
    assert.match(
      (await service.told('failed')).text,
      /by tls-alpn-01 failed .*: no tls-alpn-01; and the proof of a\.usta\.test by http-01 failed .*: no http-01; open the port/,
    );
  });

  it('prints nothing that the authority could do harm with', async () => {
    const service = serviceFor(optionsFor({ domains: ['a.usta.test'], challenge: 'http-01' }));
    const evil = `\u001b[2J\u0007line\r\n2026-01-01 all is well\u202e${'x'.repeat(5000)}`;
    authority.judge = () => ({ type: 'urn:ietf:params:acme:error:dns', detail: evil });
    await service.renewal.start();
    const { text } = await service.told('failed');
    assert.doesNotMatch(text, /\p{C}/u);
    assert.ok(text.length < 800, `${text.length}`);
    assert.match(text, /\[2J line 2026-01-01 all is well xxx/);
  });

  it('ends at once when the service stops, whatever is under way', async () => {
    const options = optionsFor();
    const service = serviceFor(options);
    authority.instead = ({ path }) => (path.startsWith('/finalize') ? 'handled' : undefined);
    await service.renewal.start();
    await clock.until(() => authority.requests('/finalize').length > 0, 'finalized');
    const started = Date.now();
    await service.renewal.stop();
    assert.ok(Date.now() - started < 2000);
    assert.deepEqual(service.events, []);
    const lease = (await readdir(options.storage ?? '')).find((name) => name.includes('.lease-'));
    assert.match(await readFile(join(options.storage ?? '', lease ?? ''), 'utf8'), / 0\n$/, 'given back');
  });
});

describe('renewal: several processes on one storage', () => {
  it('get one certificate between them', async () => {
    const options = optionsFor();
    const [first, second] = [serviceFor(options), serviceFor(options, { clock: new TestClock() })];
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    authority.hold = ({ path }) => (path.startsWith('/finalize') ? held : undefined);
    await first.renewal.start();
    await clock.until(() => authority.requests('/finalize').length > 0, 'the first at work');
    await second.renewal.start();
    assert.match((await second.told('waiting')).text, /another process/);
    goOn();
    await first.told('issued');
    await second.clock.until(() => second.installed.length > 0, 'a certificate');
    assert.equal(first.installed[0]?.cert === second.installed[0]?.cert, true, 'the same');
    const orders = authority.requests('/order').filter(({ payload }) => payload?.identifiers);
    assert.equal(orders.length, 1);
  });

  it('take what another one renewed', async () => {
    const options = optionsFor();
    const idle = serviceFor(options);
    await idle.renewal.start();
    await idle.told('issued');
    await clock.asleep();
    const busy = serviceFor(options, { clock: new TestClock(clock.now() + 65 * DAY) });
    authority.now = () => busy.clock.now();
    await busy.renewal.start();
    await busy.told('issued');
    await clock.until(() => idle.installed.length === 2, 'taken');
    assert.equal(idle.installed[1]?.cert, busy.installed.at(-1)?.cert);
  });
});

function tokenIn(service: TestService): string {
  const answer = service.presented.flat()[0];
  return answer?.type === 'http-01' ? answer.token : '';
}
