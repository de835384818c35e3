import { printable } from './certificate.ts';
import type { ChainCode, ChainFinding } from './chain.ts';
import type { FileFault } from './small-file.ts';

export type CertificateCode =
  | 'no-certificate'
  | FileFault
  | 'der'
  | 'pkcs12'
  | 'not-pem'
  | 'damaged'
  | 'swapped'
  | 'no-key'
  | 'key-encrypted'
  | 'wrong-passphrase'
  | 'key-damaged'
  | 'key-mismatch'
  | 'refused'
  | 'empty'
  | ChainCode
  | 'key-open'
  | 'any-client'
  | 'idle-word';

/** What was found about a certificate or its key, and what to do about it: one line each. */
export interface CertificateFinding {
  readonly code: CertificateCode;
  /** `fault`: clients that verify cannot connect. `warning`: it works, but not for everybody or not for long. */
  readonly severity: 'fault' | 'warning';
  /** TLS cannot be spoken at all with what was given. */
  readonly stops: boolean;
  readonly cause: string;
  /** Empty where the cause says it. */
  readonly remedy: string;
}

interface Sentence {
  /** The code of the UsageError that is thrown at start; without one it is served all the same. */
  readonly error?: string;
  readonly severity?: 'warning';
  /** `{file}` and the like are filled in. */
  readonly cause: string;
  readonly remedy: string;
}

const KEY_REMEDY = 'give the file with -----BEGIN PRIVATE KEY----- that was made with the certificate';

/** Every finding. The page docs/reference/certificates.md is held to this table. */
export const SENTENCES: Readonly<Record<CertificateCode, Sentence>> = {
  'no-certificate': {
    error: 'E_SSL_NO_CERTIFICATE',
    cause: 'TLS needs a certificate',
    remedy: "give ssl: { local_cert: 'server.pem', local_pk: 'server.key' }",
  },
  'file-missing': { error: 'E_SSL_FILE', cause: '{file} does not exist', remedy: '{hint}' },
  'file-unreadable': {
    error: 'E_SSL_FILE',
    cause: '{file} may not be read by {user}',
    remedy: 'give that user the right to {denied}, or start as one who has it',
  },
  'file-not-regular': { error: 'E_SSL_FILE', cause: '{file} is a {kind}', remedy: 'name the file itself' },
  'file-too-large': {
    error: 'E_SSL_FILE',
    cause: '{file} is larger than 1 MiB',
    remedy: 'no certificate is: name the right file',
  },
  der: {
    error: 'E_SSL_CERTIFICATE',
    cause: '{file} is in DER form, not PEM',
    remedy: 'convert it: openssl {command} -inform der -in {path} -out {path}.pem',
  },
  pkcs12: {
    error: 'E_SSL_CERTIFICATE',
    cause: '{file} is an archive in PKCS #12 form',
    remedy: 'convert it: openssl pkcs12 -in {path} -out server.pem -nodes',
  },
  'not-pem': {
    error: 'E_SSL_CERTIFICATE',
    cause: '{file} holds {found}, no certificate in PEM form',
    remedy: 'give the file with -----BEGIN CERTIFICATE-----',
  },
  damaged: {
    error: 'E_SSL_CERTIFICATE',
    cause: '{file}: certificate {position} in it cannot be read',
    remedy: 'copy it anew from where it came from',
  },
  swapped: {
    error: 'E_SSL_CERTIFICATE',
    cause: '{file} holds a key, and {other} a certificate',
    remedy: 'exchange the two',
  },
  'no-key': {
    error: 'E_SSL_KEY',
    cause: '{file} holds {found}, no private key in PEM form',
    remedy: KEY_REMEDY,
  },
  'key-encrypted': {
    error: 'E_SSL_KEY',
    cause: '{file} is encrypted and there is no passphrase',
    remedy: 'set ssl.passphrase, or store the key without: openssl pkey -in {path} -out plain.key',
  },
  'wrong-passphrase': {
    error: 'E_SSL_KEY',
    cause: '{file} is encrypted and the passphrase is wrong',
    remedy: 'correct ssl.passphrase',
  },
  'key-damaged': {
    error: 'E_SSL_KEY',
    cause: '{file}: the key in it cannot be read ({reason})',
    remedy: 'copy it anew from where it came from',
  },
  'key-mismatch': {
    error: 'E_SSL_KEY',
    cause: '{file} is not the key of {other}',
    remedy: 'give the key that the certificate was made for',
  },
  refused: {
    error: 'E_SSL_OPTION',
    cause: 'OpenSSL refuses {file}: {reason}',
    remedy: 'leave out what it names, or correct it',
  },
  empty: {
    error: 'E_SSL_FILE',
    cause: '{file} holds no {wanted}',
    remedy: 'name the one that does',
  },
  incomplete: {
    cause: '{file}: the chain is incomplete: after "{subject}" the certificate of "{missing}" is missing',
    remedy: 'append it to the file{place}; certbot calls the whole chain fullchain.pem',
  },
  'wrong-order': {
    cause: '{file}: the certificates are in the wrong order: {sent}',
    remedy: 'put them so, your own first: {right}',
  },
  expired: {
    cause: '{file}: the certificate of "{subject}" has expired on {notAfter}, {days} days ago',
    remedy: 'renew it',
  },
  'not-yet-valid': {
    cause: '{file}: the certificate of "{subject}" is not valid before {notBefore}',
    remedy: 'set the clock of this machine right, or wait',
  },
  'expires-soon': {
    severity: 'warning',
    cause: '{file}: the certificate of "{subject}" expires on {notAfter}, in {days} days',
    remedy: 'renew it, and look why that did not happen by itself',
  },
  'wrong-name': {
    cause: '{file}: the certificate is not for {wanted}, but for {names}',
    remedy: 'use a name that is in it, or have one made for the right names',
  },
  'self-signed': {
    cause: '{file}: the certificate of "{subject}" signs itself, and no client trusts it unasked',
    remedy: 'get one from an authority; for development: usta cert dev',
  },
  'unknown-authority': {
    cause: '{file}: "{authority}" is no authority that clients trust unasked',
    remedy: 'get a certificate from a public authority, or have every client trust this one',
  },
  'weak-key': {
    cause: '{file}: the key of "{subject}" is {key}: {problem}',
    remedy: 'have a certificate made with an EC P-256 key, or RSA of 2048 bits and more',
  },
  'weak-signature': {
    cause: '{file}: the certificate of "{subject}" is signed by {algorithm}, which can be forged',
    remedy: 'have it made anew: every authority of today signs by SHA-256',
  },
  'not-a-server-certificate': {
    cause: '{file}: the certificate of "{subject}" {problem}',
    remedy: 'have one made for a server (extended key usage: server authentication)',
  },
  'key-open': {
    severity: 'warning',
    cause: '{file} can be read by everybody (mode {mode})',
    remedy: 'chmod o-rwx {path}',
  },
  'any-client': {
    severity: 'warning',
    cause: 'verify_peer without cafile lets in the clients of every public authority',
    remedy: 'name your own authority in ssl.cafile',
  },
  'idle-word': { severity: 'warning', cause: 'ssl.{word} changes nothing: {reason}', remedy: 'leave it out' },
};

