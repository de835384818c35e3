import { UsageError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { SslOptions } from './ssl-options.ts';
import { REFUSED_WORDS, SSL_WORDS, type SslType, type SslWord, TOLERATED_WORDS } from './ssl-words.ts';

/**
 * Proves that `ssl` is made of words that are known, with values of their type, and none against another.
 *
 * @throws {UsageError} one line: which word, and what was probably meant.
 */
export function proveWords(options: SslOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || TOLERATED_WORDS.includes(name)) continue;
    const word = wordOf(name);
    const wanted = objection(word.type, value);
    if (wanted !== undefined) throw wrong(`ssl.${name} takes ${wanted}, not ${shown(value, word.type)}`);
    const double = word.same;
    if (double !== undefined && options[double] !== undefined && options[double] !== value) {
      throw wrong(
        `ssl.${name} and ssl.${double} mean the same and say different things; leave one of them out`,
      );
    }
  }
  proveTogether(options);
}

/** Words that were given and change nothing, with the reason. */
export function idleWords(options: SslOptions): { readonly word: string; readonly reason: string }[] {
  const given = Object.entries(SSL_WORDS).filter(([name]) => options[name as keyof SslOptions] !== undefined);
  return given.flatMap(([word, { idle, says }]) => (idle ? [{ word, reason: says }] : []));
}

function wordOf(name: string): SslWord {
  if (Object.hasOwn(SSL_WORDS, name)) return SSL_WORDS[name as keyof SslOptions];
  const instead = Object.hasOwn(REFUSED_WORDS, name) ? REFUSED_WORDS[name] : undefined;
  if (instead !== undefined) throw wrong(`ssl.${name} is not taken; ${instead}`);
  const meant = nearest(name, Object.keys(SSL_WORDS));
  const hint =
    meant === undefined ? 'the words are in docs/reference/certificates.md' : `did you mean ${meant}?`;
  throw wrong(`ssl has no word "${name}"; ${hint}`);
}

function proveTogether(options: SslOptions): void {
  const { profile, ciphers, minVersion, maxVersion, crypto_method, verify_peer, requestCert } = options;
  if (profile !== undefined && ciphers !== undefined) {
    throw wrong('ssl.profile and ssl.ciphers both choose the suites; leave one of them out');
  }
  if (profile === 'modern' && (minVersion === 'TLSv1.2' || maxVersion === 'TLSv1.2')) {
    throw wrong("ssl.profile 'modern' is TLS 1.3 alone; leave it out, or the version TLSv1.2");
  }
  if (minVersion === 'TLSv1.3' && maxVersion === 'TLSv1.2') {
    throw wrong('ssl.minVersion is above ssl.maxVersion; leave one of them out');
  }
  if (crypto_method !== undefined && (minVersion ?? maxVersion ?? profile) !== undefined) {
    throw wrong('ssl.crypto_method chooses the versions too; leave it out');
  }
  if (verify_peer !== undefined && requestCert !== undefined && verify_peer !== requestCert) {
    throw wrong('ssl.verify_peer and ssl.requestCert say different things; leave one of them out');
  }
  const rule = (['peer_fingerprint', 'verify_depth'] as const).find((word) => options[word] !== undefined);
  if (rule !== undefined && !(verify_peer ?? requestCert)) {
    throw wrong(`ssl.${rule} is for certificates of clients, which nobody asks for; set verify_peer: true`);
  }
}

const isText = (value: unknown): value is string => typeof value === 'string';
const isPem = (value: unknown): boolean => (isText(value) && value !== '') || Buffer.isBuffer(value);
const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);

const TYPES: Readonly<Record<SslType, readonly [wanted: string, fits: (value: unknown) => boolean]>> = {
  pem: ['a file name, PEM text or a Buffer', isPem],
  pems: [
    'a file name, PEM text, a Buffer, or a list of them',
    (value) => isPem(value) || listOf(value, isPem),
  ],
  flag: ['true or false', (value) => typeof value === 'boolean'],
  true: ['true only: nothing else is safe', (value) => value === true],
  text: ['text', isText],
  count: ['a whole number from 0 on', (value) => Number.isSafeInteger(value) && Number(value) >= 0],
  texts: ['a list of texts', (value) => listOf(value, isText)],
  bytes: ['a Buffer of 48 bytes', (value) => Buffer.isBuffer(value) && value.length === 48],
  table: [
    'a folder, or a table from names to files',
    (value) => isText(value) || (isTable(value) && Object.values(value).every(isPair)),
  ],
  version: [
    "'TLSv1.2' or 'TLSv1.3', what is older is unsafe",
    (value) => value === 'TLSv1.2' || value === 'TLSv1.3',
  ],
  profile: ["'intermediate' or 'modern'", (value) => value === 'intermediate' || value === 'modern'],
  fingerprint: [
    'hexadecimal text, or { sha256: text }',
    (value) => isText(value) || (isTable(value) && Object.values(value).every(isText)),
  ],
};

function objection(type: SslType, value: unknown): string | undefined {
  const [wanted, fits] = TYPES[type];
  return fits(value) ? undefined : wanted;
}

function isPair(value: unknown): boolean {
  if (!isTable(value)) return isPem(value);
  const { local_cert, local_pk, passphrase, ...others } = value;
  const optional = (given: unknown, fits: (value: unknown) => boolean): boolean =>
    given === undefined || fits(given);
  return (
    isPem(local_cert) &&
    optional(local_pk, isPem) &&
    optional(passphrase, isText) &&
    Object.keys(others).length === 0
  );
}

function listOf(value: unknown, fits: (value: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(fits);
}

/** Never the value of a secret: what should have been a text may be a passphrase. */
function shown(value: unknown, type: SslType): string {
  if (value === null || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return 'a list';
  const secret = type === 'text' || type === 'pem' || type === 'pems' || type === 'bytes';
  const plain = typeof value === 'number' || (isText(value) && /^[\w.-]{1,20}$/.test(value));
  if (plain && !secret) return isText(value) ? `'${value}'` : String(value);
  return isText(value) ? 'this text' : `this ${typeof value}`;
}

function wrong(message: string): UsageError {
  return new UsageError('E_SSL_OPTION', message);
}
