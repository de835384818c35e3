/** What the explanations rest on, asked of the programs themselves: nginx -t, apache2 -t, openssl ciphers. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parseApache } from '../../src/front/explain/apache-parser.ts';
import { suiteNames } from '../../src/front/explain/cipher-list.ts';
import { parseNginx } from '../../src/front/explain/nginx-parser.ts';
import { runProgram } from '../../src/programs.ts';
import { testCertificate } from '../fixtures/certificate.ts';
import { fixture } from '../front/explain/cases.ts';
import { ensure } from './debian.ts';

const NGINX = [
  'manual-nginx',
  'good-nginx',
  'nginx-node-tutorial',
  'nginx-plain-proxy',
  'nginx-php-and-sockets',
];
const APACHE = ['manual-apache', 'good-apache', 'apache-rewrite', 'apache-old', 'apache-location'];
const MODULES = [
  ...[
    'mpm_event',
    'authz_core',
    'authz_host',
    'access_compat',
    'headers',
    'alias',
    'rewrite',
    'ssl',
    'socache_shmcb',
  ],
  ...['slotmem_shm', 'proxy', 'proxy_http', 'proxy_wstunnel', 'proxy_balancer', 'lbmethod_byrequests'],
];

let directory: string;
let certificate: { cert: string; key: string };

before(async () => {
  ensure('nginx', 'apache2', 'openssl');
  directory = await mkdtemp(join(tmpdir(), 'usta-explain-'));
  certificate = await testCertificate(['localhost']);
  await writeFile(join(directory, 'cert.pem'), certificate.cert);
  await writeFile(join(directory, 'key.pem'), certificate.key);
  for (const name of [
    'mime.types',
    'options-ssl-nginx.conf',
    'proxy_params',
    'fastcgi_params',
    'options-ssl-apache.conf',
  ]) {
    await writeFile(join(directory, name), '');
  }
});

after(() => rm(directory, { recursive: true }));

/** Certificates, included files and a user that are on this machine; nothing else is changed. */
function onThisMachine(text: string): string {
  return text
    .replaceAll(/\/\S+\/(mime\.types|options-ssl-\w+\.conf)/g, join(directory, '$1'))
    .replaceAll(
      /(?<=(?:ssl_certificate|SSLCertificate(?:Chain)?File)\s+)[^\s;]+/g,
      join(directory, 'cert.pem'),
    )
    .replaceAll(/(?<=(?:ssl_certificate_key|SSLCertificateKeyFile)\s+)[^\s;]+/g, join(directory, 'key.pem'))
    .replaceAll('/website/directory', directory);
}

/** What `nginx -t` says of a text, put into the place where it belongs; empty when it is content. */
async function nginx(text: string): Promise<string> {
  const site = join(directory, 'site.conf');
  const whole = /^http \{/m.test(text);
  await writeFile(site, onThisMachine(text));
  await writeFile(join(directory, 'nginx.conf'), `events {}\nhttp {\ninclude ${site};\n}\n`);
  const file = whole ? site : join(directory, 'nginx.conf');
  const words = ['-t', '-q', '-p', directory, '-c', file, '-g', `pid ${directory}/pid; error_log stderr;`];
  const { exitCode, errors } = await runProgram('nginx', words);
  return exitCode === 0 ? '' : errors;
}

async function apache(text: string): Promise<string> {
  const file = join(directory, 'apache.conf');
  const modules = MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`);
  const head = [
    `ServerRoot ${directory}`,
    'ServerName localhost',
    `ErrorLog ${directory}/log`,
    'Listen 127.0.0.1:1',
  ];
  await writeFile(file, [...head, ...modules, onThisMachine(text)].join('\n'));
  const { exitCode, errors } = await runProgram('apache2', ['-t', '-f', file]);
  return exitCode === 0 ? '' : errors;
}

describe('what nginx says of the fixtures', () => {
  for (const name of NGINX) {
    it(`${name}: content, as our parser is`, async () => {
      const text = fixture(`${name}.conf`).replace('  http2 on;\n', '');
      assert.equal(parseNginx(text).problem, undefined);
      assert.equal(await nginx(text), '');
    });
  }

  it('nginx-docker: the variable that no map sets keeps it from starting', async () => {
    assert.match(await nginx(fixture('nginx-docker.conf')), /unknown "connection_upgrade" variable/);
  });

  it('agrees where a text cannot be read, and on which line', async () => {
    const broken: [text: string, line: number][] = [
      ['server {\n  listen 1;\n}\n}\n', 4],
      ['server {\n  listen 1;\n  ;\n}\n', 3],
      ['server {\n  server_name "a"b;\n}\n', 2],
      ['server {\n  {\n  }\n}\n', 2],
    ];
    for (const [text, line] of broken) {
      assert.equal(parseNginx(text).problem?.line, line, text);
      assert.match(await nginx(text), new RegExp(`unexpected "[^\\n]+site\\.conf:${line}\\b`), text);
    }
    for (const text of [
      'server {\n listen 1;\n',
      'server {\n listen 1\n',
      'server {\n server_name "a;\n}\n',
    ]) {
      assert.ok(parseNginx(text).problem, text);
      assert.match(await nginx(text), /unexpected end of file/, text);
    }
  });

  it('agrees on a configuration that was cut anywhere', async () => {
    const text = fixture('manual-nginx.conf');
    for (let end = 7; end < text.length; end += 23) {
      const cut = text.slice(0, end);
      const said = await nginx(cut);
      const { problem } = parseNginx(cut);
      if (/unexpected (?:"|end of file)/.test(said)) assert.ok(problem, `${said}\n${cut}`);
      if (said === '') assert.equal(problem, undefined, cut);
    }
  });

  it('refuses what the rules call a fault that keeps nginx from starting', async () => {
    const site = (inside: string): string => `server { listen 127.0.0.1:1; ${inside} }`;
    assert.match(
      await nginx(site('location ~ /ws { proxy_pass http://127.0.0.1:1/; }')),
      /"proxy_pass" cannot have URI part/,
    );
    assert.match(
      await nginx(site('location /ws { if ($a) { proxy_set_header A b; } }')),
      /not allowed here|unknown/,
    );
    assert.match(await nginx('server { listen 127.0.0.1:1 ssl; }'), /no "ssl_certificate" is defined/);
    assert.equal(await nginx(site('location =/ws { proxy_pass http://127.0.0.1:1/; }')), '');
  });
});

