/** `usta doctor --local`, on this machine: whatever it has and allows. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type ListenOptions, type Server } from 'node:net';
import process from 'node:process';
import { afterEach, describe, it } from 'node:test';
import type { Finding, Sentence } from '../../src/doctor/finding.ts';
import { judge } from '../../src/doctor/local/port.ts';
import { examineLocal, type LocalOptions } from '../../src/doctor/local.ts';
import { freePort } from '../fixtures/free-port.ts';

interface Seen {
  readonly findings: readonly Finding[];
  readonly steps: readonly string[];
  /** What was noted for the step of that name. */
  note(step: RegExp): string;
}

describe('examineLocal', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  it('tells each step to its end before the next begins, within 10 s', async () => {
    const begun = performance.now();
    const { steps } = await examine({ port: await freePort() });
    assert.ok(performance.now() - begun < 10_000);
    assert.ok(steps.length >= 10, `${steps.length} steps`);
  });

  it('a free port is one on which nothing listens', async () => {
    const port = await freePort();
    const { findings, note } = await examine({ port });
    assert.ok(codes(findings).includes('nothing-listens'));
    assert.match(note(/^port \d/), /free/);
  });

  it('names process, program and user of who listens', async () => {
    const port = await listen({ host: '0.0.0.0', port: 0 });
    const { findings, note } = await examine({ port });
    assert.ok(!codes(findings).includes('nothing-listens'));
    assert.match(
      note(/^port \d/),
      new RegExp(`^node \\(pid ${process.pid}, \\S+\\) listens on 0\\.0\\.0\\.0:${port}$`),
    );
  });

  it('a server on 127.0.0.1 is one that only this machine reaches', async () => {
    const port = await listen({ host: '127.0.0.1', port: 0 });
    const { findings, note } = await examine({ port });
    // Where a proxy runs on the machine of the test, that is right.
    const proxy = !note(/^proxies/).startsWith('no ');
    assert.equal(codes(findings).includes('bound-to-loopback'), !proxy);
  });

  it('a server on [::] without IPv4 is found by asking it', async () => {
    const port = await listen({ host: '::', port: 0, ipv6Only: true });
    assert.ok(codes((await examine({ port })).findings).includes('bound-to-ipv6'));
    const dual = await listen({ host: '::', port: 0 });
    assert.ok(!codes((await examine({ port: dual })).findings).includes('bound-to-ipv6'));
  });

  it('a certificate is looked at when one is given', async () => {
    const port = await freePort();
    const given = await examine({ port, certificate: '/nowhere/server.pem' });
    assert.ok(codes(given.findings).includes('certificate-file-missing'));
    assert.ok(!(await examine({ port })).steps.includes('certificate'));
  });

  it('an explanation that throws harms nothing', async () => {
    const explain = (): never => {
      throw new Error('not a configuration');
    };
    await examine({ port: await freePort(), explain });
  });

  async function listen(options: ListenOptions): Promise<number> {
    const server = createServer((socket) => socket.destroy()).listen(options);
    servers.push(server);
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }
});

describe('who has taken the port', () => {
  const socket = { host: '0.0.0.0', port: 8282, family: 4 } as const;

  it('Node and proxies are who is expected there', () => {
    for (const program of ['node', 'nginx', 'haproxy', 'docker-proxy']) {
      assert.deepEqual(judge(socket, [{ pid: 7, program }]), [], program);
    }
  });

  it('another program stands in the way', () => {
    const [finding] = judge(socket, [{ pid: 7, program: 'php8.2', user: 'www-data' }]);
    assert.deepEqual([finding?.code, finding?.severity], ['port-taken', 'fault']);
    assert.match(finding?.cause.en ?? '', /^0\.0\.0\.0:8282 is taken by php8\.2 \(pid 7, www-data\)/);
  });

  it('a program that may not be seen is not accused', () => {
    assert.deepEqual(judge(socket, []), []);
  });
});

async function examine(options: LocalOptions): Promise<Seen> {
  const steps: string[] = [];
  const notes = new Map<string, string>();
  let open: Sentence | undefined;
  const findings = await examineLocal(options, {
    began(step) {
      assert.equal(open, undefined, 'steps do not overlap');
      open = step;
    },
    ended(step, { note, milliseconds }) {
      assert.equal(step, open);
      assert.ok(milliseconds >= 0);
      open = undefined;
      steps.push(step.en);
      notes.set(step.en, note?.en ?? '');
    },
  });
  assert.equal(open, undefined);
  for (const { cause, remedy } of findings) {
    for (const text of [cause.en, cause.tr, remedy.en, remedy.tr]) assert.ok(text.length > 0);
  }
  const note = (name: RegExp): string => notes.get(steps.find((step) => name.test(step)) ?? '') ?? '';
  return { findings, steps, note };
}

function codes(findings: readonly Finding[]): string[] {
  return findings.map(({ code }) => code);
}
