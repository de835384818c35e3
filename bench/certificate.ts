import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority, issue } from '../src/certificates/authority.ts';
import type { KeyFiles } from './run/server.ts';

/** Makes a certificate for this machine, EC P-256, that nobody trusts and that goes with its folder. */
export function throwAwayCertificate(folder: string): KeyFiles {
  const { cert, key } = issue(createAuthority('bench'), ['localhost', '127.0.0.1']);
  const files = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') };
  writeFileSync(files.certificate, cert);
  writeFileSync(files.key, key, { mode: 0o600 });
  return files;
}
