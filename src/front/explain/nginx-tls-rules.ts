import { parseAuthority } from './address.ts';
import type { Directive } from './directive.ts';
import type { Rule, Sighting } from './explanation.ts';
import type { Level, NginxView } from './nginx-view.ts';
import * as words from './tls-words.ts';

type NginxRule = Rule<NginxView>;

/** TLS with the clients: versions, suites, where it is on. */
export const NGINX_TLS_RULES: readonly NginxRule[] = [
  {
    code: 'ssl-on',
    severity: 'fault',
    looks: '`ssl on;`',
    cause:
      'The ssl directive is deprecated since nginx 1.15.0 (a warning) and removed in 1.25.1: a newer nginx stops with ' +
      'unknown directive "ssl" and does not start.',
    remedy: 'Remove the line and write: listen 443 ssl;',
    find: ({ levels }) => levels.flatMap((level) => sightings(level.own('ssl'))),
  },
  {
    ...words.SSL_V3,
    looks: '`ssl_protocols` with SSLv2 or SSLv3',
    remedy: 'ssl_protocols TLSv1.2 TLSv1.3;',
    find: (view) => protocols(view).filter(({ at }) => at.words.some((word) => /^SSLv[23]$/i.test(word))),
  },
  {
    ...words.TLS_OLD,
    looks: '`ssl_protocols` with TLSv1 or TLSv1.1',
    remedy: 'ssl_protocols TLSv1.2 TLSv1.3;',
    find: (view) =>
      protocols(view).filter(({ at }) => at.words.some((word) => /^TLSv1(?:\.1)?$/i.test(word))),
  },
  {
    ...words.TLS13_MISSING,
    looks: '`ssl_protocols` without TLSv1.3',
    remedy: 'ssl_protocols TLSv1.2 TLSv1.3;',
    find: (view) => protocols(view).filter(({ at }) => !at.words.some((word) => /^TLSv1\.3$/i.test(word))),
  },
  {
    ...words.CIPHERS_BROKEN,
    looks: '`ssl_ciphers` that lets in RC4, 3DES, DES, export, NULL or anonymous suites, as `ALL` does',
    remedy: `ssl_ciphers ${words.GOOD_CIPHERS};`,
    find: (view) => ciphers(view).flatMap((at) => words.brokenCiphers(at, 0)),
  },
  {
    ...words.CIPHERS_LEGACY,
    looks: '`ssl_ciphers` that lets in CBC, CCM8 or static RSA, as `HIGH` does',
    remedy: `ssl_ciphers ${words.GOOD_CIPHERS};`,
    find: (view) => ciphers(view).flatMap((at) => words.legacyCiphers(at, 0)),
  },
  {
    code: 'listen-443-plain',
    severity: 'fault',
    looks: '`listen 443;` without `ssl`',
    cause: 'Port 443 speaks plain HTTP here: wss clients fail in the TLS handshake (wrong version number).',
    remedy: 'listen 443 ssl;',
    find: plain443,
  },
  {
    code: 'certificate-missing',
    severity: 'fault',
    looks: '`listen … ssl` without `ssl_certificate`',
    cause: 'TLS is on without a certificate: nginx does not start, or refuses every handshake.',
    remedy:
      'ssl_certificate fullchain.pem; ssl_certificate_key privkey.pem; (the certificate with its chain)',
    find: ({ servers }) => servers.flatMap(withoutCertificate),
  },
  {
    code: 'http2-listen',
    severity: 'warning',
    looks: '`listen … http2`',
    cause: 'From nginx 1.25.1 on, http2 as a word of listen is deprecated and warned about.',
    remedy: 'On nginx 1.25.1 and newer: listen 443 ssl; and a line of its own: http2 on;',
    find: ({ servers }) => servers.flatMap((server) => sightings(listens(server).filter(has('http2')))),
  },
  {
    code: 'plain-only',
    severity: 'warning',
    looks: 'the path of wss only in a server without TLS',
    cause:
      'In this file the path is served as ws only, without TLS: a page from https may not open it (mixed content), ' +
      'and everybody on the way can read it. It is right where TLS ends in front of this nginx.',
    remedy: 'Serve the location in a server with: listen 443 ssl;',
    find: plainOnly,
  },
];

/** @returns whether a server speaks TLS with its clients. */
export function speaksTls(server: Level): boolean {
  return listens(server).some((one) => has('ssl')(one) || has('quic')(one)) || server.value('ssl') === 'on';
}

/** `listen` lines of a server. */
export function listens(server: Level): readonly Directive[] {
  return server.own('listen');
}

function protocols({ levels }: NginxView): Sighting[] {
  return levels.flatMap((level) => sightings(level.own('ssl_protocols')));
}

function ciphers({ levels }: NginxView): Directive[] {
  return levels.flatMap((level) => level.own('ssl_ciphers'));
}

function sightings(directives: readonly Directive[]): Sighting[] {
  return directives.map((at) => ({ at }));
}

function has(word: string): (directive: Directive) => boolean {
  return ({ words }) => words.includes(word);
}

function plain443({ servers }: NginxView): Sighting[] {
  const secured = new Set(servers.flatMap(listens).filter(has('ssl')).map(portOf));
  return servers
    .filter((server) => !speaksTls(server) && !server.mayBeElsewhere('ssl'))
    .flatMap(listens)
    .filter((one) => portOf(one) === 443 && !secured.has(443))
    .map((at) => ({ at }));
}

function portOf({ words: [address = ''] }: Directive): number {
  if (/^\d{1,5}$/.test(address)) return Number(address);
  return parseAuthority(address).port ?? 80;
}

function withoutCertificate(server: Level): Sighting[] {
  const secured = listens(server).find(has('ssl'));
  if (!secured || server.effective('ssl_certificate').length > 0) return [];
  if (server.mayBeElsewhere('ssl_certificate') || server.value('ssl_reject_handshake') === 'on') return [];
  return [{ at: secured }];
}

function plainOnly({ sites }: NginxView): Sighting[] {
  const servers = [...new Set(sites.map(({ server }) => server))].filter(({ name }) => name === 'server');
  if (servers.some((server) => speaksTls(server) || server.unfollowed.length > 0)) return [];
  return servers
    .filter((server) => !listens(server).some((one) => portOf(one) === 443))
    .flatMap((server) => {
      const at = listens(server)[0] ?? server.directive;
      return at ? [{ at }] : [];
    });
}
