import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Script } from '../../fixtures/script.ts';
import { ensure } from '../debian.ts';
import { type Issued, issue } from './authority.ts';

const directory = mkdtempSync(join(tmpdir(), 'usta-scan-'));
let files: Issued;
let server: Script;
let port: number;

before(async () => {
  ensure('sslscan', 'openssl');
  files = issue(directory);
  server = new Script('bench/echo.js', ['--wss', '0', '--cert', files.cert, '--key', files.key]);
  const [, found] = await server.printed(/wss=(\d+)/);
  port = Number(found);
});
after(async () => {
  await server.end('SIGTERM');
  rmSync(directory, { recursive: true });
});

describe('npm run -s echo, scanned', () => {
  it('sslscan sees TLS 1.2 and 1.3, and suites with forward secrecy and AEAD only', () => {
    const seen = execFileSync('sslscan', ['--no-colour', `localhost:${port}`], { encoding: 'utf8' });
    for (const version of ['TLSv1.0', 'TLSv1.1'])
      assert.match(seen, new RegExp(`^${version}\\s+disabled`, 'm'));
    for (const version of ['TLSv1.2', 'TLSv1.3'])
      assert.match(seen, new RegExp(`^${version}\\s+enabled`, 'm'));
    const suites = [...seen.matchAll(/^(?:Preferred|Accepted)\s+TLSv1\.\d\s+\d+ bits\s+(\S+)/gm)].map(
      ([, suite]) => suite,
    );
    assert.ok(suites.length >= 5);
    for (const suite of suites) assert.match(suite ?? '', /^(TLS_|ECDHE-).*(GCM|CHACHA20)/);
    assert.match(seen, /Session renegotiation not supported/);
  });

  for (const version of ['-tls1_2', '-tls1_3']) {
    it(`openssl s_client resumes its session (${version})`, () => {
      const session = join(directory, `session${version}`);
      const visit = (...more: string[]): string =>
        spawnSync(
          'openssl',
          [
            ...['s_client', version, '-connect', `127.0.0.1:${port}`, '-servername', 'localhost'],
            ...['-CAfile', files.root, '-verify_return_error', '-ign_eof', ...more],
          ],
          { input: 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', encoding: 'utf8' },
        ).stdout;
      assert.match(visit('-sess_out', session), /^New, TLSv1\.\d/m);
      assert.match(visit('-sess_in', session), /^Reused, TLSv1\.\d/m);
    });
  }
});
