import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import WebSocket from 'ws';
import { ensure } from './debian.ts';
import { type Services, startServices } from './services.ts';

const PYTHON = fileURLToPath(new URL('../../../tests/real/tom.py', import.meta.url));
const run = promisify(execFile);

describe('the manual page: clients of both examples', () => {
  let services: Services;
  before(async () => {
    ensure('python3', 'python3-websockets', 'curl');
    services = await startServices();
  });
  after(() => services?.stop());

  for (const scheme of ['wss', 'ws'] as const) {
    it(`Node's ws sends tom and gets ok over ${scheme}, and closes with 1000`, async () => {
      const { ca } = services.certificate;
      const socket = new WebSocket(services[scheme], { ca });
      await once(socket, 'open');
      socket.send('tom');
      const [answer, isBinary] = await once(socket, 'message');
      assert.deepEqual([String(answer), isBinary], ['ok', false]);
      socket.close(1000);
      assert.equal((await once(socket, 'close'))[0], 1000);
    });

    it(`Python's websockets sends tom and gets ok over ${scheme}, and closes with 1000`, async () => {
      const words = [PYTHON, services[scheme], ...(scheme === 'wss' ? [services.certificate.caFile] : [])];
      const { stdout } = await run('/usr/bin/python3', words, { timeout: 20_000 });
      assert.equal(stdout, 'ok\n1000\n');
    });

    it(`curl gets the 101 of RFC 6455 §1.3 over ${scheme}`, async () => {
      const head = await curlUpgrade(services[scheme].replace(/^ws/, 'http'), services.certificate.caFile);
      assert.match(head, /^HTTP\/1\.1 101 Switching Protocols\r\n/);
      assert.match(head, /^upgrade: websocket\r$/im);
      assert.match(head, /^connection: upgrade\r$/im);
      assert.match(head, /^sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r$/im);
    });
  }

  it('none of them accepts the certificate without its CA', async () => {
    const [error] = await once(new WebSocket(services.wss), 'error');
    assert.equal(error.code, 'SELF_SIGNED_CERT_IN_CHAIN');
    await assert.rejects(run('/usr/bin/python3', [PYTHON, services.wss]), /CERTIFICATE_VERIFY_FAILED/);
    await assert.rejects(run('curl', ['-sS', services.wss.replace('wss', 'https')]), { code: 60 });
  });
});

/** @returns the head of the answer, of which curl tells on stderr at once; it then waits for the end. */
async function curlUpgrade(url: string, caFile: string): Promise<string> {
  const headers = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
  const words = [...headers, key].flatMap((header) => ['-H', header]);
  const child = spawn('curl', ['-sv', '--http1.1', '-m', '20', '--cacert', caFile, ...words, url], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => {
    told += chunk;
    if (/^< \r\n/m.test(told)) child.kill();
  });
  await once(child, 'close');
  return [...told.matchAll(/^< (.*\r\n)/gm)].map(([, line]) => line).join('');
}
