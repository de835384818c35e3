import type { ApacheView, Context } from './apache-view.ts';
import type { Directive } from './directive.ts';
import type { Rule, Sighting } from './explanation.ts';
import * as words from './tls-words.ts';

type ApacheRule = Rule<ApacheView>;

const GOOD = 'SSLProtocol -all +TLSv1.2 +TLSv1.3';

/** TLS with the clients: versions, suites, where it is on. */
export const APACHE_TLS_RULES: readonly ApacheRule[] = [
  {
    ...words.SSL_V3,
    looks: '`SSLProtocol` that names SSLv2 or SSLv3, or `all` without `-SSLv3`',
    remedy: GOOD,
    find: (view) => protocols(view, (set) => set.has('SSLV3') || set.has('SSLV2')),
  },
  {
    ...words.TLS_OLD,
    looks: '`SSLProtocol all -SSLv2 -SSLv3`, which keeps TLSv1 and TLSv1.1',
    remedy: GOOD,
    find: (view) => protocols(view, (set) => set.has('TLSV1') || set.has('TLSV1.1')),
  },
  {
    ...words.TLS13_MISSING,
    looks: '`SSLProtocol` without TLSv1.3',
    remedy: GOOD,
    find: (view) => protocols(view, (set) => !set.has('TLSV1.3')),
  },
  {
    code: 'tls12-missing',
    severity: 'warning',
    looks: '`SSLProtocol TLSv1.2 TLSv1.3`: without signs, the last word alone counts',
    cause:
      'TLS 1.2 is off: a word without + or - replaces those before it. Clients without 1.3 (older phones, mini ' +
      'programs) are refused.',
    remedy: GOOD,
    find: (view) => protocols(view, (set) => !set.has('TLSV1.2')),
  },
  {
    ...words.CIPHERS_BROKEN,
    looks: '`SSLCipherSuite` that lets in RC4, 3DES, DES, export, NULL or anonymous suites',
    remedy: `SSLCipherSuite ${words.GOOD_CIPHERS}`,
    find: (view) => suites(view).flatMap((at) => words.brokenCiphers(at, at.words.length - 1)),
  },
  {
    ...words.CIPHERS_LEGACY,
    looks: '`SSLCipherSuite` that lets in CBC, CCM8 or static RSA, as `HIGH` does',
    remedy: `SSLCipherSuite ${words.GOOD_CIPHERS}`,
    find: (view) => suites(view).flatMap((at) => words.legacyCiphers(at, at.words.length - 1)),
  },
  {
    code: 'chain-file-deprecated',
    severity: 'warning',
    looks: '`SSLCertificateChainFile`',
    cause:
      'SSLCertificateChainFile is deprecated since Apache 2.4.8: it is easily forgotten when the chain changes.',
    remedy: 'Put the chain into the file of SSLCertificateFile, after the certificate (fullchain.pem).',
    find: ({ all }) => named(all, 'sslcertificatechainfile'),
  },
  {
    code: 'ssl-engine-missing',
    severity: 'fault',
    looks: '`<VirtualHost *:443>` without `SSLEngine on`',
    cause: 'Port 443 speaks plain HTTP here: wss clients fail in the TLS handshake (wrong version number).',
    remedy: 'SSLEngine on',
    find: ({ contexts }) => contexts.filter(lacksEngine).flatMap(hostLine),
  },
  {
    code: 'certificate-missing',
    severity: 'fault',
    looks: '`SSLEngine on` without `SSLCertificateFile`',
    cause: 'TLS is on without a certificate: Apache does not start.',
    remedy: 'SSLCertificateFile fullchain.pem and SSLCertificateKeyFile privkey.pem',
    find: ({ contexts }) => contexts.flatMap(withoutCertificate),
  },
  {
    code: 'plain-only',
    severity: 'warning',
    looks: 'the path of wss only in a virtual host without TLS',
    cause:
      'In this file the path is served as ws only, without TLS: a page from https may not open it (mixed content), ' +
      'and everybody on the way can read it. It is right where TLS ends in front of this Apache.',
    remedy: 'Proxy the path in a <VirtualHost *:443> with SSLEngine on.',
    find: plainOnly,
  },
  {
    code: 'tls-compression',
    severity: 'fault',
    looks: '`SSLCompression on`',
    cause: 'With compression in TLS, cookies can be guessed byte by byte from lengths (CRIME).',
    remedy: 'SSLCompression off',
    find: ({ all }) => named(all, 'sslcompression').filter(isOn),
  },
  {
    code: 'insecure-renegotiation',
    severity: 'fault',
    looks: '`SSLInsecureRenegotiation on`',
    cause: 'Somebody on the way can put requests of his own before those of a client (CVE-2009-3555).',
    remedy: 'Remove the line.',
    find: ({ all }) => named(all, 'sslinsecurerenegotiation').filter(isOn),
  },
];

function named(all: readonly Directive[], name: string): Sighting[] {
  return all.filter((one) => one.name === name).map((at) => ({ at }));
}

function isOn({ at }: Sighting): boolean {
  return at.words[0]?.toLowerCase() === 'on';
}

function protocols({ all }: ApacheView, matches: (set: ReadonlySet<string>) => boolean): Sighting[] {
  return named(all, 'sslprotocol').filter(({ at }) => matches(protocolsOf(at.words)));
}

const ALL = ['SSLV3', 'TLSV1', 'TLSV1.1', 'TLSV1.2', 'TLSV1.3'];

/** A word without a sign replaces what stands before it. */
function protocolsOf(words: readonly string[]): Set<string> {
  let set = new Set<string>();
  for (const word of words) {
    const sign = /^[+-]/.exec(word)?.[0] ?? '';
    const name = word.slice(sign.length).toUpperCase();
    const meant = name === 'ALL' ? ALL : [name];
    if (sign === '') set = new Set();
    for (const one of meant) {
      if (sign === '-') set.delete(one);
      else set.add(one);
    }
  }
  return set;
}

/** Lists for TLS up to 1.2: one for 1.3 begins with its name. */
function suites({ all }: ApacheView): Directive[] {
  return all.filter(({ name, words }) => name === 'sslciphersuite' && !/^TLSv1\.3$/i.test(words[0] ?? ''));
}

function lacksEngine(context: Context): boolean {
  return context.isOn443 && context.effective('sslengine').length === 0 && context.unfollowed.length === 0;
}

function hostLine({ directive }: Context): Sighting[] {
  return directive ? [{ at: directive }] : [];
}

function withoutCertificate(context: Context): Sighting[] {
  const at = context.own('sslengine').at(-1);
  if (at?.words[0]?.toLowerCase() !== 'on' || context.unfollowed.length > 0) return [];
  const managed = context.main?.own('mdomain').length || context.own('mdomain').length;
  return managed || context.effective('sslcertificatefile').length > 0 ? [] : [{ at }];
}

function plainOnly({ sites }: ApacheView): Sighting[] {
  const contexts = [...new Set(sites.map(({ context }) => context))];
  if (contexts.some((context) => context.speaksTls || context.unfollowed.length > 0)) return [];
  return contexts.flatMap(hostLine);
}
