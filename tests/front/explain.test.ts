import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Dialect, explain } from '../../src/front/explain.ts';
import type { PlanOptions } from '../../src/front/plan.ts';
import { printed } from './configurations.ts';
import { codes, fixture } from './explain/cases.ts';

/** `line code` of everything found in a fixture. */
const found = (name: string): string[] => explain(fixture(name)).map(({ line, code }) => `${line} ${code}`);

describe("explain: the manual's own blocks", () => {
  it('names every fault of the nginx block, with its line', () => {
    assert.deepEqual(found('manual-nginx.conf'), [
      '5 ssl-on',
      '10 ssl-v3',
      '10 tls-old',
      '10 tls13-missing',
      '11 ciphers-broken',
      '11 ciphers-legacy',
      '13 location-prefix',
      '15 host-not-passed',
      '15 read-timeout-default',
      '18 connection-fixed',
      '19 forwarded-for-forgeable',
    ]);
  });

  it('names every fault of the Apache block, with its line', () => {
    assert.deepEqual(found('manual-apache.conf'), [
      '9 wstunnel',
      '9 host-not-passed',
      '9 real-ip-forgeable',
      '9 read-timeout-default',
      '13 tls-old',
      '15 ciphers-legacy',
      '22 chain-file-deprecated',
    ]);
  });

  it('says nothing of its two LoadModule lines', () => {
    assert.deepEqual(found('manual-apache-modules.conf'), []);
  });

  it('shows the directive, tells the cause and a remedy that can be typed', () => {
    const [ssl] = explain(fixture('manual-nginx.conf'));
    assert.equal(ssl?.severity, 'fault');
    assert.equal(ssl?.directive, 'ssl on');
    assert.match(ssl?.cause ?? '', /1\.25\.1.*unknown directive "ssl"/);
    assert.match(ssl?.remedy ?? '', /listen 443 ssl;/);
    const tunnel = explain(fixture('manual-apache.conf'))[0];
    assert.equal(tunnel?.directive, 'ProxyPass /wss ws://127.0.0.1:8282/wss');
    assert.match(tunnel?.remedy ?? '', /upgrade=websocket/);
  });
});

describe('explain: good configurations', () => {
  it('yield nothing', () => {
    assert.deepEqual(found('good-nginx.conf'), []);
    assert.deepEqual(found('good-apache.conf'), []);
  });

  it('yield nothing when they are our own', () => {
    const two = ['127.0.0.1:8282', '127.0.0.1:8283'];
    const every: Partial<PlanOptions>[] = [
      ...[{}, { http2: true }, { upstreams: two }, { upstreams: ['10.0.0.5:8282'] }, { path: '/' }],
      ...[{ path: '/chat' }, { port: 8443 }, { plainPort: 0 }],
    ];
    for (const proxy of ['nginx', 'apache']) {
      for (const options of every) {
        assert.deepEqual(codes(printed(proxy, options)), [], `${proxy} ${JSON.stringify(options)}`);
      }
    }
    assert.deepEqual(codes(printed('nginx', { version: '1.22.1' })), []);
    assert.deepEqual(codes(printed('nginx', { proxyProtocol: true })), []);
  });
});

