import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import process from 'node:process';
import { createSecureContext } from 'node:tls';
import { UsageError } from '../errors.ts';
import type { SslOptions } from './ssl-options.ts';

/** A certificate and its key, read and found to belong together. */
export interface LoadedCertificate {
  readonly cert: string;
  readonly key: string;
  readonly passphrase?: string;
  readonly ca?: string;
  readonly requestCert?: boolean;
  readonly rejectUnauthorized?: boolean;
}

/**
 * Reads what the `ssl` option names and proves that TLS can be spoken with it, before anything listens.
 *
 * @throws {UsageError} one line: which file, what is wrong with it, what to do.
 */
export function loadCertificate(options: SslOptions): LoadedCertificate {
  const certificate = options.local_cert ?? options.cert;
  if (certificate === undefined) {
    throw new UsageError(
      'E_SSL_NO_CERTIFICATE',
      "TLS needs a certificate: give ssl: { local_cert: 'server.pem', local_pk: 'server.key' }",
    );
  }
  const cert = read('local_cert', certificate);
  const key = read('local_pk', options.local_pk ?? options.key ?? certificate);
  const authorities = options.cafile ?? options.ca;
  const loaded: LoadedCertificate = {
    cert,
    key,
    ...(options.passphrase === undefined ? {} : { passphrase: options.passphrase }),
    ...(authorities === undefined ? {} : { ca: read('cafile', authorities) }),
    ...(options.verify_peer ? { requestCert: true, rejectUnauthorized: !options.allow_self_signed } : {}),
  };
  check(loaded, {
    certificate: shown(certificate),
    key: shown(options.local_pk ?? options.key ?? certificate),
  });
  return loaded;
}

function read(word: string, value: string): string {
  if (value.includes('-----BEGIN')) return value;
  const file = resolve(dirname(process.argv[1] ?? '.'), value);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === 'ENOENT'
        ? 'does not exist'
        : code === 'EACCES'
          ? 'may not be read by this user'
          : String(code);
    throw new UsageError('E_SSL_FILE', `ssl.${word}: ${file} ${why}`, { cause: error });
  }
}

function check(
  loaded: LoadedCertificate,
  names: { readonly certificate: string; readonly key: string },
): void {
  try {
    new X509Certificate(loaded.cert);
  } catch (error) {
    const message = `ssl.local_cert: ${names.certificate} holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)`;
    throw new UsageError('E_SSL_CERTIFICATE', message, { cause: error });
  }
  try {
    createSecureContext({ ...loaded, passphrase: loaded.passphrase ?? '' });
  } catch (error) {
    throw new UsageError('E_SSL_KEY', explain(error as Error & { code?: string }, names), { cause: error });
  }
}

function explain(
  error: Error & { code?: string },
  names: { readonly certificate: string; readonly key: string },
): string {
  const key = `ssl.local_pk: ${names.key}`;
  const text = `${error.code ?? ''} ${error.message}`;
  if (/KEY_VALUES_MISMATCH|key values mismatch/i.test(text)) {
    return `${key} is not the key of ${names.certificate}; give the key that the certificate was made for`;
  }
  if (/bad decrypt|BAD_DECRYPT|interrupted|MISSING_PASSPHRASE|bad password/i.test(text)) {
    return `${key} is encrypted and the passphrase is missing or wrong; set ssl.passphrase`;
  }
  if (/no start line|NO_START_LINE|unsupported|DECODER/i.test(text)) {
    return `${key} holds no private key in PEM form (-----BEGIN PRIVATE KEY-----)`;
  }
  return `${key} with ${names.certificate} cannot be used: ${error.message}`;
}

function shown(value: string): string {
  return value.includes('-----BEGIN') ? 'the PEM text' : value;
}
