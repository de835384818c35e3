/** Our client, and servers of other people. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createAuthority, issue } from '../../src/certificates/authority.ts';
import { Ear, owned } from '../clients/stage.ts';
import { ensure } from './debian.ts';
import { type Front, openFront } from './proxies/clients.ts';
import { asInstalled } from './proxies/examinations.ts';

const PYTHON = fileURLToPath(new URL('../../../tests/real/echo.py', import.meta.url));
const MIB = 1_048_576;

describe("AsyncTcpConnection and Python's websockets", () => {
  const folder = mkdtempSync(join(tmpdir(), 'usta-python-'));
  const caFile = join(folder, 'ca.pem');
  const files = [join(folder, 'server.pem'), join(folder, 'server.key')] as const;
  before(() => {
    ensure('python3', 'python3-websockets');
    const authority = createAuthority('python');
    const { cert, key } = issue(authority, ['127.0.0.1', 'localhost']);
    writeFileSync(caFile, authority.cert);
    writeFileSync(files[0], cert);
    writeFileSync(files[1], key);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('speak over ws: text, bytes, a mebibyte, a subprotocol, and the close handshake', async () => {
    await converses(`ws://127.0.0.1:${await python()}/`);
  });

  it('speak over wss, with deflate', async () => {
    await converses(`wss://localhost:${await python(...files)}/`, { ssl: { cafile: caFile }, deflate: true });
  });

  it('the certificate is checked', async () => {
    const ear = Ear.connect(`wss://localhost:${await python(...files)}/`);
    await ear.until('close');
    assert.match(ear.errors[0] ?? '', /certificate/);
  });
});

describe('AsyncTcpConnection behind nginx', () => {
  let front: Front;
  before(async () => {
    ensure('nginx');
    front = await openFront('nginx', await asInstalled('nginx'));
  });
  after(() => front?.stop());

  it('gets through the printed configuration: tom → ok, a mebibyte, and 1000', async () => {
    const ear = Ear.connect(front.url, { ssl: { cafile: front.caFile } });
    await ear.until('open');
    ear.connection.send('tom');
    await ear.until('ok');
    const much = randomBytes(MIB / 2);
    ear.connection.send(much);
    await ear.until(`${MIB / 2} bytes`);
    assert.deepEqual(ear.messages.at(-1), much);
    await closesInOrder(ear);
  });

  it('is told what nginx answers when nobody is there', async () => {
    const ear = Ear.connect(front.url.replace(/\/wss$/, '/elsewhere'), { ssl: { cafile: front.caFile } });
    await ear.until('close');
    assert.match(ear.errors[0] ?? '', /404/);
  });
});

async function converses(url: string, options: ConstructorParameters<typeof Ear>[1] = {}): Promise<void> {
  const ear = Ear.connect(url, { protocols: ['chat'], ...options });
  await ear.until('open');
  assert.equal(ear.connection.subprotocol, 'chat');
  ear.connection.send('merhaba, dünya');
  await ear.until('merhaba, dünya');
  const much = randomBytes(MIB);
  ear.connection.send(much);
  await ear.until(`${MIB} bytes`);
  assert.deepEqual(ear.messages.at(-1), much);
  await closesInOrder(ear);
}

async function closesInOrder(ear: Ear): Promise<void> {
  ear.connection.close(1000);
  await ear.until('close');
  const [cause] = ear.causes;
  assert.equal(cause?.received?.code, 1000);
}

/** @returns the port of an echo server that ends behind the test. */
async function python(...words: string[]): Promise<number> {
  const child = spawn('/usr/bin/python3', [PYTHON, ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  owned(async () => {
    child.kill();
    await once(child, 'exit');
  });
  const [line] = await once(child.stdout, 'data');
  return Number(line);
}