describe('explain: what people paste', () => {
  it('nginx: a Node application, as tutorials write it', () => {
    assert.deepEqual(found('nginx-node-tutorial.conf'), [
      '3 plain-only',
      '7 client-address-missing',
      '7 read-timeout-default',
      '7 upstream-localhost',
      '10 connection-fixed',
    ]);
  });

  it('nginx: a proxy without a thought of WebSockets, with certbot and proxy_params', () => {
    assert.deepEqual(found('nginx-plain-proxy.conf'), [
      '3 http2-listen',
      '11 upgrade-not-passed',
      '11 proxy-http-version',
      '11 read-timeout-default',
    ]);
  });

  it('nginx: sockets beside PHP, headers of the server lost in the location', () => {
    assert.deepEqual(found('nginx-php-and-sockets.conf'), [
      '9 tls13-missing',
      '10 ciphers-legacy',
      '26 headers-not-inherited',
      '27 connection-fixed',
      '28 read-timeout-short',
    ]);
  });

  it('nginx: the whole file of a Socket.IO cluster that believes everybody', () => {
    assert.deepEqual(found('nginx-socketio-cluster.conf'), [
      '9 keepalive-lost',
      '13 sticky-missing',
      '19 real-ip-from-all',
      '30 limit-conn-low',
      '37 address-from-client',
    ]);
  });

  it('nginx: in a container, with a name in a variable', () => {
    assert.deepEqual(found('nginx-docker.conf'), [
      '3 listen-443-plain',
      '6 location-prefix',
      '8 proxy-http-version',
      '8 host-not-passed',
      '8 client-address-missing',
      '8 read-timeout-default',
      '8 resolver-missing',
      '10 map-missing',
      '11 origin-overwritten',
    ]);
  });

  it('Apache: a rewrite rule for sockets beside ProxyPass', () => {
    assert.deepEqual(found('apache-rewrite.conf'), [
      '11 host-not-passed',
      '11 real-ip-forgeable',
      '11 read-timeout-default',
      '11 upstream-localhost',
    ]);
  });

  it('Apache: carried over from 2.2', () => {
    assert.deepEqual(found('apache-old.conf'), [
      '5 ssl-v3',
      '5 tls-old',
      '6 ciphers-broken',
      '6 ciphers-legacy',
      '9 chain-file-deprecated',
      '11 open-proxy',
      '13 access-compat',
      '17 proxypass-host-glued',
      '18 wstunnel',
      '18 proxypass-order',
      '18 proxypass-slash',
      '18 real-ip-forgeable',
      '19 real-ip-null',
      '20 read-timeout-short',
    ]);
  });

  it('Apache: sections, a balancer, a line that goes on', () => {
    assert.deepEqual(found('apache-location.conf'), [
      '6 tls12-missing',
      '15 sticky-missing',
      '18 address-from-client',
    ]);
  });

  it('says nothing of buffering, gzip, proxy_redirect and keepalive_timeout, which wss does not feel', () => {
    const text = fixture('good-nginx.conf');
    for (const word of ['proxy_buffering off', 'gzip ', 'proxy_redirect off', 'keepalive_timeout']) {
      assert.ok(text.includes(word), word);
    }
  });

  it('reads a location alone', () => {
    assert.deepEqual(codes('location /ws {\n  proxy_pass http://127.0.0.1:1;\n}\n'), [
      'location-prefix',
      'upgrade-not-passed',
      'proxy-http-version',
      'host-not-passed',
      'client-address-missing',
      'read-timeout-default',
    ]);
  });

  it('notes a Lua block as not read', () => {
    const text = 'server {\n  location /ws {\n    content_by_lua_block { ngx.say("}") }\n  }\n}\n';
    assert.deepEqual(
      explain(text).map(({ line, code }) => `${line} ${code}`),
      ['3 lua-not-read'],
    );
  });
});

describe('explain: what cannot be read', () => {
  it('is one clear finding', () => {
    const nginx = fixture('manual-nginx.conf').replace(/}\s*$/, '');
    const [first, ...others] = explain(nginx);
    assert.deepEqual([first?.code, first?.severity, first?.line, others.length], ['syntax', 'fault', 1, 0]);
    assert.match(first?.cause ?? '', /the block of "server" is not closed/);
    const apache = explain(fixture('good-apache.conf').replace(/<\/VirtualHost>\s*$/, ''));
    assert.deepEqual(
      apache.map(({ code, line }) => [code, line]),
      [['syntax', 6]],
    );
  });

  it('is refused when it is neither nginx nor Apache', () => {
    assert.throws(() => explain('frontend wss\n  bind *:443 ssl crt a.pem\n'), { code: 'E_DIALECT' });
  });

  it('brings no control characters to the terminal', () => {
    const text =
      'location /ws\u001b[31m {\n proxy_pass "http://localhost:1/\u001b]0;a\u0007\u009b";\n ssl on\u202e;\n}';
    for (const one of explain(text, 'nginx')) {
      assert.doesNotMatch(`${one.directive}${one.cause}${one.remedy}`, /\p{C}/u);
    }
  });
});

const DIALECTS: readonly Dialect[] = ['nginx', 'apache'];
const MIB = 1_048_576;

