/** Certificate and key as files: would a server start with them, and would clients believe them? */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { certificateStep } from '../../src/doctor/local/certificate.ts';
import { testCertificate } from '../fixtures/certificate.ts';

describe('the certificate files', () => {
  let folder = '';
  let pair: Awaited<ReturnType<typeof testCertificate>>;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'usta-doctor-'));
    pair = await testCertificate(['domain.com']);
    file('server.pem', pair.cert);
    file('server.key', pair.key);
  });
  after(() => rmSync(folder, { recursive: true }));

  it('what the chain says is told with the file', async () => {
    const [finding, ...more] = await examine('server.pem', 'server.key');
    assert.equal(finding?.code, 'certificate-self-signed');
    assert.equal(finding.severity, 'fault');
    assert.ok(finding.cause.en.startsWith(`${join(folder, 'server.pem')}: `));
    assert.deepEqual(
      more.map(({ code }) => code),
      ['certificate-expires-soon'],
    );
  });

  it('a file that is missing, another key, and a file without a certificate are faults', async () => {
    file('other.key', (await testCertificate()).key);
    file('empty.pem', 'nothing\n');
    for (const [certificate, key, code, pattern] of [
      ['gone.pem', 'server.key', 'certificate-file-missing', /gone\.pem does not exist/],
      ['server.pem', 'other.key', 'certificate-key-mismatch', /other\.key is not the key of .*server\.pem/],
      ['empty.pem', 'server.key', 'certificate-not-pem', /empty\.pem holds/],
      ['server.pem', 'empty.pem', 'certificate-no-key', /empty\.pem holds/],
    ] as const) {
      const [finding] = await examine(certificate, key);
      assert.deepEqual([finding?.code, finding?.severity], [code, 'fault']);
      assert.match(finding?.cause.en ?? '', pattern);
      assert.match(finding?.cause.tr ?? '', pattern);
    }
  });

  it('a key that everybody may read is a warning', async () => {
    file('open.key', pair.key);
    chmodSync(join(folder, 'open.key'), 0o644);
    const codes = (await examine('server.pem', 'open.key')).map(({ code }) => code);
    assert.ok(codes.includes('certificate-key-open'), codes.join());
  });

  it('without a key the certificate alone is judged', async () => {
    const codes = (await examine('server.pem')).map(({ code }) => code);
    assert.deepEqual(codes, ['certificate-self-signed', 'certificate-expires-soon']);
  });

  function file(name: string, text: string): void {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  }

  async function examine(certificate: string, key?: string) {
    const files = { certificate: join(folder, certificate), ...(key ? { key: join(folder, key) } : {}) };
    return (await certificateStep(files).examine()).findings;
  }
});
