import { describe, it } from 'node:test';
import { NGINX_TLS_RULES } from '../../../src/front/explain/nginx-tls-rules.ts';
import { type Case, changed, checkCases, fixture } from './cases.ts';

const good = fixture('good-nginx.conf');
const but = (...changes: [string, string][]): string => changed(good, ...changes);
const PROTOCOLS = 'TLSv1.2 TLSv1.3;';
const CIPHERS = /ssl_ciphers[^;]+;/.exec(good)?.[0] ?? '';

const CASES: readonly Case[] = [
  ['ssl-on', but(['http2 on;', 'ssl on;']), good],
  ['ssl-on', `ssl off;\n${good}`, `# ssl on;\n${good}`],
  ['ssl-v3', but([PROTOCOLS, `SSLv3 ${PROTOCOLS}`]), good],
  ['ssl-v3', but([PROTOCOLS, `SSLv2 ${PROTOCOLS}`]), but([PROTOCOLS, `TLSv1 ${PROTOCOLS}`])],
  ['tls-old', but([PROTOCOLS, `TLSv1 ${PROTOCOLS}`]), good],
  ['tls-old', but([PROTOCOLS, `TLSv1.1 ${PROTOCOLS}`]), but([PROTOCOLS, 'TLSv1.3;'])],
  ['tls13-missing', but([PROTOCOLS, 'TLSv1.2;']), but([`ssl_protocols       ${PROTOCOLS}`, ''])],
  [
    'ciphers-broken',
    but([CIPHERS, 'ssl_ciphers ALL:!aNULL;']),
    but([CIPHERS, 'ssl_ciphers HIGH:!aNULL:!MD5;']),
  ],
  ['ciphers-legacy', but([CIPHERS, 'ssl_ciphers HIGH:!aNULL:!MD5;']), but([CIPHERS, ''])],
  ['ciphers-legacy', but([CIPHERS, 'ssl_ciphers "ECDHE-RSA-AES128-SHA";']), good],
  [
    'listen-443-plain',
    but(['listen 443 ssl;', 'listen [::]:443;']),
    but(['listen 443 ssl;', 'listen 8443;']),
  ],
  [
    'listen-443-plain',
    but(['listen 443 ssl;', 'listen 443 default_server;']),
    `${good}\nserver { listen 443; server_name other.com; }`,
  ],
  ['certificate-missing', but(['ssl_certificate     /etc/ssl/server.pem;', '']), good],
  [
    'certificate-missing',
    'server { listen 443 ssl; location /ws { proxy_pass http://a; } }',
    'ssl_certificate a; server { listen 443 ssl; location /ws { proxy_pass http://a; } }',
  ],
  ['http2-listen', but(['listen 443 ssl;', 'listen 443 ssl http2;']), good],
  ['plain-only', but(['listen 443 ssl;', 'listen 8080;']), good],
  [
    'plain-only',
    'server { location /ws { proxy_pass http://127.0.0.1:1; } }',
    'location /ws { proxy_pass http://127.0.0.1:1; }',
  ],
];

describe('explain, nginx: TLS', () => {
  it('finds each rule broken, and not where it is kept', () => {
    checkCases(NGINX_TLS_RULES, CASES, 'nginx');
  });
});