describe('explain: hostile input', () => {
  const hostile: Record<string, string> = {
    'braces that open': '{'.repeat(MIB),
    'blocks that open': 'a{'.repeat(MIB / 2),
    'braces that close': '}'.repeat(MIB),
    NUL: '\0'.repeat(MIB),
    'one quote': `a "${'\\'.repeat(MIB)}`,
    'one line': `proxy_pass ${'a'.repeat(MIB)};`,
    'dots and slashes': `ProxyPass ${'/.'.repeat(MIB / 2)} http://a/`,
    sections: '<a>\n'.repeat(MIB / 4),
    'continued lines': '\\\n'.repeat(MIB / 2),
    'Lua brackets': `x_by_lua_block {${'[='.repeat(MIB / 2)}`,
    ciphers: `ssl_ciphers ${'RC4+SHA:'.repeat(MIB / 8)};`,
    locations: 'location /ws{proxy_pass http://a;}'.repeat(MIB / 34),
    'locations under headers': `${'proxy_set_header a b;'.repeat(25_000)}${'location /ws{proxy_pass http://a;}'.repeat(15_000)}`,
    'locations under limits': `${'limit_conn a 1;set $b c;include d;'.repeat(15_000)}${'location /ws{proxy_pass http://$b;}'.repeat(15_000)}`,
    'locations under a map': `map $http_upgrade $m {${'a b;'.repeat(100_000)}}${'location /ws{proxy_pass http://a;proxy_set_header Connection $m;}'.repeat(9_000)}`,
    'many ProxyPass': 'ProxyPass /a/b/c/d http://a/\n'.repeat(MIB / 30),
    'ProxyPass and headers': `${'RequestHeader set X-Real-IP a\nInclude b\n'.repeat(12_000)}${'ProxyPass /ws http://a/\n'.repeat(20_000)}`,
    hosts: `${'RequestHeader set X-Real-IP a\n'.repeat(15_000)}${'<VirtualHost *:443>\nProxyPass /ws http://a/\n</VirtualHost>\n'.repeat(9_000)}`,
    balancers: `${'<Proxy balancer://a>\nBalancerMember http://b\n</Proxy>\n'.repeat(9_000)}${'ProxyPass /socket.io balancer://a\n'.repeat(15_000)}`,
    timeouts: `proxy_read_timeout ${'1h'.repeat(MIB / 2)};location /ws{proxy_pass http://a;}`,
  };

  for (const dialect of DIALECTS) {
    for (const [name, text] of Object.entries(hostile)) {
      it(`is read in time, as ${dialect}: ${name}`, () => {
        const started = performance.now();
        const lines = text.split('\n').length;
        for (const { line, directive } of explain(text, dialect)) {
          assert.ok(line >= 1 && line <= lines);
          assert.ok(directive.length <= 120);
        }
        assert.ok(performance.now() - started < 15_000);
      });
    }
  }

  it('never throws, and keeps its lines within the file', () => {
    const words = [
      ...[
        'server',
        'location',
        'if',
        'map',
        '$http_upgrade',
        '$u',
        'upstream',
        'proxy_pass',
        'http://u/a',
        '=',
        '~',
      ],
      ...[
        'proxy_set_header',
        'Connection',
        'Upgrade',
        'ssl',
        'on',
        '/ws',
        'listen',
        '443',
        'return',
        '301',
        'include',
      ],
      ...[
        '{',
        '}',
        ';',
        '"',
        "'",
        '\\',
        '#',
        '\n',
        '\n',
        ' ',
        ' ',
        '\0',
        '\u2028',
        '<',
        '>',
        '</',
        '!',
        'x_by_lua_block',
      ],
      ...[
        'ProxyPass',
        'VirtualHost',
        'RewriteRule',
        '[P]',
        'ws://',
        'balancer://u',
        'RequestHeader',
        'Location',
        '*:443',
      ],
    ];
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.array(fc.constantFrom(...words), { maxLength: 120 }).map((parts) => parts.join(' ')),
      fc.array(fc.constantFrom(...words), { maxLength: 120 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(
        text,
        fc.constantFrom(...DIALECTS),
        fc.option(fc.constant('/ws'), { nil: undefined }),
        (given, dialect, path) => {
          const lines = given.split('\n').length;
          const before = explain(given, dialect, path === undefined ? {} : { path, read: () => given });
          let last = 1;
          for (const { line } of before) {
            assert.ok(line >= last && line <= lines);
            last = line;
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('never throws on a real configuration that was damaged', () => {
    const names = [
      'manual-nginx.conf',
      'nginx-socketio-cluster.conf',
      'apache-old.conf',
      'apache-location.conf',
    ];
    const cut = fc.record({
      at: fc.nat(1_500),
      length: fc.nat(40),
      put: fc.constantFrom('', '{', '}', '"', '\n', '<', '\\'),
    });
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.array(cut, { maxLength: 4 }), (name, cuts) => {
        let text = fixture(name);
        for (const { at, length, put } of cuts) text = text.slice(0, at) + put + text.slice(at + length);
        const lines = text.split('\n').length;
        for (const { line } of explain(text, name.startsWith('apache') ? 'apache' : 'nginx')) {
          assert.ok(line >= 1 && line <= lines);
        }
      }),
      { numRuns: 200 },
    );
  });
});
