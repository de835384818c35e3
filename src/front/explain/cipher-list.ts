/** What a list of cipher suites lets in that should stay out. */
export interface Weaknesses {
  /** Broken, or without proof of who speaks. */
  readonly broken: readonly string[];
  /** Not broken, but out of date. */
  readonly legacy: readonly string[];
}

/** One suite of TLS up to 1.2: its name, and the words of OpenSSL that choose it. */
interface Suite {
  readonly name: string;
  readonly tags: ReadonlySet<string>;
}

/** More words than any list has; the rest of a longer one is not read. */
const MOST_WORDS = 1_000;

/** How keys are exchanged and who signs: prefix of a suite's name, and its words. */
const EXCHANGES: readonly [prefix: string, tags: string][] = [
  ['ECDHE-ECDSA-', 'ECDHE EECDH KEECDH KECDHE ECDH AECDSA ECDSA'],
  ['ECDHE-RSA-', 'ECDHE EECDH KEECDH KECDHE ECDH ARSA RSA'],
  ['DHE-RSA-', 'DHE EDH KEDH KDHE DH ARSA RSA'],
  ['DHE-DSS-', 'DHE EDH KEDH KDHE DH ADSS DSS'],
  ['', 'KRSA ARSA RSA'],
  ['ADH-', 'ADH KEDH KDHE DH ANULL'],
  ['AECDH-', 'AECDH KEECDH KECDHE ECDH ANULL'],
];

/** How bytes are hidden: end of a suite's name, and its words. */
const CIPHERS: readonly [suffix: string, tags: string][] = [
  ['AES128-GCM-SHA256', 'AES AES128 AESGCM AEAD HIGH TLSV1.2'],
  ['AES256-GCM-SHA384', 'AES AES256 AESGCM AEAD HIGH TLSV1.2'],
  ['CHACHA20-POLY1305', 'CHACHA20 AEAD HIGH TLSV1.2'],
  ['AES128-CCM', 'AES AES128 AESCCM AEAD HIGH TLSV1.2'],
  ['AES256-CCM', 'AES AES256 AESCCM AEAD HIGH TLSV1.2'],
  ['AES128-CCM8', 'AES AES128 AESCCM AESCCM8 AEAD HIGH TLSV1.2'],
  ['AES256-CCM8', 'AES AES256 AESCCM AESCCM8 AEAD HIGH TLSV1.2'],
  ['ARIA128-GCM-SHA256', 'ARIA ARIA128 ARIAGCM AEAD HIGH TLSV1.2'],
  ['ARIA256-GCM-SHA384', 'ARIA ARIA256 ARIAGCM AEAD HIGH TLSV1.2'],
  ['AES128-SHA256', 'AES AES128 CBC SHA256 HIGH TLSV1.2'],
  ['AES256-SHA256', 'AES AES256 CBC SHA256 HIGH TLSV1.2'],
  ['AES256-SHA384', 'AES AES256 CBC SHA384 HIGH TLSV1.2'],
  ['CAMELLIA128-SHA256', 'CAMELLIA CAMELLIA128 CBC SHA256 HIGH TLSV1.2'],
  ['CAMELLIA256-SHA256', 'CAMELLIA CAMELLIA256 CBC SHA256 HIGH TLSV1.2'],
  ['CAMELLIA256-SHA384', 'CAMELLIA CAMELLIA256 CBC SHA384 HIGH TLSV1.2'],
  ['AES128-SHA', 'AES AES128 CBC SHA SHA1 HIGH SSLV3 TLSV1'],
  ['AES256-SHA', 'AES AES256 CBC SHA SHA1 HIGH SSLV3 TLSV1'],
  ['CAMELLIA128-SHA', 'CAMELLIA CAMELLIA128 CBC SHA SHA1 HIGH SSLV3 TLSV1'],
  ['CAMELLIA256-SHA', 'CAMELLIA CAMELLIA256 CBC SHA SHA1 HIGH SSLV3 TLSV1'],
  ['DES-CBC3-SHA', '3DES CBC SHA SHA1 MEDIUM SSLV3 TLSV1'],
  ['SEED-SHA', 'SEED CBC SHA SHA1 MEDIUM SSLV3 TLSV1'],
  ['IDEA-CBC-SHA', 'IDEA CBC SHA SHA1 MEDIUM SSLV3 TLSV1'],
  ['RC4-SHA', 'RC4 SHA SHA1 MEDIUM SSLV3 TLSV1'],
  ['RC4-MD5', 'RC4 MD5 MEDIUM SSLV3 TLSV1'],
  ['DES-CBC-SHA', 'DES CBC SHA SHA1 LOW SSLV3 TLSV1'],
  ['NULL-SHA', 'NULL ENULL SHA SHA1 SSLV3 TLSV1'],
  ['NULL-SHA256', 'NULL ENULL SHA256 TLSV1.2'],
  ['NULL-MD5', 'NULL ENULL MD5 SSLV3 TLSV1'],
];

