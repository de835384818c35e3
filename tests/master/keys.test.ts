import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { testCertificate } from '../fixtures/certificate.ts';
import { Script } from '../fixtures/script.ts';

const room = mkdtempSync(join(tmpdir(), 'usta-keys-'));
const scripts: Script[] = [];
after(async () => {
  await Promise.all(scripts.map((script) => script.end()));
  rmSync(room, { recursive: true });
});

type Pair = Awaited<ReturnType<typeof testCertificate>>;

interface Service {
  readonly script: Script;
  readonly port: number;
  readonly cert: string;
  readonly key: string;
}

/** A service of two processes with this pair in files of its own. */
async function serve(name: string, pair: Pair): Promise<Service> {
  const [cert, key] = [join(room, `${name}.pem`), join(room, `${name}.key`)];
  writeFileSync(cert, pair.cert);
  writeFileSync(key, pair.key, { mode: 0o600 });
  const script = new Script('tests/master/tls-service.js', [], { CERT: cert, KEY: key });
  scripts.push(script);
  const [, port] = await script.printed(/worker test: wss on 127\.0\.0\.1:(\d+) with TLS, 2 processes/);
  return { script, port: Number(port), cert, key };
}

interface Visit {
  readonly ca: string;
  readonly version?: 'TLSv1.2' | 'TLSv1.3';
  readonly session?: Buffer;
}

/** Which process answers, with a connection that stays open, and the session to come back with. */
async function visit(
  { port }: Service,
  { ca, version = 'TLSv1.3', session }: Visit,
): Promise<{ client: TLSSocket; pid: string; session: Buffer; resumed: boolean }> {
  const client = connect({
    ...{ host: '127.0.0.1', port, ca, servername: 'localhost', minVersion: version, maxVersion: version },
    ...(session && { session }),
  });
  client.on('error', () => {});
  const sessions: Buffer[] = [];
  client.on('session', (one: Buffer) => sessions.push(one));
  await once(client, 'secureConnect');
  client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [answer] = await once(client, 'data');
  const pid = String(answer).split('\r\n\r\n')[1] ?? '';
  return {
    client,
    pid,
    session: sessions.at(-1) ?? client.getSession() ?? Buffer.alloc(0),
    resumed: client.isSessionReused(),
  };
}

/** The same, once the process that answers has heard of the renewal: the master says it before. */
async function served(service: Service, how: Visit): ReturnType<typeof visit> {
  for (const deadline = performance.now() + 5_000; ; ) {
    try {
      return await visit(service, how);
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}

describe('keys of a service', () => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`a session is resumed in any process, after a renewal and after a reload (${version})`, async () => {
      const pair = await testCertificate();
      const service = await serve(`resume-${version}`, pair);
      const { session, pid } = await visit(service, { ca: pair.cert, version });
      const others = new Set<string>();
      while (!others.has('other')) {
        const again = await visit(service, { ca: pair.cert, version, session });
        assert.equal(again.resumed, true);
        others.add(again.pid === pid ? 'same' : 'other');
        again.client.destroy();
      }
      const next = await testCertificate();
      writeFileSync(service.key, next.key);
      writeFileSync(service.cert, next.cert);
      await service.script.printed(/the certificate was renewed: \d+ days left/);
      assert.equal((await served(service, { ca: next.cert, version, session })).resumed, true);
      service.script.process.kill('SIGUSR2');
      await service.script.printed(/reload 1 is done/);
      assert.equal((await visit(service, { ca: next.cert, version, session })).resumed, true);
      await service.script.end('SIGTERM');
    });
  }

  it('are renewed in every process without a break: open connections live on', async () => {
    const first = await testCertificate();
    const service = await serve('swap', first);
    const before = await visit(service, { ca: first.cert });
    const second = await testCertificate();
    writeFileSync(`${service.cert}.new`, second.cert);
    writeFileSync(`${service.key}.new`, second.key);
    renameSync(`${service.key}.new`, service.key);
    renameSync(`${service.cert}.new`, service.cert);
    await service.script.printed(/the certificate was renewed/);
    const pids = new Set<string>();
    while (pids.size < 2) {
      const { pid, client } = await served(service, { ca: second.cert });
      pids.add(pid);
      client.destroy();
    }
    before.client.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    assert.match(String((await once(before.client, 'data'))[0]), /^HTTP\/1\.1 200/);
    await service.script.end('SIGTERM');
  });

  it('a renewal that is half done keeps the old pair and says so; when it is done the new one is served', async () => {
    const first = await testCertificate();
    const service = await serve('half', first);
    const second = await testCertificate();
    writeFileSync(service.cert, second.cert);
    await service.script.printed(/the certificate in use is kept: ssl\.local_pk: .*half\.key/);
    (await visit(service, { ca: first.cert })).client.destroy();
    writeFileSync(service.key, second.key);
    await service.script.printed(/the certificate was renewed/);
    (await served(service, { ca: second.cert })).client.destroy();
    await service.script.end('SIGTERM');
  });

  it('a link that is turned to other files is a renewal', async () => {
    const [first, second] = [await testCertificate(), await testCertificate()];
    for (const [version, pair] of [first, second].entries()) {
      writeFileSync(join(room, `link-${version}.pem`), pair.cert + pair.key);
    }
    const link = join(room, 'live.pem');
    symlinkSync(join(room, 'link-0.pem'), link);
    const script = new Script('tests/master/tls-service.js', [], { CERT: link, KEY: link });
    scripts.push(script);
    const [, port] = await script.printed(/wss on 127\.0\.0\.1:(\d+)/);
    symlinkSync(join(room, 'link-1.pem'), `${link}.new`);
    renameSync(`${link}.new`, link);
    await script.printed(/the certificate was renewed/);
    const service = { script, port: Number(port), cert: link, key: link };
    (await served(service, { ca: second.cert })).client.destroy();
    await script.end('SIGTERM');
  });

  it('a key that cannot be used ends the start in the master, with one line and before anything listens', async () => {
    const pair = await testCertificate();
    const other = await testCertificate();
    const [cert, key] = [join(room, 'wrong.pem'), join(room, 'wrong.key')];
    writeFileSync(cert, pair.cert);
    writeFileSync(key, other.key);
    const script = new Script('tests/master/tls-service.js', [], { CERT: cert, KEY: key });
    scripts.push(script);
    assert.deepEqual(await script.exited, { code: 1, signal: null });
    assert.match(script.output, /^\S+ pid:\d+ ssl\.local_pk: .*wrong\.key .*\n$/);
  });
});
