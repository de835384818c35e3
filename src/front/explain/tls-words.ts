import { weaknesses } from './cipher-list.ts';
import { brief, type Directive } from './directive.ts';
import type { SharedRule, Sighting } from './explanation.ts';

/** What is said of TLS in the same words for every proxy. */
export const SSL_V3: SharedRule = {
  code: 'ssl-v3',
  severity: 'fault',
  cause:
    'SSL 2 and SSL 3 are broken (DROWN, POODLE): what is read over them can be stolen. OpenSSL 3 leaves them out ' +
    'silently, an older one offers them.',
};

export const TLS_OLD: SharedRule = {
  code: 'tls-old',
  severity: 'warning',
  cause:
    'TLS 1.0 and 1.1 are withdrawn (RFC 8996); browsers refuse them, scanners mark them, and OpenSSL 3 leaves them ' +
    'out silently.',
};

export const TLS13_MISSING: SharedRule = {
  code: 'tls13-missing',
  severity: 'warning',
  cause:
    'TLS 1.3 is off: every connection costs one more round trip, and clients that offer only 1.3 are refused.',
};

export const CIPHERS_BROKEN: SharedRule = {
  code: 'ciphers-broken',
  severity: 'fault',
  cause: 'The list lets in suites that are broken or prove nothing about the server.',
};

export const CIPHERS_LEGACY: SharedRule = {
  code: 'ciphers-legacy',
  severity: 'warning',
  cause: 'The list lets in suites that are out of date: CBC (Lucky 13) or static RSA (no forward secrecy).',
};

/** Suites for TLS 1.2 without a weak one; those of 1.3 need no list. */
export const GOOD_CIPHERS: string =
  'ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:' +
  'ECDHE-RSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305';

/** @param word which word of the directive is the list. */
export function brokenCiphers(at: Directive, word: number): Sighting[] {
  const { broken } = weaknesses(at.words[word] ?? '');
  if (broken.length === 0) return [];
  const list = brief(at.words[word] ?? '');
  const cause =
    `"${list}" lets in ${broken.join(', ')}: broken, or no proof of who the server is. OpenSSL 3 leaves most of ` +
    'them out, an older one offers them.';
  return [{ at, cause }];
}

/** @param word which word of the directive is the list. */
export function legacyCiphers(at: Directive, word: number): Sighting[] {
  const { legacy } = weaknesses(at.words[word] ?? '');
  if (legacy.length === 0) return [];
  return [
    { at, cause: `The list lets in ${legacy.join(', ')} for TLS 1.2: out of date, though not broken.` },
  ];
}
