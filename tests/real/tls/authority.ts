import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files of a certificate as an authority hands it out, made by openssl. */
export interface Issued {
  readonly root: string;
  readonly cert: string;
  readonly key: string;
}

/** A root, and a leaf for localhost that names where its revocation list is, as public ones do. */
export function issue(directory: string): Issued {
  const path = (name: string): string => join(directory, name);
  const openssl = (...words: string[]): void => void execFileSync('openssl', words, { stdio: 'ignore' });
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  openssl(
    ...['req', '-x509', ...fresh, '-keyout', path('root.key'), '-out', path('root.pem'), '-days', '300'],
    ...['-subj', '/CN=test root', '-addext', 'basicConstraints=critical,CA:TRUE'],
    ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
  );
  openssl(
    ...['req', ...fresh, '-keyout', path('leaf.key'), '-out', path('leaf.csr'), '-subj', '/CN=localhost'],
  );
  writeFileSync(
    path('leaf.ext'),
    [
      'subjectAltName=DNS:localhost,IP:127.0.0.1',
      'extendedKeyUsage=serverAuth',
      'keyUsage=critical,digitalSignature',
      'crlDistributionPoints=URI:http://127.0.0.1:9/test.crl',
    ].join('\n'),
  );
  openssl(
    ...['x509', '-req', '-in', path('leaf.csr'), '-CA', path('root.pem'), '-CAkey', path('root.key')],
    ...['-CAcreateserial', '-days', '80', '-extfile', path('leaf.ext'), '-out', path('leaf.pem')],
  );
  return { root: path('root.pem'), cert: path('leaf.pem'), key: path('leaf.key') };
}
