/** Needs root: port 443, a key that only root may read, and processes that are nobody's. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { now } from '../../../src/timer.ts';
import { type Made, make } from '../../fixtures/pki.ts';
import { Script } from '../../fixtures/script.ts';

const NOBODY = '65534';
const directory = mkdtempSync(join(tmpdir(), 'usta-root-'));
const [cert, key] = [join(directory, 'server.pem'), join(directory, 'server.key')];
const root = make({ name: 'test root', authority: true });
const scripts: Script[] = [];
after(async () => {
  await Promise.all(scripts.map((script) => script.end()));
  rmSync(directory, { recursive: true });
});

function leaf(): Made {
  return make({ name: 'test', names: [ADDRESS], by: root });
}

function install(pair: Made): void {
  writeFileSync(key, pair.key, { mode: 0o600 });
  writeFileSync(cert, pair.cert);
}

/** What the service answers (its process and user), and the serial number of its certificate. */
async function ask(port: number): Promise<{ user: string; serial: string }> {
  const socket = new WebSocket(`wss://${ADDRESS}:${port}/`, { ca: root.cert });
  const [response] = await once(socket, 'upgrade');
  const serial = response.socket.getPeerCertificate().serialNumber;
  if (socket.readyState !== WebSocket.OPEN) await once(socket, 'open');
  socket.send('who');
  const [answer] = await once(socket, 'message');
  socket.terminate();
  return { user: String(answer).split(' ')[1] ?? '', serial };
}

/** Asked until the certificate with this serial number is what is served: every process takes it in its own time. */
async function served(port: number, serial: string): Promise<{ user: string }> {
  for (const deadline = now() + 10_000; now() < deadline; ) {
    const answer = await ask(port);
    if (answer.serial === serial) return answer;
  }
  throw new Error('the renewed certificate is not served');
}

/** An address of this machine on which nobody else has port 443. */
const ADDRESS = '127.0.0.77';

describe('processes that are nobody’s (as root)', () => {
  it('serve port 443 with a key that only root may read, through two renewals', async () => {
    assert.equal(process.getuid?.(), 0, 'this test needs root');
    chmodSync(directory, 0o700);
    install(leaf());
    const env = { CERT: cert, KEY: key, RUN_AS: 'nobody', PORT: '443', HOST: ADDRESS };
    const script = new Script('tests/master/tls-service.js', [], env);
    scripts.push(script);
    await script.printed(/worker test: wss on 127\.0\.0\.77:443 with TLS/);
    const first = await ask(443);
    assert.equal(first.user, NOBODY);
    for (let renewals = 0; renewals < 2; renewals++) {
      const pair = leaf();
      install(pair);
      assert.equal((await served(443, new X509Certificate(pair.cert).serialNumber)).user, NOBODY);
    }
    await script.printed(/(the certificate was renewed.*\s[\s\S]*){2}/);
    await script.end('SIGTERM');
  });

  it('a user that does not exist ends the start with one line', async () => {
    install(leaf());
    const script = new Script('tests/master/tls-service.js', [], {
      CERT: cert,
      KEY: key,
      RUN_AS: 'nobody-here',
    });
    scripts.push(script);
    assert.deepEqual(await script.exited, { code: 1, signal: null });
    assert.match(script.output, /cannot become user nobody-here: .*no such user/);
  });
});