describe('what Apache says of the fixtures', () => {
  for (const name of APACHE) {
    it(`${name}: content, as our parser is`, async () => {
      const text = fixture(`${name}.conf`);
      assert.equal(parseApache(text).problem, undefined);
      assert.equal(await apache(text), '');
    });
  }

  it('refuses upgrade= of a balancer, as the rule says', async () => {
    const said = await apache('ProxyPass /wss balancer://b/wss upgrade=websocket\n');
    assert.match(said, /unknown Balancer parameter/);
  });

  it('agrees where sections are not closed', async () => {
    const broken = [
      '<VirtualHost *:1>\n',
      '</VirtualHost>\n',
      '<IfModule a>\n</IfDefine>\n',
      '<IfModule a\n',
    ];
    for (const text of broken) {
      assert.ok(parseApache(text).problem, text);
      assert.notEqual(await apache(text), '', text);
    }
    for (const text of ['# a \\\n<Nothing>\n', 'timeOUT \\\n 5\n', '<IFMODULE a>\n</ifmodule>\n']) {
      assert.equal(parseApache(text).problem, undefined, text);
      assert.equal(await apache(text), '', text);
    }
  });
});

describe('what OpenSSL makes of lists of cipher suites', () => {
  const openssl = async (list: string): Promise<Set<string>> => {
    const { output } = await runProgram('openssl', ['ciphers', `${list}:@SECLEVEL=0`]);
    return new Set(
      output
        .trim()
        .split(':')
        .filter((name) => !name.startsWith('TLS_')),
    );
  };

  it('is what our table makes of them, for the suites that both know', async () => {
    const theirs = await openssl('ALL:COMPLEMENTOFALL');
    const ours = new Set(suiteNames('ALL:COMPLEMENTOFALL'));
    assert.ok([...theirs].filter((name) => ours.has(name)).length > 40);
    const manual = [
      'ALL:!ADH:!EXPORT56:RC4+RSA:+HIGH:+MEDIUM:+LOW:+SSLv2:+EXP',
      'HIGH:!RC4:!MD5:!aNULL:!eNULL:!NULL:!DH:!EDH:!EXP:+MEDIUM',
    ];
    const lists = [
      'HIGH',
      'HIGH:!aNULL:!MD5',
      'EECDH+AESGCM:EDH+AESGCM',
      'kRSA',
      'ECDHE:!SHA1',
      'AESGCM',
      'ALL:-CHACHA20',
    ];
    for (const list of [
      ...manual,
      ...lists,
      'eNULL',
      'aNULL',
      'HIGH:!kRSA:!SHA256:!SHA384',
      'AES128+SHA',
      'DSS:ECDSA',
    ]) {
      const expected = [...(await openssl(list))].filter((name) => ours.has(name)).sort();
      const got = suiteNames(list)
        .filter((name) => theirs.has(name))
        .sort();
      assert.deepEqual(got, expected, list);
    }
  });
});
