/** Faults of proxies, made with the proxies that Debian has: the doctor names the cause, and the remedy in their words. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Code } from '../../src/doctor/catalogue.ts';
import type { ExamineOptions } from '../../src/doctor/examination.ts';
import { examine, type Report } from '../../src/doctor/examine.ts';
import { readTarget } from '../../src/doctor/target.ts';
import { Site } from '../doctor/site.ts';
import { freePort } from '../fixtures/free-port.ts';
import { tree } from '../fixtures/pki.ts';
import { ensure } from './debian.ts';
import {
  folder,
  type Ports,
  Running,
  startApache,
  startNginx,
  startSecureWorker,
  twoPorts,
} from './doctor-proxies.ts';

const SILENT = { began: (): void => undefined, ended: (): void => undefined };
const UPGRADE =
  'proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";';

/** What stands behind the proxies. */
interface Workers {
  readonly echo: number;
  readonly hanging: number;
  readonly down: number;
  /** TLS in the worker: usta's, and one that resets what is not TLS. */
  readonly usta: number;
  readonly resetting: number;
}

interface Case {
  readonly what: string;
  readonly path: string;
  readonly code: Code | undefined;
  /** In the remedy. */
  readonly says?: RegExp;
  readonly scheme?: 'ws' | 'wss' | 'https';
  readonly options?: ExamineOptions;
}

let site: Site;
let workers: Workers;
const running: Running[] = [];

before(async () => {
  ensure('nginx', 'apache2', 'haproxy', 'caddy');
  site = new Site();
  const usta = await freePort();
  running.push(await startSecureWorker(await folder(site.pair()), usta));
  workers = {
    echo: await site.echo(),
    hanging: await site.plain((stream) => stream.resume()),
    down: await freePort(),
    usta,
    resetting: await site.echo(site.pair()),
  };
});

after(async () => {
  await Promise.all(running.map((one) => one.stop()));
  await site?.close();
});

const NGINX: readonly Case[] = [
  { what: 'all is right, with HTTP/2 beside it', path: '/wss', code: undefined },
  {
    what: 'Upgrade is not passed',
    path: '/no-upgrade',
    code: 'upgrade-not-passed',
    says: /proxy_set_header Upgrade \$http_upgrade/,
  },
  { what: 'the worker is down', path: '/down', code: 'bad-gateway', says: /proxy_pass/ },
  {
    what: 'TLS on both layers, the worker resets',
    path: '/both',
    code: 'bad-gateway',
    says: /expects TLS: no ssl in the worker/,
  },
  {
    what: 'TLS on both layers, the worker is usta',
    path: '/both-usta',
    code: 'tls-on-both-layers',
    says: /proxy_pass https:/,
  },
  {
    what: 'the path is longer than that of location =',
    path: '/wss/more',
    code: 'path-not-found',
    says: /location = /,
  },
  { what: 'location has a slash at its end', path: '/folder', code: 'redirect-trailing-slash' },
  { what: 'the path leads to a page', path: '/page', code: 'ordinary-page', says: /location = \/page/ },
  { what: 'the worker hangs', path: '/hanging', code: 'gateway-timeout' },
  { what: 'an access rule', path: '/deny', code: 'forbidden' },
  {
    what: 'a list of origins',
    path: '/origins',
    code: 'origin-refused',
    options: { origin: 'https://other.example' },
  },
  { what: 'maintenance', path: '/maintenance', code: 'service-unavailable' },
  { what: 'a redirect to www', path: '/www', code: 'redirect' },
  {
    what: 'proxy_read_timeout',
    path: '/cut',
    code: 'idle-cut',
    says: /proxy_read_timeout/,
    options: { idle: 20 },
  },
  {
    what: 'ws:// to the port of TLS',
    path: '/wss',
    scheme: 'ws',
    code: 'tls-on-ws-port',
    says: /wss:\/\/shop\.example/,
  },
  { what: 'a page over https', path: '/page', scheme: 'https', code: undefined },
];