/** Suites made weak by a law that is gone. */
const EXPORTS: readonly [name: string, tags: string][] = [
  ['EXP-RC4-MD5', 'KRSA ARSA RSA RC4 MD5 EXP EXPORT EXPORT40 SSLV3'],
  ['EXP-DES-CBC-SHA', 'KRSA ARSA RSA DES CBC SHA SHA1 EXP EXPORT EXPORT40 SSLV3'],
  ['EXP1024-RC4-SHA', 'KRSA ARSA RSA RC4 SHA SHA1 EXP EXPORT EXPORT56 SSLV3'],
];

const BROKEN: readonly [tag: string, said: string][] = [
  ['EXP', 'export suites'],
  ['ENULL', 'NULL suites (no encryption)'],
  ['ANULL', 'anonymous suites (no certificate)'],
  ['RC4', 'RC4'],
  ['DES', 'DES'],
  ['3DES', '3DES'],
];

const LEGACY: readonly [tag: string, said: string][] = [
  ['KRSA', 'static RSA (no forward secrecy)'],
  ['CBC', 'CBC'],
  ['AESCCM8', 'CCM8'],
  ['SEED', 'SEED'],
  ['IDEA', 'IDEA'],
];

const SUITES: readonly Suite[] = [
  ...EXCHANGES.flatMap(([prefix, exchange]) =>
    CIPHERS.map(([suffix, cipher]) => suite(prefix + suffix, `${exchange} ${cipher}`)),
  ),
  ...EXPORTS.map(([name, tags]) => suite(name, tags)),
];

/**
 * Reads a list of cipher suites as OpenSSL does, and tells what is weak in what it lets in.
 *
 * @param list `HIGH:!aNULL:!MD5`; a word that chooses nothing, as of TLS 1.3, means nothing.
 */
export function weaknesses(list: string): Weaknesses {
  const chosen = chosenSuites(list);
  const present = (tag: string): boolean => chosen.some(({ tags }) => tags.has(tag));
  const said = (classes: readonly [tag: string, said: string][]): string[] =>
    classes.filter(([tag]) => present(tag)).map(([, text]) => text);
  return { broken: said(BROKEN), legacy: said(LEGACY) };
}

/** @returns names of the suites that a list lets in, as OpenSSL spells them. */
export function suiteNames(list: string): string[] {
  return chosenSuites(list).map(({ name }) => name);
}

function chosenSuites(list: string): Suite[] {
  const chosen = new Set<Suite>();
  const banned = new Set<Suite>();
  for (const word of list.split(/[:, ]+/, MOST_WORDS)) {
    const sign = /^[!+-]/.test(word) ? word.charAt(0) : '';
    if (sign === '+' || word.startsWith('@')) continue;
    for (const one of matching(word.slice(sign.length).toUpperCase())) {
      if (sign === '!') banned.add(one);
      if (sign === '') chosen.add(one);
      else chosen.delete(one);
    }
  }
  return [...chosen].filter((one) => !banned.has(one));
}

function matching(word: string): readonly Suite[] {
  if (word === 'ALL') return SUITES.filter(({ tags }) => !tags.has('ENULL'));
  if (word === 'COMPLEMENTOFALL') return SUITES.filter(({ tags }) => tags.has('ENULL'));
  if (word === 'DEFAULT') return SUITES.filter(({ tags }) => tags.has('HIGH') && !tags.has('ANULL'));
  const wanted = word.split('+', 8);
  return SUITES.filter(({ name, tags }) =>
    wanted.every((one) => tags.has(one) || name === one.replace(/^EDH-/, 'DHE-')),
  );
}

function suite(name: string, tags: string): Suite {
  return { name, tags: new Set(tags.split(' ')) };
}
