import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { NGINX_UPGRADE_RULES } from '../../../src/front/explain/nginx-upgrade-rules.ts';
import { explain } from '../../../src/front/explain.ts';
import { type Case, changed, checkCases, codes, fixture } from './cases.ts';

const good = fixture('good-nginx.conf');
const but = (...changes: [string, string][]): string => changed(good, ...changes);
const UPGRADE = 'proxy_set_header Upgrade $http_upgrade;';
const CONNECTION = 'proxy_set_header Connection $connection_upgrade;';
const HOST = 'proxy_set_header Host $host;';
const VERSION = 'proxy_http_version 1.1;';
const MAP = good.slice(0, good.indexOf('}') + 1);
const PASS = 'proxy_pass http://127.0.0.1:8282;';

const CASES: readonly Case[] = [
  ['upgrade-not-passed', but([UPGRADE, '']), good],
  [
    'upgrade-not-passed',
    but([UPGRADE, 'proxy_set_header Upgrade "";']),
    but([UPGRADE, 'proxy_set_header upgrade websocket;']),
  ],
  ['upgrade-not-passed', but([UPGRADE, '']), but([UPGRADE, 'include snippets/upgrade.conf;'])],
  [
    'connection-not-passed',
    but([CONNECTION, '']),
    but([CONNECTION, 'proxy_set_header Connection $http_connection;']),
  ],
  ['connection-not-passed', but([CONNECTION, 'proxy_set_header Connection "";']), good],
  ['connection-not-passed', but([CONNECTION, 'proxy_set_header Connection keep-alive;']), good],
  ['connection-fixed', but([CONNECTION, 'proxy_set_header Connection "Upgrade";']), good],
  ['connection-fixed', but(["''      close;", '']), but(["''      close;", "'' '';"])],
  ['connection-fixed', but([CONNECTION, 'proxy_set_header Connection upgrade;']), but([UPGRADE, ''])],
  ['map-missing', but([MAP, '']), good],
  ['map-missing', but([MAP, '']), but([MAP, 'include maps/*.conf;'])],
  ['map-missing', but([MAP, '']), but([MAP, ''], [PASS, `set $connection_upgrade upgrade; ${PASS}`])],
  ['map-wrong', but(['default upgrade;', 'default close;']), but(['default upgrade;', 'default Upgrade;'])],
  [
    'map-wrong',
    but(['default upgrade;', 'h2c upgrade;']),
    but(['default upgrade;', '~*^websocket$ upgrade;']),
  ],
  ['proxy-http-version', but([VERSION, '']), but([VERSION, ''], ['gzip ', `${VERSION} gzip `])],
  ['proxy-http-version', but([VERSION, 'proxy_http_version 1.0;']), good],
  ['headers-not-inherited', but([HOST, ''], ['gzip ', `${HOST} gzip `]), good],
  ['host-twice', but([HOST, `${HOST} proxy_set_header host $http_host;`]), but([HOST, `${HOST} # ${HOST}`])],
  [
    'header-twice',
    but([HOST, `${HOST} proxy_set_header X-Real-IP $remote_addr;`]),
    but([HOST, `${HOST}${HOST}`]),
  ],
  [
    'request-headers-off',
    but([PASS, `${PASS} proxy_pass_request_headers off;`]),
    but([PASS, `${PASS} proxy_pass_request_headers on;`]),
  ],
  [
    'directive-in-if',
    but([PASS, `${PASS} if ($http_upgrade) { ${UPGRADE} }`]),
    but([PASS, `${PASS} if ($http_upgrade) { set $a b; }`]),
  ],
  [
    'if-proxy-pass',
    but([PASS, `if ($http_upgrade = "websocket") { ${PASS} }`]),
    but([PASS, `${PASS} if ($bad) { return 403; }`]),
  ],
];

describe('explain, nginx: the handshake', () => {
  it('finds each rule broken, and not where it is kept', () => {
    checkCases(NGINX_UPGRADE_RULES, CASES, 'nginx');
  });

  it('lets a location without headers of its own inherit them, and only then', () => {
    const headers = good.slice(good.indexOf(UPGRADE), good.indexOf('proxy_read_timeout'));
    const outside = changed(good, [headers, ''], ['gzip ', `${headers} gzip `]);
    assert.deepEqual(codes(outside), []);
    const inside = changed(outside, [PASS, `${PASS} proxy_set_header X-Any 1;`]);
    const [found, ...others] = explain(inside);
    assert.equal(found?.code, 'headers-not-inherited');
    assert.match(found?.cause ?? '', /Upgrade, Connection, Host, X-Real-IP, X-Forwarded-For/);
    assert.deepEqual(others, []);
  });

  it('names the line of a wrong value, and of proxy_pass for what is not there', () => {
    const text = but([UPGRADE, '']);
    assert.equal(explain(text)[0]?.line, good.slice(0, good.indexOf(PASS)).split('\n').length);
    const wrong = but([UPGRADE, 'proxy_set_header Upgrade "";']);
    assert.equal(explain(wrong)[0]?.line, good.slice(0, good.indexOf(UPGRADE)).split('\n').length);
  });
});
