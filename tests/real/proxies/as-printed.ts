import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { VISITOR_ADDRESS } from '../../../src/front/rehearsal.ts';
import { ensure } from '../debian.ts';
import { byChromium, byPython, byWs, type Front, openFront, seenWhenForged } from './clients.ts';
import {
  asInstalled,
  checked,
  cutWithoutPings,
  handshake,
  OUTDATED,
  overHttp2,
  reloadUnderLoad,
} from './examinations.ts';

export const ROWS: readonly string[] = [
  'syntax',
  '101',
  'echo',
  '1 MiB',
  'address',
  'forged',
  'host',
  'plain GET',
  'wrong path',
  'redirect',
  'reload',
  'idle',
];

export interface Subject {
  readonly proxy: 'nginx' | 'apache' | 'haproxy' | 'caddy';
  /** Debian's, beside those of the clients. */
  readonly packages: readonly string[];
  /** What it prints of a configuration that it does not like. */
  readonly complaint?: RegExp;
}

/** What holds for every proxy with its printed configuration, as tests. @returns the proxy, while tests run. */
export function itServesAsPrinted({
  proxy,
  packages,
  complaint = /\b(warn|alert|deprecated)/i,
}: Subject): () => Front {
  let front: Front;
  before(async () => {
    ensure(...packages, 'chromium', 'libnss3-tools', 'python3', 'python3-websockets');
    front = await openFront(proxy, await asInstalled(proxy));
  });
  after(() => front?.stop());

  it('accepts it without a word of warning', async () => {
    const { exitCode, output, errors } = await front.rehearsal.proxy.checkSyntax();
    assert.equal(exitCode, 0, errors);
    assert.doesNotMatch(output + errors, complaint);
  });

  it('holds in every row of --check', async () => {
    const { holds, fails } = await checked(proxy);
    assert.deepEqual(fails, []);
    assert.deepEqual(holds, ROWS);
  });

  it('holds in every row with HTTP/2, two workers and the path /', async () => {
    const upstreams = ['127.0.0.1:8282', '127.0.0.1:8283'];
    const { holds, fails } = await checked(proxy, { http2: true, upstreams, path: '/' });
    assert.deepEqual(fails, []);
    assert.deepEqual(holds, ROWS);
  });

  for (const [client, exchange] of Object.entries({
    Chromium: byChromium,
    ws: byWs,
    "Python's websockets": byPython,
  })) {
    it(`does tom → ok over wss for ${client}, and closes with 1000`, async () => {
      assert.equal(await exchange(front), 'ok\n1000\n');
    });
  }

  it('tells the worker the address of the client, whatever the client says', async () => {
    for (const { ip, headers } of await seenWhenForged(front)) {
      assert.equal(ip, VISITOR_ADDRESS);
      assert.deepEqual(
        headers.filter((header) => header.includes('203.0.113.66')),
        [],
      );
      const told = headers.filter((header) => header.startsWith('x-forwarded-for:'));
      assert.deepEqual(told, [`x-forwarded-for: ${VISITOR_ADDRESS}`]);
    }
  });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`speaks ${version}`, async () => {
      assert.equal(await handshake(front, { minVersion: version, maxVersion: version }), version);
    });
  }

  for (const [what, options] of Object.entries(OUTDATED)) {
    it(`refuses ${what}`, async () => {
      assert.match(await handshake(front, options), /ALERT|ECONNRESET/);
    });
  }

  it('speaks HTTP/2 with pages when asked to, and WebSocket beside it', async () => {
    const both = await openFront(proxy, { ...(await asInstalled(proxy)), http2: true });
    try {
      assert.equal(await overHttp2(both), 426);
      assert.equal(await byWs(both), 'ok\n1000\n');
      assert.equal(await byChromium(both), 'ok\n1000\n');
    } finally {
      await both.stop();
    }
  });

  it('cuts a connection without pings after the time that it is given', async () => {
    const seconds = await cutWithoutPings(proxy);
    assert.ok(seconds > 4.5 && seconds < 9, `cut after ${seconds} s`);
  });

  return () => front;
}

export function itLosesNothingInReloads(front: () => Front): void {
  it('loses no request, no message and no WebSocket in five reloads', async () => {
    const { requests, lost, again } = await reloadUnderLoad(front(), 5);
    assert.equal(again, 0, `${again} requests were reset`);
    assert.deepEqual(lost, []);
    assert.ok(requests >= 5, `${requests} requests`);
  });
}