describe("usta doctor before Debian's nginx", () => {
  let ports: Ports;
  before(async () => {
    ports = await twoPorts();
    const directory = await folder(site.pair());
    running.push(await startNginx(directory, nginxServers(ports), ports));
  });

  for (const one of NGINX) it(`${one.code ?? 'nothing'}: ${one.what}`, () => check(one, ports.secure));

  it('redirect-to-tls: port 80 redirects to https', async () => {
    const one: Case = {
      what: '',
      path: '/wss',
      scheme: 'ws',
      code: 'redirect-to-tls',
      says: /use wss:\/\/shop\.example\/wss/,
    };
    await check(one, ports.plain);
  });

  it('plain-on-wss-port: wss:// to port 80', async () => {
    await check({ what: '', path: '/wss', code: 'plain-on-wss-port', says: /listen \d+ ssl/ }, ports.plain);
  });

  it('certificate-chain-incomplete: ssl_certificate is the leaf alone', async () => {
    const { leaf, root } = tree(['shop.example']);
    const own = await twoPorts();
    running.push(await startNginx(await folder(leaf), nginxServers(own), own));
    const report = await examined(
      { what: '', path: '/wss', code: undefined, options: { authorities: [root.cert] } },
      own.secure,
    );
    assert.equal(report.verdict?.code, 'certificate-chain-incomplete');
    assert.match(report.verdict?.cause.en ?? '', /“Test Lower”.*http:\/\/ca\.example\/lower\.crt/);
  });
});

const APACHE: readonly Case[] = [
  { what: 'all is right', path: '/wss', code: undefined },
  {
    what: 'Upgrade is not passed',
    path: '/no-upgrade',
    code: 'upgrade-not-passed',
    says: /upgrade=websocket/,
  },
  { what: 'the worker is down', path: '/down', code: 'service-unavailable', says: /ProxyPass/ },
  {
    what: 'TLS on both layers, the worker resets',
    path: '/both',
    code: 'bad-gateway',
    says: /no ssl in the worker/,
  },
  {
    what: 'TLS on both layers, the worker is usta',
    path: '/both-usta',
    code: 'tls-on-both-layers',
    says: /SSLProxyEngine/,
  },
  { what: 'no ProxyPass for the path', path: '/other', code: 'path-not-found', says: /ProxyPass/ },
  { what: 'ws:// to the port of TLS', path: '/wss', scheme: 'ws', code: 'tls-on-ws-port' },
  { what: 'the worker hangs', path: '/hanging', code: 'bad-gateway', says: /or hangs/ },
];

describe("usta doctor before Debian's Apache", () => {
  let secure: number;
  before(async () => {
    secure = await freePort();
    running.push(await startApache(await folder(site.pair()), apacheRules(), secure));
  });

  for (const one of APACHE) it(`${one.code ?? 'nothing'}: ${one.what}`, () => check(one, secure));
});

