import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, before, describe, it } from 'node:test';
import { complaintIn, freePorts, InstalledProxy, requireProxy } from '../../src/front/installed-proxy.ts';
import { planProxy } from '../../src/front/plan.ts';

describe('InstalledProxy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'usta-proxy-'));
  const { PATH } = process.env;
  before(() => {
    process.env.PATH = `${folder}:/bin:/usr/bin`;
  });
  after(() => {
    process.env.PATH = PATH;
    rmSync(folder, { recursive: true });
  });

  /** A program that calls itself Caddy: found before any real one. */
  function pretend(script: string): void {
    const path = join(folder, 'caddy');
    writeFileSync(path, `#!/bin/sh\n[ "$1" = version ] && echo 2.6.2 && exit\n${script}\n`);
    chmodSync(path, 0o755);
  }

  async function prepared(): Promise<{ proxy: InstalledProxy; place: string }> {
    const place = mkdtempSync(join(folder, 'place-'));
    const [port] = await freePorts();
    const plan = planProxy('caddy', { domain: 'domain.com', address: '127.0.0.1', port });
    return { proxy: await InstalledProxy.prepare(plan, 'the configuration\n', place), place };
  }

  it('says which package is missing', () => {
    const kept = process.env.PATH;
    process.env.PATH = '/nowhere';
    try {
      // A program of this name may be installed in the folders of administration programs.
      const installed = ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/sbin', '/bin'].some((one) =>
        existsSync(`${one}/caddy`),
      );
      if (installed) assert.match(requireProxy('caddy'), /\/caddy$/);
      else
        assert.throws(() => requireProxy('caddy'), {
          message: /^caddy is not installed.*apt install caddy$/,
        });
    } finally {
      process.env.PATH = kept;
    }
  });

  it('reports what the program says of the syntax', async () => {
    pretend('[ "$1" = validate ] && echo "Error: line 1 is strange" >&2 && exit 3');
    const { proxy } = await prepared();
    const { exitCode, errors } = await proxy.checkSyntax();
    assert.deepEqual([exitCode, complaintIn(errors)], [3, 'Error: line 1 is strange']);
  });

  it('says why it has ended instead of starting', async () => {
    pretend('echo "info: fine"; echo "error: port taken"; echo "bye"; exit 1');
    const { proxy } = await prepared();
    await assert.rejects(proxy.start(), {
      code: 'E_PROXY_START',
      message: /caddy ended: error: port taken$/,
    });
    await proxy.stop();
  });

  it('ends one that does not want to', async () => {
    pretend('trap "" TERM; echo $$ > new; mv new pid; while :; do sleep 0.05; done');
    const { proxy, place } = await prepared();
    const starting = proxy.start();
    starting.catch(() => {});
    for (const deadline = Date.now() + 10_000; !existsSync(join(place, 'pid')); ) {
      assert.ok(Date.now() < deadline, 'it was not started');
      await new Promise((resolve) => setImmediate(resolve));
    }
    const pid = Number(readFileSync(join(place, 'pid'), 'utf8'));
    await proxy.stop(100);
    assert.throws(() => process.kill(pid, 0), { code: 'ESRCH' });
    await assert.rejects(starting, { code: 'E_PROXY_START' });
  });

  it('ends one that is just being started', async () => {
    pretend('echo $$ > new; mv new pid; exec sleep 30');
    const { proxy } = await prepared();
    const starting = proxy.start();
    starting.catch(() => {});
    await proxy.stop();
    assert.notEqual(proxy.pid, 0);
    assert.throws(() => process.kill(proxy.pid, 0), { code: 'ESRCH' });
    await assert.rejects(starting, { code: 'E_PROXY_START' });
  });
});

describe('freePorts', () => {
  it('are two that can be listened on, and that no outgoing connection is given', async () => {
    const ports = await freePorts();
    assert.notEqual(ports[0], ports[1]);
    for (const port of ports) {
      assert.ok(port >= 20_000 && port < 32_000);
      const server = createServer();
      await new Promise<void>((resolve, reject) =>
        server.once('error', reject).listen(port, '127.0.0.1', resolve),
      );
      server.close();
    }
  });
});
