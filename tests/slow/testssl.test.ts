import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Script } from '../fixtures/script.ts';
import { ensure } from '../real/debian.ts';
import { type Issued, issue } from '../real/tls/authority.ts';

/** What testssl finds worth a word and is meant so. */
const PERMITTED: Readonly<Record<string, string>> = {
  OCSP_stapling: 'the test authority has no OCSP server',
  DNS_CAArecord: 'localhost has no DNS records',
  engine_problem: 'testssl speaks of the openssl that it runs itself',
};

const directory = mkdtempSync(join(tmpdir(), 'usta-scan-'));
let files: Issued;
let server: Script;
let port: number;

before(async () => {
  ensure('testssl.sh', 'openssl');
  files = issue(directory);
  server = new Script('bench/echo.js', ['--wss', '0', '--cert', files.cert, '--key', files.key]);
  const [, found] = await server.printed(/wss=(\d+)/);
  port = Number(found);
});
after(async () => {
  await server.end('SIGTERM');
  rmSync(directory, { recursive: true });
});

interface Remark {
  readonly id: string;
  readonly severity: string;
  readonly finding: string;
}

describe('npm run -s echo, by testssl', { timeout: 300_000 }, () => {
  it('testssl has nothing against it: protocols, suites, forward secrecy, preferences, certificate, known attacks', () => {
    const result = join(directory, 'testssl.json');
    spawnSync(
      'testssl',
      [
        ...['--quiet', '--color', '0', '--warnings', 'off', '--ip', 'one', '--add-ca', files.root],
        ...['--jsonfile', result, '-p', '-s', '-f', '-P', '-S', '-U', `localhost:${port}`],
      ],
      { cwd: directory, encoding: 'utf8' },
    );
    const remarks: Remark[] = JSON.parse(readFileSync(result, 'utf8'));
    const bad = remarks.filter(({ severity }) => !['OK', 'INFO', 'DEBUG'].includes(severity));
    assert.deepEqual(
      bad.filter(({ id }) => !(id in PERMITTED)),
      [],
    );
    const said = Object.fromEntries(remarks.map(({ id, finding }) => [id, finding]));
    for (const old of ['SSLv2', 'SSLv3', 'TLS1', 'TLS1_1']) assert.match(said[old] ?? '', /^not offered/);
    for (const now of ['TLS1_2', 'TLS1_3']) assert.match(said[now] ?? '', /^offered/);
    assert.match(said.cipherlist_OBSOLETED ?? said.cipherlist_AVERAGE ?? '', /not offered/);
    assert.match(said.secure_client_renego ?? '', /not vulnerable/);
    assert.match(said.cert_chain_of_trust ?? '', /passed/);
  });
});
