import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { APACHE_PROXY_RULES } from '../../../src/front/explain/apache-proxy-rules.ts';
import { explain } from '../../../src/front/explain.ts';
import { type Case, changed, checkCases, codes, fixture } from './cases.ts';

const good = fixture('good-apache.conf');
const PASS = 'ProxyPass /wss http://127.0.0.1:8282/wss upgrade=websocket timeout=3600';
const but = (line: string): string => changed(good, [PASS, line]);
const CONDITION = 'RewriteCond %{HTTP:Upgrade} websocket [NC]';
const RULE = 'RewriteRule ^/wss$ ws://127.0.0.1:8282/wss [P,L]';
const REWRITE = `RewriteEngine On\n${CONDITION}\n${RULE}`;

const CASES: readonly Case[] = [
  ['location-missing', but(''), but('IncludeOptional sites/*.conf')],
  ['location-missing', but('ProxyPass /wss !'), 'DocumentRoot /srv'],
  ['upgrade-not-passed', but('ProxyPass /wss http://127.0.0.1:8282/wss'), good],
  [
    'upgrade-not-passed',
    but('ProxyPass / http://127.0.0.1:8282/'),
    but('ProxyPass /wss ws://127.0.0.1:8282/wss'),
  ],
  [
    'upgrade-not-passed',
    but('<Location /wss>\nProxyPass http://127.0.0.1:8282/wss\n</Location>'),
    but('<Location /wss>\nProxyPass http://127.0.0.1:8282/wss upgrade=websocket\n</Location>'),
  ],
  [
    'upgrade-not-passed',
    but('ProxyPass /wss http://127.0.0.1:8282/wss'),
    but(`${REWRITE}\nProxyPass /wss http://127.0.0.1:8282/wss`),
  ],
  [
    'upgrade-not-passed',
    but('<Proxy balancer://b>\nBalancerMember http://10.0.0.1:1\n</Proxy>\nProxyPass /wss balancer://b/wss'),
    but(
      '<Proxy balancer://b>\nBalancerMember http://10.0.0.1:1 upgrade=any\n</Proxy>\nProxyPass /wss balancer://b/wss',
    ),
  ],
  [
    'balancer-upgrade',
    but(
      '<Proxy balancer://b>\nBalancerMember http://10.0.0.1:1\n</Proxy>\nProxyPass /wss balancer://b/wss upgrade=any',
    ),
    but(
      '<Proxy balancer://b>\nBalancerMember http://10.0.0.1:1 upgrade=any\n</Proxy>\nProxyPass /wss balancer://b/wss',
    ),
  ],
  ['wstunnel', but('ProxyPass /wss ws://127.0.0.1:8282/wss'), good],
  ['wstunnel', but('ProxyPassMatch ^/wss$ ws://127.0.0.1:8282/wss'), but(REWRITE)],
  ['rewrite-without-condition', but(`RewriteEngine On\n${RULE}`), but(REWRITE)],
  ['rewrite-engine-off', but(`${CONDITION}\n${RULE}`), but(REWRITE)],
  ['rewrite-engine-off', `RewriteEngine On\n${but(`${CONDITION}\n${RULE}`)}`, but(REWRITE)],
  ['redirect', `Redirect /wss https://domain.com/wss\n${good}`, good],
  [
    'redirect',
    `RedirectMatch 302 ^/wss https://domain.com/\n${good}`,
    `RedirectMatch 404 "^(?!/wss$)"\n${good}`,
  ],
  ['redirect', but(REWRITE.replace('[P,L]', '[L]')), but(REWRITE)],
  [
    'redirect',
    but(`RewriteEngine On\nRewriteRule ^(.*)$ https://www.domain.com$1 [R=301,L]\n${PASS}`),
    but(
      `RewriteEngine On\nRewriteCond %{HTTPS} off\nRewriteRule ^(.*)$ https://domain.com$1 [R=301,L]\n${PASS}`,
    ),
  ],
  [
    'proxypass-order',
    but(`ProxyPass / http://127.0.0.1:80/\n${PASS}`),
    but(`${PASS}\nProxyPass / http://127.0.0.1:80/`),
  ],
  [
    'proxypass-order',
    but(`${PASS}\nProxyPass /wss/a http://127.0.0.1:1/a`),
    but(`${PASS}\nProxyPass /wss3 ws://a/b`),
  ],
  [
    'proxypass-order',
    but(`ProxyPass / http://a/\nProxyPass /x !`),
    but('ProxyPass /x !\nProxyPass / http://a/'),
  ],
  [
    'proxypass-slash',
    but('ProxyPass /wss/ http://127.0.0.1:8282/wss'),
    but('ProxyPass /wss/ http://127.0.0.1:1/wss/'),
  ],
  [
    'proxypass-slash',
    but('ProxyPass /wss http://127.0.0.1:8282/'),
    but('ProxyPass /wss http://127.0.0.1:8282'),
  ],
  [
    'proxypass-host-glued',
    but('ProxyPass / http://127.0.0.1:8282'),
    but('ProxyPass / http://127.0.0.1:8282/'),
  ],
  ['location-prefix', but('ProxyPassMatch /wss ws://a/'), but('ProxyPassMatch ^/wss$ ws://a/')],
  ['proxy-http-version', `SetEnv force-proxy-request-1.0 1\n${good}`, `SetEnv proxy-sendchunked 1\n${good}`],
  ['open-proxy', `ProxyRequests On\n${good}`, `ProxyRequests Off\n${good}`],
  [
    'module-missing',
    `LoadModule proxy_module modules/mod_proxy.so\n${good}`,
    `LoadModule proxy_http_module modules/mod_proxy_http.so\n${good}`,
  ],
  [
    'module-missing',
    `LoadModule proxy_module p.so\n${good}`,
    `LoadModule proxy_module p.so\nInclude a\n${good}`,
  ],
  ['prefork', `LoadModule mpm_prefork_module p.so\n${good}`, `LoadModule mpm_event_module p.so\n${good}`],
  [
    'access-compat',
    `<Proxy *>\nAllow from all\n</Proxy>\n${good}`,
    `<Proxy *>\nRequire all granted\n</Proxy>\n${good}`,
  ],
  [
    'error-page-intercept',
    but(`ErrorDocument 502 /sorry\nProxyErrorOverride On\n${PASS}`),
    but(`ErrorDocument 502 /sorry\n${PASS}`),
  ],
];

describe('explain, Apache: passing on', () => {
  it('finds each rule broken, and not where it is kept', () => {
    checkCases(APACHE_PROXY_RULES, CASES, 'apache');
  });

  it('judges the line that takes the path it is told', () => {
    const text = but(`${PASS}\nProxyPass /chat http://127.0.0.1:9000/chat`);
    assert.deepEqual(codes(text), []);
    const found = explain(text, 'apache', { path: '/chat' }).map(({ code }) => code);
    assert.deepEqual(found, ['upgrade-not-passed', 'read-timeout-default']);
    assert.deepEqual(
      explain(text, 'apache', { path: '/wssX' }).map(({ code }) => code),
      ['location-missing'],
    );
  });

  it('names the line that is in the way', () => {
    const found = explain(but(`ProxyPass / http://127.0.0.1:80/\n${PASS}`));
    const order = found.find(({ code }) => code === 'proxypass-order');
    assert.match(order?.cause ?? '', /ProxyPass \/ of line \d+ comes first and takes the requests of \/wss/);
  });
});
