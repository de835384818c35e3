import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NGINX_UPSTREAM_RULES } from '../../../src/front/explain/nginx-upstream-rules.ts';
import { explain } from '../../../src/front/explain.ts';
import { type Case, changed, checkCases, fixture } from './cases.ts';

const good = fixture('good-nginx.conf');
const but = (...changes: [string, string][]): string => changed(good, ...changes);
const PASS = 'proxy_pass http://127.0.0.1:8282;';
const READ = 'proxy_read_timeout 3600s;';
const SEND = 'proxy_send_timeout 3600s;';
const KEEP = "''      close;";
const to = (pass: string): string => but([PASS, pass]);
const group = (lines: string, ...changes: [string, string][]): string =>
  `upstream w { ${lines} }\n${but([PASS, 'proxy_pass http://w;'], ...changes)}`;
const io = (lines: string): string => group(lines, ['location = /wss', 'location /socket.io/']);
const TWO = 'server 127.0.0.1:1; server 127.0.0.1:2; keepalive 8;';

const CASES: readonly Case[] = [
  ['read-timeout-default', but([READ, '']), but([READ, 'proxy_read_timeout 60;'])],
  ['read-timeout-default', but([READ, '']), but([READ, ''], ['gzip ', `${READ} gzip `])],
  ['read-timeout-short', but([READ, 'proxy_read_timeout 25s;']), but([READ, 'proxy_read_timeout 26s;'])],
  ['read-timeout-short', but([READ, 'proxy_read_timeout 0;']), but([READ, 'proxy_read_timeout 1h30m;'])],
  [
    'read-timeout-short',
    'stream { server { listen 1; proxy_pass 127.0.0.1:2; proxy_timeout 20s; proxy_protocol on; } }',
    'stream { server { listen 1; proxy_pass 127.0.0.1:2; proxy_protocol on; } }',
  ],
  ['send-timeout-short', but([SEND, 'proxy_send_timeout 5s;']), but([SEND, ''])],
  ['tls-twice', to('proxy_pass https://127.0.0.1:8282;'), to('proxy_pass https://10.0.0.5:8282;')],
  ['tls-twice', to('proxy_pass https://localhost:8282;'), good],
  ['http-to-tls-port', to('proxy_pass http://127.0.0.1:443;'), to('proxy_pass http://127.0.0.1:4430;')],
  ['http-to-tls-port', group('server 10.0.0.1:443; keepalive 1;'), group('server 10.0.0.1:80; keepalive 1;')],
  [
    'upstream-unverified',
    to('proxy_pass https://10.0.0.5;'),
    to('proxy_pass https://10.0.0.5; proxy_ssl_verify on;'),
  ],
  ['upstream-unverified', to('proxy_pass https://10.0.0.5; proxy_ssl_verify off;'), good],
  [
    'upstream-name-unsent',
    to('proxy_pass https://worker.example;'),
    to('proxy_pass https://worker.example; proxy_ssl_server_name on;'),
  ],
  ['upstream-name-unsent', to('proxy_pass https://worker.example;'), to('proxy_pass https://10.0.0.5;')],
  ['upstream-any', to('proxy_pass http://0.0.0.0:8282;'), to('proxy_pass http://unix:/run/w.sock;')],
  ['upstream-any', to('proxy_pass http://[::]:8282;'), to('proxy_pass http://[::1]:8282;')],
  ['upstream-localhost', to('proxy_pass http://localhost:8282;'), good],
  [
    'upstream-localhost',
    group('server localhost:1; keepalive 1;'),
    group('server 127.0.0.1:1; keepalive 1;'),
  ],
  ['upstream-public', to('proxy_pass http://203.0.113.7:8282;'), to('proxy_pass http://100.64.1.1:8282;')],
  ['upstream-public', to('proxy_pass http://[2001:db8::7]:8282;'), to('proxy_pass http://[fd00::7]:8282;')],
  ['upstream-keepalive', group('server 127.0.0.1:1;'), group('server 127.0.0.1:1; keepalive 8;')],
  ['upstream-keepalive', group('server 127.0.0.1:1;'), `upstream other { server 127.0.0.1:1; }\n${good}`],
  ['keepalive-lost', group('server 127.0.0.1:1; keepalive 8;'), group(TWO, [KEEP, "'' '';"])],
  ['sticky-missing', io(TWO), io(`ip_hash; ${TWO}`)],
  ['sticky-missing', io(TWO), io('server 127.0.0.1:1;')],
  ['sticky-missing', io(TWO), group(TWO)],
  [
    'proxy-pass-from-client',
    to('proxy_pass http://$host;'),
    to('proxy_pass http://127.0.0.1:8282$request_uri;'),
  ],
  [
    'proxy-pass-from-client',
    to('proxy_pass http://$arg_to;'),
    to('set $a 127.0.0.1; proxy_pass http://$a:8282;'),
  ],
  ['proxy-pass-from-client', to('proxy_pass http://$1:80;'), to('proxy_pass http://$worker;')],
  [
    'resolver-missing',
    to('set $w chat:8282; proxy_pass http://$w;'),
    to('set $w 127.0.0.1:1; proxy_pass http://$w;'),
  ],
  [
    'resolver-missing',
    to('proxy_pass http://localhost:1$request_uri;'),
    to('resolver 127.0.0.11; set $w chat:8282; proxy_pass http://$w;'),
  ],
  [
    'resolver-missing',
    to('set $u chat; proxy_pass http://$u;'),
    group(TWO, ['proxy_pass http://w;', 'set $u w; proxy_pass http://$u;']),
  ],
  ['limit-conn-low', to(`limit_conn perip 10; ${PASS}`), to(`limit_conn perip 1000; ${PASS}`)],
  [
    'stream-address',
    'stream { server { listen 443; proxy_pass 127.0.0.1:8282; } }',
    'stream { server { listen 443; proxy_pass 127.0.0.1:8282; proxy_protocol on; } }',
  ],
];

describe('explain, nginx: the worker’s side', () => {
  it('finds each rule broken, and not where it is kept', () => {
    checkCases(NGINX_UPSTREAM_RULES, CASES, 'nginx');
  });

  it('says what 60 seconds of silence do, and when that is fine', () => {
    const [found] = explain(but([READ, '']));
    assert.match(found?.cause ?? '', /60 seconds.*fine when the server pings.*25 s/);
  });

  it('tells that a timeout of 0 is not for ever', () => {
    const [found] = explain(but([READ, 'proxy_read_timeout 0;']));
    assert.match(found?.cause ?? '', /0 does not mean for ever/);
  });
});
