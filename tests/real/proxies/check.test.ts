import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { checkProxy, ROW_NAMES } from '../../../src/front/check.ts';
import { type PlanOptions, PROXIES } from '../../../src/front/plan.ts';
import { PROOFS } from '../../../src/front/proofs.ts';
import { Rehearsal } from '../../../src/front/rehearsal.ts';
import { Script } from '../../fixtures/script.ts';
import { ensure } from '../debian.ts';
import { asInstalled } from './examinations.ts';
import { descendantsOf, isAlive } from './traces.ts';

const PLAN: PlanOptions = { domain: 'domain.com', path: '/wss' };

before(() => ensure('nginx', 'apache2', 'haproxy', 'caddy'));

describe('each row of --check', () => {
  const broken: readonly [
    row: string,
    proxy: string,
    what: string,
    edit: (text: string) => string,
    says: RegExp,
  ][] = [
    [
      '101',
      'nginx',
      'Upgrade is not passed',
      (text) => without(text, /.*Upgrade \$usta_upgrade.*\n/),
      /answered 426/,
    ],
    [
      'echo',
      'nginx',
      'no worker is there',
      (text) => text.replace(/server 127\.0\.0\.1:\d+/, 'server 127.0.0.1:1'),
      /answered 502/,
    ],
    [
      '1 MiB',
      'haproxy',
      'the answer is cut',
      (text) => text.replace('timeout tunnel 85s', 'timeout tunnel 1ms'),
      /cut|reset|closed|EPIPE/i,
    ],
    [
      'address',
      'nginx',
      'no address is told',
      (text) => text.replace('$remote_addr', "''"),
      /the worker sees 127\.0\.0\.1/,
    ],
    [
      'forged',
      'nginx',
      'the first word is believed',
      (text) => text.replace('$remote_addr', '$http_x_forwarded_for'),
      /when the client forges/,
    ],
    [
      'forged',
      'nginx',
      'X-Real-IP passes',
      (text) => without(text, /.*X-Real-IP.*\n/),
      /x-real-ip: 203\.0\.113\.66/,
    ],
    [
      'forged',
      'apache',
      'Forwarded passes',
      (text) => without(text, /.*unset Forwarded\n/),
      /forwarded: for=203\.0\.113\.66/,
    ],
    [
      'forged',
      'haproxy',
      'X-Real-IP passes',
      (text) => without(text, /.*X-Real-IP\n/),
      /x-real-ip: 203\.0\.113\.66/,
    ],
    [
      'forged',
      'caddy',
      'Forwarded passes',
      (text) => without(text, /.*header_up -Forwarded\n/),
      /forwarded: for=203\.0\.113\.66/,
    ],
    [
      'host',
      'nginx',
      'Host is not passed',
      (text) => without(text, /.*proxy_set_header Host.*\n/),
      /instead of domain\.com/,
    ],
    [
      'host',
      'apache',
      'Host is not passed',
      (text) => without(text, /.*ProxyPreserveHost.*\n/),
      /instead of domain\.com/,
    ],
    [
      'plain GET',
      'nginx',
      'it goes elsewhere',
      (text) => text.replace(/location = \/wss \{/, '$& if ($usta_upgrade = "") { return 400; }'),
      /answered 400/,
    ],
    [
      'wrong path',
      'nginx',
      'the path is a prefix',
      (text) => text.replace('location = /wss', 'location /wss'),
      /\/wssX: opens/,
    ],
    [
      'wrong path',
      'apache',
      'the path is a prefix',
      (text) => text.replaceAll('/wss$', '/wss'),
      /\/wssX: opens/,
    ],
    [
      'redirect',
      'nginx',
      'it leads elsewhere',
      (text) => text.replace('$request_uri', '/'),
      /answered 301 .*not 301/,
    ],
  ];
  for (const [row, proxy, what, edit, says] of broken) {
    it(`${row} fails when ${what} (${proxy})`, async () => {
      const proof = PROOFS.find(({ name }) => name === row);
      const plan = { ...PLAN, ...(await asInstalled(proxy)) };
      const stage = await Rehearsal.prepare({ proxy, plan, edit: changed(edit) });
      try {
        await stage.proxy.start();
        await assert.rejects(proof?.prove(stage) ?? Promise.resolve(''), says);
      } finally {
        await stage.stop();
      }
    });
  }

  it('reload fails when the open WebSocket is cut and should not be (caddy)', async () => {
    const edit = changed((text) => without(text, /.*outlive a reload.*\n.*stream_close_delay.*\n/));
    const stage = await Rehearsal.prepare({ proxy: 'caddy', plan: { ...PLAN, version: '2.7.0' }, edit });
    try {
      await stage.proxy.start();
      const reload = PROOFS.find(({ name }) => name === 'reload');
      await assert.rejects(reload?.prove(stage) ?? Promise.resolve(''), /closed with 1001|cut/);
    } finally {
      await stage.stop();
    }
  });

  it('syntax fails first, with what the proxy says, and nothing is started', async () => {
    // This version writes what Debian's nginx cannot read yet.
    const rows = [];
    for await (const row of checkProxy('nginx', { ...PLAN, http2: true, version: '1.25.1' })) rows.push(row);
    assert.equal(rows.length, 1);
    assert.deepEqual([rows[0]?.name, rows[0]?.holds], ['syntax', false]);
    assert.match(rows[0]?.detail ?? '', /unknown directive "http2"/);
  });
});

describe('what --check leaves behind', () => {
  /** Of this process only, so that nobody else writes there. */
  const folder = mkdtempSync(join(tmpdir(), 'usta-traces-'));
  const { TMPDIR } = process.env;
  before(() => {
    process.env.TMPDIR = folder;
  });
  after(() => {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
    rmSync(folder, { recursive: true });
  });

  for (const proxy of PROXIES) {
    it(`is nothing after its end, by ${proxy}`, async () => {
      const names: string[] = [];
      for await (const { name } of checkProxy(proxy, { ...PLAN, ...(await asInstalled(proxy)) })) {
        if (name === '101') assert.notDeepEqual([readdirSync(folder), descendantsOf(process.pid)], [[], []]);
        names.push(name);
      }
      assert.deepEqual(names.sort(), [...ROW_NAMES].sort());
      assert.deepEqual([readdirSync(folder), descendantsOf(process.pid)], [[], []]);
    });

    it(`is nothing when it is interrupted, by ${proxy}`, async () => {
      const controller = new AbortController();
      const reason = new Error('enough');
      const options = { signal: controller.signal, full: true };
      const rows = checkProxy(proxy, { ...PLAN, ...(await asInstalled(proxy)) }, options);
      await assert.rejects(async () => {
        for await (const { name } of rows) if (name === 'echo') controller.abort(reason);
      }, reason);
      assert.deepEqual([readdirSync(folder), descendantsOf(process.pid)], [[], []]);
    });
  }

  for (const proxy of PROXIES) {
    it(`is nothing after SIGINT, by ${proxy}: one line, and 130`, async () => {
      const words = [proxy, '--domain', 'domain.com', '--check', '--full'];
      const script = new Script('tests/real/proxies/usta-proxy.js', words, { TMPDIR: folder });
      await script.printed(/✓ reload/);
      const children = descendantsOf(script.pid);
      assert.ok(children.length > 0);
      await script.end('SIGINT');
      assert.deepEqual(await script.exited, { code: 130, signal: null });
      assert.match(script.output, /^usta: interrupted; the proxy is stopped, its files are gone$/m);
      assert.deepEqual([readdirSync(folder), children.filter(isAlive)], [[], []]);
    });
  }

  it('is nothing when whoever asked stops listening', async () => {
    for await (const { name } of checkProxy('nginx', { ...PLAN, ...(await asInstalled('nginx')) })) {
      if (name === '101') break;
    }
    assert.deepEqual([readdirSync(folder), descendantsOf(process.pid)], [[], []]);
  });
});

function without(text: string, pattern: RegExp): string {
  return text.replace(pattern, '');
}

/** An edit that changes nothing would prove nothing. */
function changed(edit: (text: string) => string): (text: string) => string {
  return (text) => {
    const edited = edit(text);
    assert.notEqual(edited, text);
    return edited;
  };
}