/** Says it of this case. */
export function finding(
  code: CertificateCode,
  detail: Readonly<Record<string, string>> = {},
): CertificateFinding {
  const { error, severity = 'fault', cause, remedy } = SENTENCES[code];
  return {
    code,
    severity,
    stops: error !== undefined,
    cause: fill(cause, detail),
    remedy: fill(remedy, detail),
  };
}

const PROBLEMS: Readonly<Record<string, string>> = {
  short: 'too short to be safe',
  uncommon: 'not every client knows such keys',
  purpose: 'is not meant for servers',
  usage: 'has a key that may not sign a handshake',
  authority: 'is that of an authority, which some clients refuse from a server',
  unreadable: 'cannot be read',
};

/** @param file how the file is called in the sentence. */
export function findingInChain(found: ChainFinding, file: string): CertificateFinding {
  const { code, severity, subject, detail } = found;
  const { url, problem = '', name, names } = detail;
  const said = finding(code, {
    ...detail,
    file,
    subject,
    place: url === undefined ? '' : ` (it is at ${url})`,
    problem: PROBLEMS[problem] ?? problem,
    wanted: name ? `"${name}"` : 'any name',
    names: names || 'none',
  });
  return { ...said, severity };
}

/** As one line. */
export function sentence({ cause, remedy }: CertificateFinding): string {
  return remedy === '' ? cause : `${cause}; ${remedy}`;
}

function fill(template: string, detail: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_all, name: string) => printable(detail[name] ?? ''));
}
