import { describe, it } from 'node:test';
import { APACHE_UPSTREAM_RULES } from '../../../src/front/explain/apache-upstream-rules.ts';
import { type Case, changed, checkCases, fixture } from './cases.ts';

const good = fixture('good-apache.conf');
const but = (...changes: [string, string][]): string => changed(good, ...changes);
const ADDRESS = 'http://127.0.0.1:8282/wss';
const PRESERVE = 'ProxyPreserveHost On';
const REAL = 'RequestHeader set X-Real-IP expr=%{REMOTE_ADDR}';
const to = (address: string, lines = ''): string =>
  but([ADDRESS, address], [PRESERVE, `${PRESERVE}\n${lines}`]);
const real = (line: string): string => but([REAL, line]);
const IO =
  '<Proxy balancer://b>\nBalancerMember http://10.0.0.1:1\nBalancerMember http://10.0.0.2:1\n</Proxy>\n' +
  'ProxyPass /socket.io balancer://b/socket.io';
const PASS = 'ProxyPass /wss http://127.0.0.1:8282/wss upgrade=websocket timeout=3600';

const CASES: readonly Case[] = [
  ['host-not-passed', but([PRESERVE, '']), `${PRESERVE}\n${but([PRESERVE, ''])}`],
  ['host-not-passed', but([PRESERVE, 'ProxyPreserveHost Off']), but([PRESERVE, 'Include more.conf'])],
  ['real-ip-forgeable', real(''), real('RequestHeader unset X-Real-IP')],
  ['real-ip-forgeable', real('RequestHeader add X-Real-IP expr=%{REMOTE_ADDR}'), `${REAL}\n${real('')}`],
  ['real-ip-forgeable', real(''), real(`<IfModule mod_headers.c>\n${REAL}\n</IfModule>`)],
  ['real-ip-forgeable', real(''), real(`<Location /wss>\n${REAL}\n</Location>`)],
  [
    'real-ip-null',
    real('RequestHeader set X-Real-IP "%{REMOTE_ADDR}e"'),
    real('RequestHeader set X-Real-IP "%{REMOTE_ADDR}s"'),
  ],
  [
    'real-ip-null',
    real('RequestHeader set X-Real-IP "%{REMOTE_ADDR}e"'),
    real('SetEnvIf Remote_Addr (.*) REMOTE_ADDR=$1\nRequestHeader set X-Real-IP "%{REMOTE_ADDR}e"'),
  ],
  ['address-from-client', real('RequestHeader set X-Real-IP expr=%{HTTP:X-Forwarded-For}'), good],
  ['address-from-client', real('RequestHeader set X-Real-IP "expr=%{req:CF-Connecting-IP}"'), real('')],
  ['forwarded-for-forgeable', real(`${REAL}\nProxyAddHeaders Off`), real(`${REAL}\nProxyAddHeaders On`)],
  [
    'remoteip-trusts-all',
    real(`${REAL}\nRemoteIPHeader X-Forwarded-For`),
    real(`${REAL}\nRemoteIPHeader X-Forwarded-For\nRemoteIPTrustedProxy 10.0.0.1`),
  ],
  [
    'real-ip-from-all',
    real(`${REAL}\nRemoteIPHeader X-Forwarded-For\nRemoteIPTrustedProxy 0.0.0.0/0`),
    real(`${REAL}\nRemoteIPHeader X-Forwarded-For\nRemoteIPTrustedProxy 10.0.0.0/8`),
  ],
  ['origin-overwritten', real(`${REAL}\nRequestHeader unset Origin`), real(`${REAL}\nHeader unset Origin`)],
  ['read-timeout-default', but([' timeout=3600', '']), `Timeout 60\n${but([' timeout=3600', ''])}`],
  ['read-timeout-default', but([' timeout=3600', '']), `ProxyTimeout 600\n${but([' timeout=3600', ''])}`],
  [
    'read-timeout-short',
    `Timeout 3\n${but([' timeout=3600', ' timeout=3'])}`,
    but([' timeout=3600', ' timeout=3']),
  ],
  ['read-timeout-short', `Timeout 25\n${but([' timeout=3600', ''])}`, `Timeout 3\n${good}`],
  ['ssl-proxy-engine-missing', to('https://10.0.0.5/wss'), to('https://10.0.0.5/wss', 'SSLProxyEngine on')],
  ['tls-twice', to('https://127.0.0.1:8282/wss'), to('https://10.0.0.5:8282/wss')],
  ['tls-twice', to('wss://localhost:8282/wss'), good],
  [
    'upstream-unverified',
    to('https://10.0.0.5/wss', 'SSLProxyEngine on'),
    to('https://10.0.0.5/wss', 'SSLProxyEngine on\nSSLProxyVerify require'),
  ],
  ['http-to-tls-port', to('http://127.0.0.1:443/wss'), to('https://127.0.0.1:443/wss')],
  ['upstream-any', to('http://0.0.0.0:8282/wss'), good],
  ['upstream-localhost', to('http://localhost:8282/wss'), good],
  ['upstream-public', to('ws://203.0.113.7:8282/wss'), to('ws://192.168.1.7:8282/wss')],
  [
    'sticky-missing',
    but([PASS, IO]),
    but([PASS, IO.replace('</Proxy>', 'ProxySet stickysession=io\n</Proxy>')]),
  ],
];

describe('explain, Apache: addresses, timeouts, the worker’s side', () => {
  it('finds each rule broken, and not where it is kept', () => {
    checkCases(APACHE_UPSTREAM_RULES, CASES, 'apache');
  });
});