describe("usta doctor before Debian's HAProxy and Caddy", () => {
  it('service-unavailable: HAProxy, the worker is down', async () => {
    const port = await freePort();
    const directory = await folder(site.pair());
    const file = join(directory, 'haproxy.cfg');
    await writeFile(
      file,
      `defaults\n  mode http\n  timeout connect 1s\n  timeout client 5s\n  timeout server 5s\nfrontend f\n  bind 127.0.0.1:${port} ssl crt ${directory}/both.pem\n  default_backend b\nbackend b\n  server s 127.0.0.1:${workers.down}\n`,
    );
    running.push(await Running.start(['/usr/sbin/haproxy', '-db', '-f', file], { directory, ports: [port] }));
    await check({ what: '', path: '/wss', code: 'service-unavailable', says: /HAProxy/ }, port);
  });

  it('http2-only: HAProxy with alpn h2', async () => {
    const port = await freePort();
    const directory = await folder(site.pair());
    const file = join(directory, 'haproxy.cfg');
    await writeFile(
      file,
      `defaults\n  mode http\n  timeout connect 1s\n  timeout client 5s\n  timeout server 5s\nfrontend f\n  bind 127.0.0.1:${port} ssl crt ${directory}/both.pem proto h2 alpn h2\n  http-request return status 200\n`,
    );
    running.push(await Running.start(['/usr/sbin/haproxy', '-db', '-f', file], { directory, ports: [port] }));
    await check({ what: '', path: '/wss', code: 'http2-only', says: /alpn h2,http\/1\.1/ }, port);
  });

  it('bad-gateway: Caddy, the worker is down; tls-internal-error: another name', async () => {
    const port = await freePort();
    const directory = await folder(site.pair());
    const file = join(directory, 'Caddyfile');
    await writeFile(
      file,
      `{\n admin off\n auto_https disable_redirects\n storage file_system ${directory}/s\n}\nhttps://shop.example:${port} {\n bind 127.0.0.1\n tls ${directory}/cert.pem ${directory}/key.pem\n reverse_proxy 127.0.0.1:${workers.down}\n}\n`,
    );
    const words = ['/usr/bin/caddy', 'run', '--adapter', 'caddyfile', '--config', file];
    running.push(await Running.start(words, { directory, ports: [port], environment: { HOME: directory } }));
    await check({ what: '', path: '/wss', code: 'bad-gateway' }, port);
    const target = readTarget(`wss://absent.example:${port}/`);
    const report = await examine(target, { address: '127.0.0.1' }, SILENT);
    assert.equal(report.verdict?.code, 'tls-internal-error', JSON.stringify(report));
  });
});

async function check(one: Case, port: number): Promise<void> {
  const report = await examined(one, port);
  const seen = JSON.stringify(report, undefined, 1);
  assert.equal(report.verdict?.code, one.code, seen);
  if (one.says) assert.match(report.verdict?.remedy.en ?? '', one.says);
}

function examined({ path, scheme = 'wss', options = {} }: Case, port: number): Promise<Report> {
  const authorities = [site.authority.cert];
  const target = readTarget(`${scheme}://shop.example:${port}${path}`);
  return examine(target, { address: '127.0.0.1', authorities, ...options }, SILENT);
}

function nginxServers({ plain, secure }: Ports): string {
  const { echo, down, resetting, usta, hanging } = workers;
  const pass = (path: string, port: number, more = UPGRADE): string =>
    `location ${path} { ${more} proxy_pass http://127.0.0.1:${port}; }\n`;
  return `
    server { listen 127.0.0.1:${plain}; server_name shop.example; return 301 https://$host$request_uri; }
    server {
      listen 127.0.0.1:${secure} ssl http2; server_name shop.example;
      ${pass('= /wss', echo)}
      ${pass('/no-upgrade', echo, '')}
      ${pass('/down', down)}
      ${pass('/both', resetting)}
      ${pass('/both-usta', usta)}
      ${pass('/folder/', echo)}
      ${pass('/hanging', hanging, `${UPGRADE} proxy_read_timeout 1s;`)}
      ${pass('/cut', echo, `${UPGRADE} proxy_read_timeout 2s;`)}
      ${pass('/origins', echo, `if ($http_origin ~ other) { return 403; } ${UPGRADE}`)}
      location = /page { default_type text/html; return 200 '<title>Welcome</title>'; }
      location /deny { deny all; }
      location /maintenance { return 503; }
      location /www { return 302 https://www.shop.example/www; }
      location / { return 404; }
    }`;
}

function apacheRules(): string {
  const { echo, down, resetting, usta, hanging } = workers;
  return `
      ProxyPass /wss http://127.0.0.1:${echo}/wss upgrade=websocket
      ProxyPass /no-upgrade http://127.0.0.1:${echo}/
      ProxyPass /down http://127.0.0.1:${down}/ upgrade=websocket
      ProxyPass /both-usta http://127.0.0.1:${usta}/ upgrade=websocket
      ProxyPass /both http://127.0.0.1:${resetting}/ upgrade=websocket
      ProxyPass /hanging http://127.0.0.1:${hanging}/ timeout=1 upgrade=websocket
  `;
}
