import { dirname } from 'node:path';
import process from 'node:process';
import { checkServerIdentity, type DetailedPeerCertificate, type PeerCertificate } from 'node:tls';
import { UsageError } from '../errors.ts';
import { isIp } from '../transport/address.ts';
import { INTERMEDIATE, type ShownCertificate, type TlsClientOptions } from '../transport/tls-options.ts';
import { readOtherFiles } from './client-files.ts';
import { type ClientRule, clientRule, objectionToClient } from './client-rule.ts';
import { type CertificateFinding, SENTENCES, sentence } from './findings.ts';
import { type Desk, readPair } from './key-pair.ts';
import { proveWords } from './ssl-grammar.ts';
import type { SslOptions } from './ssl-options.ts';
import { tlsSettings } from './tls-settings.ts';
import { secretOf } from './try-out.ts';

const SELF_SIGNED = 'DEPTH_ZERO_SELF_SIGNED_CERT';

/**
 * TLS as a client speaks it: the words of `ssl` are those of a server, seen from the other side. The server's
 * certificate is verified unless `verify_peer` is false, and its name unless `verify_peer_name` is.
 *
 * @param host that is connected to.
 * @throws {UsageError} one line: which word or file, what is wrong with it, what to do.
 */
export function clientTls(options: SslOptions, host: string): TlsClientOptions {
  const { verify_peer = options.rejectUnauthorized ?? true } = options;
  proveWords({ ...options, verify_peer: true });
  const { requestCert: _, ...settings } = tlsSettings(options);
  const { minVersion = 'TLSv1.2', maxVersion = 'TLSv1.3', ciphers = '', ecdhCurve = '' } = INTERMEDIATE;
  const expected = options.peer_name ?? options.CN_match ?? host;
  const asked = options.SNI_server_name ?? expected;
  const exact = verify_peer && !options.allow_self_signed;
  return {
    minVersion,
    maxVersion,
    ciphers,
    ecdhCurve,
    ...settings,
    ...readFiles(options),
    ...(isIp(asked) || options.SNI_enabled === false ? {} : { servername: asked }),
    rejectUnauthorized: exact,
    checkServerIdentity: (_host, certificate) => identityOf(options, expected, certificate),
    ...(verify_peer ? { verdict: verdictOf(options, expected) } : {}),
    terms: JSON.stringify([expected, options]),
  };
}

/** What a name is worth: nothing when nobody looks at it. */
function identityOf(options: SslOptions, expected: string, certificate: PeerCertificate): Error | undefined {
  return options.verify_peer_name === false ? undefined : checkServerIdentity(expected, certificate);
}

/** What OpenSSL does not ask: one fingerprint, a depth, and the name of a certificate that signs itself. */
function verdictOf(options: SslOptions, expected: string): NonNullable<TlsClientOptions['verdict']> {
  const rule = clientRule(options);
  return ({ objection, certificate }: ShownCertificate) => {
    if (objection !== '' && objection !== SELF_SIGNED) return refused(objection, objection);
    if (objection !== '') {
      const wrong = identityOf(options, expected, certificate);
      if (wrong) return wrong;
    }
    const reason = rule && objectionOf(rule, certificate);
    return reason === undefined ? undefined : refused('E_PEER_CERTIFICATE', reason);
  };
}

function objectionOf(rule: ClientRule, certificate: DetailedPeerCertificate): string | undefined {
  return objectionToClient(rule, chainOf(certificate))?.replaceAll('client', 'server');
}

/** DER, up to the authority, which is its own issuer. */
function chainOf(own: DetailedPeerCertificate): Buffer[] {
  const chain: Buffer[] = [];
  for (let one: DetailedPeerCertificate | undefined = own; one?.raw; one = one.issuerCertificate) {
    if (chain.some((der) => der.equals(one?.raw as Buffer))) break;
    chain.push(one.raw);
  }
  return chain;
}

function refused(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

function readFiles(options: SslOptions): TlsClientOptions {
  const findings: CertificateFinding[] = [];
  const desk: Desk = {
    directory: dirname(process.argv[1] ?? '.'),
    tell: (found) => findings.push(found),
  };
  const others = readOtherFiles(options, desk);
  const cert = options.local_cert ?? options.cert;
  const key = options.local_pk ?? options.key;
  const words = {
    cert: options.local_cert === undefined ? 'ssl.cert' : 'ssl.local_cert',
    key: options.key === undefined ? 'ssl.local_pk' : 'ssl.key',
  };
  const { passphrase } = options;
  const pair = cert === undefined ? undefined : readPair({ cert, key, passphrase, words }, desk);
  const worst = findings.find(({ stops }) => stops);
  if (worst) throw new UsageError(SENTENCES[worst.code].error ?? 'E_SSL_CERTIFICATE', sentence(worst));
  return { ...others, ...(pair ? secretOf(pair) : {}) };
}
