import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, describe, it } from 'node:test';
import {
  type CheckFinding,
  checkWorkers,
  type ServiceFiles,
} from '../../../src/master/launch/check-workers.ts';
import { BaseWorker } from '../../../src/worker/worker.ts';
import { make } from '../../fixtures/pki.ts';

const directory = mkdtempSync(join(tmpdir(), 'usta-check-'));
process.env.USTA_RUNTIME_DIR = join(directory, 'run');
after(() => rmSync(directory, { recursive: true }));

/** What is found, a line each, with its mark. */
async function check(workers: readonly unknown[], files: ServiceFiles = {}): Promise<string[]> {
  const found: CheckFinding[] = await checkWorkers(workers as BaseWorker[], files);
  return found.map(({ severity, text }) => `${severity}: ${text}`);
}

const free = (options: object = {}): BaseWorker<'http'> =>
  new BaseWorker<'http'>('http://127.0.0.1:0', { name: 'web', ...options });
const FINE = 'fine: worker web: can listen on 127.0.0.1:0';

describe('checkWorkers', () => {
  it('says of each worker that it can listen, and binds nothing for good', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as { port: number };
    blocker.close();
    await once(blocker, 'close');
    const worker = new BaseWorker<'http'>(`http://127.0.0.1:${port}`);
    const fine = [`fine: http://127.0.0.1:${port}: can listen on 127.0.0.1:${port}`];
    assert.deepEqual(await check([worker]), fine);
    assert.deepEqual(await check([worker]), fine);
  });

  it('says which address is taken', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const { port } = blocker.address() as { port: number };
    const [found = ''] = await check([new BaseWorker<'http'>(`http://127.0.0.1:${port}`, { name: 'web' })]);
    assert.match(
      found,
      new RegExp(`^fault: worker web: cannot listen on 127\\.0\\.0\\.1:${port}: another program`),
    );
    blocker.close();
  });

  it('leaves no socket file', async () => {
    const path = join(directory, 'web.sock');
    assert.deepEqual(await check([new BaseWorker<'tcp'>(`unix://${path}`, { name: 'local' })]), [
      `fine: worker local: can listen on unix:${path}`,
    ]);
    assert.ok(!existsSync(path));
  });

  it('says that two workers want the same address', async () => {
    const [one, two] = [1, 2].map(
      (number) => new BaseWorker<'http'>('http://127.0.0.1:18999', { name: `w${number}` }),
    );
    assert.equal(
      (await check([one, two]))[1],
      'fault: worker w2: 127.0.0.1:18999 is that of worker w1 already',
    );
  });

  it('says that there is nothing to serve', async () => {
    assert.deepEqual(await check([]), [
      'fault: the script makes no worker: new Worker(…) before Worker.runAll()',
    ]);
  });

  it('needs no address: a worker may have none', async () => {
    assert.deepEqual(await check([new BaseWorker()]), []);
  });

  it('finds options of the wrong kind (faults) and unknown ones (warnings)', async () => {
    assert.deepEqual(await check([free({ maxPackageSize: '1mb', maxPackageSise: 1 })]), [
      'warning: worker web: there is no option maxPackageSise; did you mean maxPackageSize?',
      'fault: worker web: maxPackageSize has to be a number from 0 on, not "1mb"',
      FINE,
    ]);
  });

  it('sees a count that was set later', async () => {
    const worker = free();
    worker.count = 0.5;
    assert.equal(
      (await check([worker]))[0],
      'fault: worker web: count has to be a whole number from 1 on, not 0.5',
    );
  });

  it('looks at certificates: what stops a start is a fault, the rest a warning', async () => {
    const { cert, key } = make({ name: 'domain.com' });
    const other = make({ name: 'domain.com' });
    const file = join(directory, 'server.pem');
    writeFileSync(file, cert + key, { mode: 0o600 });
    const served = await check([free({ transport: 'ssl', ssl: { local_cert: file } })]);
    assert.match(served[1] ?? '', /^warning: worker web: .* signs itself/);
    assert.equal(served.at(-1), 'fine: worker web: the certificate of domain.com can be served');
    const wrong = await check([free({ transport: 'ssl', ssl: { cert, key: other.key } })]);
    assert.match(wrong[1] ?? '', /^fault: worker web: .* is not the key of /);
    const none = await check([free({ transport: 'ssl' })]);
    assert.match(none[1] ?? '', /^fault: worker web: TLS needs a certificate/);
    const word = await check([free({ transport: 'ssl', ssl: { local_certt: file } })]);
    assert.match(word[1] ?? '', /^fault: worker web: .*local_cert/);
  });

  it('looks at options of an authority, and asks nobody', async () => {
    const acme = { domains: ['shop.example.com'], agree: true, storage: join(directory, 'acme') };
    assert.deepEqual(await check([free({ transport: 'ssl', acme })]), [
      FINE,
      'fine: worker web: an authority gives the certificate',
    ]);
    const [, fault = ''] = await check([free({ transport: 'ssl', acme: { ...acme, agree: false } })]);
    assert.match(fault, /^fault: worker web: /);
    assert.ok(!existsSync(join(directory, 'acme')));
  });

  it('warns of a limit of descriptors that is too low, with the command to mend it', async () => {
    const found = await check([free({ maxConnections: 50_000_000 })]);
    assert.match(found.at(-1) ?? '', /^warning: maxConnections is 50000000, but .* ulimit -n /);
  });

  it('looks at the files of the service, and writes none', async () => {
    const pidFile = join(directory, 'web.pid');
    const stdoutFile = join(directory, 'web.log');
    assert.deepEqual(await check([free()], { pidFile, stdoutFile }), [
      FINE,
      `fine: the pid file ${pidFile} can be written`,
      `fine: stdoutFile ${stdoutFile} can be written`,
    ]);
    assert.ok(!existsSync(pidFile) && !existsSync(stdoutFile));
    const found = await check([free()], {
      pidFile: '/no/web.pid',
      stdoutFile: '/no/out.log',
      logFile: directory,
    });
    assert.deepEqual(found.slice(1), [
      'fault: the pid file /no/web.pid cannot be written (ENOENT)',
      'fault: stdoutFile /no/out.log cannot be written (ENOENT)',
      `fault: logFile ${directory} cannot be written (EISDIR)`,
    ]);
  });
});
