import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NGINX_ADDRESS_RULES } from '../../../src/front/explain/nginx-address-rules.ts';
import { type Case, changed, checkCases, codes, fixture } from './cases.ts';

const good = fixture('good-nginx.conf');
const but = (...changes: [string, string][]): string => changed(good, ...changes);
const HOST = 'proxy_set_header Host $host;';
const REAL = 'proxy_set_header X-Real-IP $remote_addr;';
const FOR = 'proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;';
const LISTEN = 'listen 443 ssl;';

const CASES: readonly Case[] = [
  ['host-not-passed', but([HOST, '']), but([HOST, 'proxy_set_header Host $http_host;'])],
  [
    'host-not-passed',
    but([HOST, 'proxy_set_header Host $proxy_host;']),
    but([HOST, 'include proxy_params;']),
  ],
  ['client-address-missing', but([REAL, ''], [FOR, '']), good],
  ['client-address-missing', but([REAL, ''], [FOR, '']), but([REAL, ''], [FOR, 'include proxy_params;'])],
  ['forwarded-for-forgeable', but([FOR, '']), but([FOR, 'proxy_set_header X-Forwarded-For $remote_addr;'])],
  ['forwarded-for-forgeable', but([FOR, '']), but([FOR, 'proxy_set_header X-Forwarded-For "";'])],
  ['real-ip-forgeable', but([REAL, '']), but([REAL, 'proxy_set_header X-Real-IP "";'])],
  [
    'address-from-client',
    but([REAL, 'proxy_set_header X-Real-IP $http_x_real_ip;']),
    but([REAL, 'proxy_set_header X-Real-IP $realip_remote_addr;']),
  ],
  [
    'address-from-client',
    but([FOR, 'proxy_set_header X-Forwarded-For $http_x_forwarded_for;']),
    but([FOR, 'proxy_set_header X-Forwarded-For "$http_x_forwarded_for, $remote_addr";']),
  ],
  ['address-from-client', but([REAL, 'proxy_set_header X-Real-IP $proxy_add_x_forwarded_for;']), good],
  ['real-ip-from-all', `set_real_ip_from 0.0.0.0/0;${good}`, `set_real_ip_from 10.0.0.0/8;${good}`],
  ['real-ip-from-all', `set_real_ip_from ::/0;${good}`, `set_real_ip_from fd00::/8;${good}`],
  [
    'real-ip-nobody',
    `real_ip_header X-Forwarded-For;${good}`,
    `set_real_ip_from 10.0.0.1; real_ip_header X-Forwarded-For;${good}`,
  ],
  [
    'proxy-protocol-half',
    but([LISTEN, 'listen 443 ssl proxy_protocol;']),
    but([LISTEN, 'listen 443 ssl proxy_protocol; set_real_ip_from 10.0.0.1; real_ip_header proxy_protocol;']),
  ],
  [
    'proxy-protocol-half',
    but([LISTEN, `${LISTEN} set_real_ip_from 10.0.0.1; real_ip_header proxy_protocol;`]),
    but(
      [LISTEN, 'listen 443 ssl proxy_protocol;'],
      [REAL, 'proxy_set_header X-Real-IP $proxy_protocol_addr;'],
    ),
  ],
  [
    'origin-overwritten',
    but([HOST, `${HOST} proxy_set_header Origin "";`]),
    but([HOST, `${HOST} proxy_set_header Origin $http_origin;`]),
  ],
];

describe('explain, nginx: addresses', () => {
  it('finds each rule broken, and not where it is kept', () => {
    checkCases(NGINX_ADDRESS_RULES, CASES, 'nginx');
  });

  it('says of missing addresses one thing, not three', () => {
    assert.deepEqual(codes(but([REAL, ''], [FOR, ''])), ['client-address-missing']);
  });
});
