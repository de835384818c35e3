import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NGINX_PATH_RULES } from '../../../src/front/explain/nginx-path-rules.ts';
import { explain } from '../../../src/front/explain.ts';
import { type Case, changed, checkCases, codes, fixture } from './cases.ts';

const good = fixture('good-nginx.conf');
const but = (...changes: [string, string][]): string => changed(good, ...changes);
const PASS = 'proxy_pass http://127.0.0.1:8282;';
const PLACE = 'location = /wss';
const at = (place: string, pass = PASS): string => but([PLACE, place], [PASS, pass]);

const CASES: readonly Case[] = [
  ['location-missing', 'server { listen 80; location / { root /srv; } }', 'server { include sites/a; }'],
  ['location-missing', but([PASS, 'return 404;']), 'stream { server { listen 1; proxy_pass 127.0.0.1:2; } }'],
  ['not-proxied', at(PLACE, 'fastcgi_pass unix:/php.sock;'), good],
  [
    'not-proxied',
    'server { location /ws { root /srv; } }',
    'server { location /ws { try_files $uri @app; } }',
  ],
  ['location-prefix', at('location /wss'), at('location =/wss')],
  ['location-prefix', at('location ^~ /ws'), at('location /ws/')],
  ['location-prefix', at('location ~ /wss'), at('location ~ ^/wss$')],
  ['location-prefix', at('location /websocket'), at('location /socket.io')],
  ['location-prefix', at('location /wss'), at('location /')],
  ['path-rewritten', at('location /wss', 'proxy_pass http://127.0.0.1:8282/;'), at('location /wss')],
  [
    'path-rewritten',
    at('location /wss/', 'proxy_pass http://127.0.0.1:8282/a;'),
    at('location /wss/', 'proxy_pass http://127.0.0.1:8282/;'),
  ],
  [
    'path-rewritten',
    at('location /wss', 'proxy_pass http://127.0.0.1:8282/;'),
    at(PLACE, 'proxy_pass http://127.0.0.1:8282/;'),
  ],
  ['path-in-pattern', at('location ~ ^/wss$', 'proxy_pass http://127.0.0.1:8282/;'), at('location ~ ^/wss$')],
  [
    'path-in-pattern',
    at('location @wss', 'proxy_pass http://127.0.0.1:8282/;'),
    at('location ~ ^/wss$', 'proxy_pass http://127.0.0.1:8282$request_uri;'),
  ],
  [
    'redirect',
    but(['return 301', 'location /wss { return 301 https://$host$request_uri; } return 301']),
    good,
  ],
  ['redirect', but(['http2 on;', 'return 302 https://www.domain.com$request_uri;']), good],
  ['redirect', but([PASS, 'return 301 https://$host/;']), but([PASS, `if ($a) { return 403; } ${PASS}`])],
  [
    'error-page-intercept',
    but(['http2 on;', 'error_page 502 /sorry.html; proxy_intercept_errors on;']),
    but(['http2 on;', 'error_page 502 /sorry.html;']),
  ],
];

describe('explain, nginx: paths', () => {
  it('finds each rule broken, and not where it is kept', () => {
    checkCases(NGINX_PATH_RULES, CASES, 'nginx');
  });

  it('judges the location of the path it is told, by nginx’s own choice', () => {
    const text = changed(good, ['location / {', `location /chat { ${PASS} }\n  location / {`]);
    assert.deepEqual(codes(text), []);
    const found = explain(text, 'nginx', { path: '/chat' }).map(({ code }) => code);
    assert.ok(found.includes('upgrade-not-passed') && found.includes('location-prefix'), found.join());
    assert.deepEqual(explain(text, 'nginx', { path: '/wss' }), []);
    const [missing] = explain(text, 'nginx', { path: '/none' });
    assert.equal(missing?.code, 'location-missing');
    assert.match(missing?.cause ?? '', /passes \/none to a worker/);
  });

  it('shows what becomes of a path', () => {
    const found = explain(at('location /wss', 'proxy_pass http://127.0.0.1:8282/;'));
    const cause = found.find(({ code }) => code === 'path-rewritten')?.cause ?? '';
    assert.match(cause, /\/wss becomes \/, and \/wss\/a becomes \/\/a/);
  });
});
