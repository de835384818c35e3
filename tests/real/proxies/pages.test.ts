/** What docs/how-to/wss-behind-*.md say of the configurations that they show, and of what goes wrong. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { checkProxy } from '../../../src/front/check.ts';
import { PROXIES } from '../../../src/front/plan.ts';
import { PROOFS } from '../../../src/front/proofs.ts';
import { Rehearsal, type RehearsalOptions } from '../../../src/front/rehearsal.ts';
import { BaseWorker } from '../../../src/worker/worker.ts';
import { testCertificate } from '../../fixtures/certificate.ts';
import { ensure } from '../debian.ts';
import { asInstalled } from './examinations.ts';

const PLAN = { domain: 'domain.com', path: '/wss' };

before(() => ensure('nginx', 'apache2', 'haproxy', 'caddy'));

describe('the table of --check', () => {
  for (const proxy of PROXIES) {
    it(`is the page's, measured numbers apart, with ${proxy}`, async () => {
      const page = readFileSync(
        join(import.meta.dirname ?? '.', '..', '..', '..', '..', 'docs', 'how-to', `wss-behind-${proxy}.md`),
        'utf8',
      );
      const shown = [...page.matchAll(/^✓ (.{10}) {2}(.+)$/gm)].map(([, name = '', detail = '']) => [
        name.trim(),
        withoutNumbers(detail),
      ]);
      const rows: string[][] = [];
      for await (const { name, detail } of checkProxy(proxy, { ...PLAN, ...(await asInstalled(proxy)) })) {
        rows.push([name, withoutNumbers(detail)]);
      }
      assert.deepEqual(shown, rows);
    });
  }
});

describe('the faults that the pages list', () => {
  const noWorker = { nginx: 502, apache: 503, haproxy: 503, caddy: 502 } as const;
  for (const [proxy, status] of Object.entries(noWorker)) {
    it(`${proxy} answers ${status} when no worker is there`, async () => {
      const edit = (text: string): string => workerAt(text, 1);
      assert.match(await upgrade(proxy, { edit }), new RegExp(`answered ${status} `));
    });
  }

  for (const proxy of PROXIES) {
    it(`a worker that speaks TLS itself answers 400 behind ${proxy}`, async () => {
      const { cert, key } = await testCertificate(['localhost']);
      const worker = new BaseWorker('wss://127.0.0.1:0', { ssl: { cert, key }, drainTimeout: 1 });
      await worker.listen();
      const edit = (text: string): string => workerAt(text, worker.port);
      assert.match(await upgrade(proxy, { edit }), /answered 400 /);
      await worker.stop();
    });
  }

  it('HAProxy answers 502 when the worker waits for a PROXY header that is not sent', async () => {
    const edit = (text: string): string => text.replace(' send-proxy-v2', '');
    assert.match(await upgrade('haproxy', { plan: { ...PLAN, proxyProtocol: true }, edit }), /answered 502 /);
  });

  it('a header that Apache sets by RequestHeader can be removed by the client: RFC 9110 §7.6.1', async () => {
    const edit = (text: string): string =>
      text.replace(
        'RequestHeader unset X-Forwarded-For',
        'ProxyAddHeaders Off\n  RequestHeader set X-Forwarded-For "expr=%{REMOTE_ADDR}"',
      );
    const stage = await started('apache', { edit });
    try {
      const forged = PROOFS.find(({ name }) => name === 'forged');
      await assert.rejects(forged?.prove(stage) ?? Promise.resolve(''), /the worker sees 127\.0\.0\.1/);
    } finally {
      await stage.stop();
    }
  });

  it('nginx ignores a second server block of a name, and says so', async () => {
    const { exitCode, said } = await syntaxOf(
      'nginx',
      (text) => text + text.replaceAll('usta_domain_com_wss', 'usta_other').replace('= /wss', '= /other'),
    );
    assert.equal(exitCode, 0);
    assert.match(said, /conflicting server name "domain\.com" on 127\.0\.0\.1:\d+, ignored/);
  });

  it('HAProxy says when the key is not in the file of the certificate', async () => {
    const { exitCode, said } = await syntaxOf('haproxy', (text) => text.replaceAll('server.pem', 'ca.pem'));
    assert.equal(exitCode, 1);
    assert.match(said, /No Private Key found/);
  });

  it('Apache says which directive wants a module that is not there', async () => {
    const { said } = await syntaxOf('apache', (text) =>
      text.replace('ProxyPreserveHost On', 'RewriteEngine On'),
    );
    assert.match(said, /Invalid command 'RewriteEngine'/);
  });
});

async function syntaxOf(
  proxy: string,
  edit: (text: string) => string,
): Promise<{ exitCode: number | null; said: string }> {
  const stage = await Rehearsal.prepare({ proxy, plan: { ...PLAN, ...(await asInstalled(proxy)) }, edit });
  try {
    const { exitCode, output, errors } = await stage.proxy.checkSyntax();
    return { exitCode, said: output + errors };
  } finally {
    await stage.stop();
  }
}

async function started(proxy: string, more: Partial<RehearsalOptions>): Promise<Rehearsal> {
  const { plan = PLAN } = more;
  const stage = await Rehearsal.prepare({ proxy, ...more, plan: { ...plan, ...(await asInstalled(proxy)) } });
  try {
    await stage.proxy.start();
  } catch (error) {
    await stage.stop();
    throw error;
  }
  return stage;
}

/** How an upgrade is answered instead. */
async function upgrade(proxy: string, more: Partial<RehearsalOptions>): Promise<string> {
  const stage = await started(proxy, more);
  const said = await stage.visitor.open('/wss').then(
    () => 'opens',
    ({ message }: Error) => message,
  );
  await stage.stop();
  return said;
}

/** Changes the line that names the worker, and none that listens. */
function workerAt(text: string, port: number): string {
  const edited = text.replaceAll(/^\s*(server 127|server worker|ProxyPassMatch|reverse_proxy).*$/gm, (line) =>
    line.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${port}`),
  );
  assert.notEqual(edited, text);
  return edited;
}

function withoutNumbers(detail: string): string {
  return detail.replaceAll(/in \d+ ms|:\d{5}\b|^\d+ requests/g, '#');
}
