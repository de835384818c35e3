import { describe, it } from 'node:test';
import { APACHE_TLS_RULES } from '../../../src/front/explain/apache-tls-rules.ts';
import { type Case, changed, checkCases, fixture } from './cases.ts';

const good = fixture('good-apache.conf');
const but = (...changes: [string, string][]): string => changed(good, ...changes);
const PROTOCOL = 'SSLProtocol -all +TLSv1.2 +TLSv1.3';
const SUITES = /SSLCipherSuite.+/.exec(good)?.[0] ?? '';
const CERTIFICATE = 'SSLCertificateFile    /etc/ssl/server.pem';

const CASES: readonly Case[] = [
  ['ssl-v3', but([PROTOCOL, 'SSLProtocol all']), but([PROTOCOL, 'SSLProtocol all -SSLv3'])],
  ['ssl-v3', but([PROTOCOL, 'sslprotocol +SSLv3 +TLSv1.3']), good],
  [
    'tls-old',
    but([PROTOCOL, 'SSLProtocol all -SSLv3']),
    but([PROTOCOL, 'SSLProtocol all -SSLv3 -TLSv1 -TLSv1.1']),
  ],
  ['tls13-missing', but([PROTOCOL, 'SSLProtocol TLSv1.2']), but([PROTOCOL, ''])],
  ['tls12-missing', but([PROTOCOL, 'SSLProtocol TLSv1.2 TLSv1.3']), good],
  ['ciphers-broken', but([SUITES, 'SSLCipherSuite ALL']), but([SUITES, 'SSLCipherSuite HIGH:!aNULL'])],
  ['ciphers-legacy', but([SUITES, 'SSLCipherSuite SSL HIGH:!aNULL']), good],
  [
    'ciphers-legacy',
    but([SUITES, 'SSLCipherSuite AES128-SHA']),
    but([SUITES, 'SSLCipherSuite TLSv1.3 AES128-SHA']),
  ],
  ['chain-file-deprecated', but([CERTIFICATE, `${CERTIFICATE}\nSSLCertificateChainFile c.pem`]), good],
  [
    'ssl-engine-missing',
    but(['SSLEngine on', '']),
    but(['SSLEngine on', ''], [CERTIFICATE, 'Include tls.conf']),
  ],
  ['ssl-engine-missing', but(['SSLEngine on', '']), `SSLEngine on\n${but(['SSLEngine on', ''])}`],
  ['certificate-missing', but([CERTIFICATE, '']), `${CERTIFICATE}\n${but([CERTIFICATE, ''])}`],
  [
    'plain-only',
    but(['<VirtualHost *:443>', '<VirtualHost *:8080>'], ['SSLEngine on', ''], [CERTIFICATE, '']),
    but(['<VirtualHost *:443>', '<VirtualHost *:8443>']),
  ],
  [
    'tls-compression',
    but(['SSLEngine on', 'SSLEngine on\nSSLCompression on']),
    `SSLCompression off\n${good}`,
  ],
  ['insecure-renegotiation', `SSLInsecureRenegotiation on\n${good}`, `SSLInsecureRenegotiation off\n${good}`],
];

describe('explain, Apache: TLS', () => {
  it('finds each rule broken, and not where it is kept', () => {
    checkCases(APACHE_TLS_RULES, CASES, 'apache');
  });
});
