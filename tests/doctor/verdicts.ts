import type { TlsOptions } from 'node:tls';
import type { Code } from '../../src/doctor/catalogue.ts';
import type { ExamineOptions } from '../../src/doctor/examination.ts';
import { freePort } from '../fixtures/free-port.ts';
import { make, rsaKey, tree } from '../fixtures/pki.ts';
import { answering, type Conduct, nginxPage, opening, type Pair, page, type Site } from './site.ts';

/** What is examined. */
export interface Asked {
  readonly url: string;
  readonly options?: ExamineOptions;
}

/** One set-up that is broken in one way, and the cause that the doctor must name. */
export interface Fixture {
  readonly code: Code;
  /** How it is set up, as a person would say it. */
  readonly setUp: string;
  /** True for what is seen besides and is no fault by itself. */
  readonly also?: boolean;
  arrange(site: Site): Promise<Asked>;
}

const DAY = 86_400_000;
const NGINX = ['Server: nginx/1.22.1'];
const APACHE = ['Server: Apache/2.4.65 (Debian)'];
const CLOUDFLARE = ['Server: cloudflare', 'CF-RAY: 8f0c3e1d2a3b4c5d-FRA'];
const SOON = { timeout: 1 };

/** The ten that people meet most, most frequent first. */
const COMMONEST: readonly Fixture[] = [
  {
    code: 'port-filtered',
    setUp: 'a firewall drops what comes to the port',
    arrange: async (site) => ({ url: `wss://127.0.0.1:${await site.filtered()}/`, options: SOON }),
  },
  {
    code: 'port-refused',
    setUp: 'the port in the URL is not that of the service',
    arrange: async () => ({ url: `wss://127.0.0.1:${await freePort()}/` }),
  },
  {
    code: 'plain-on-wss-port',
    setUp: 'wss:// to the port of a WebSocket server without TLS',
    arrange: async (site) => ({ url: `wss://127.0.0.1:${await site.echo()}/` }),
  },
  {
    code: 'certificate-chain-incomplete',
    setUp: 'cert.pem is served in place of fullchain.pem',
    async arrange(site) {
      const { root, leaf } = tree(['shop.example']);
      return shop(await site.echo(leaf), [root.cert]);
    },
  },
  {
    code: 'certificate-wrong-name',
    setUp: 'the certificate is that of another site',
    arrange: async (site) =>
      shop(await site.echo(site.pair({ names: ['other.example'] })), [site.authority.cert]),
  },
  {
    code: 'certificate-expired',
    setUp: 'the certificate was not renewed',
    arrange: async (site) => shop(await site.echo(site.pair({ from: -90, to: -2 })), [site.authority.cert]),
  },
  {
    code: 'upgrade-not-passed',
    setUp: 'nginx without proxy_set_header Upgrade: the worker answers 426 to a plain GET',
    arrange: (site) => behindTls(site, page('426 Upgrade Required', 'Upgrade Required', NGINX)),
  },
  {
    code: 'bad-gateway',
    setUp: 'nginx runs, the worker behind it does not',
    arrange: (site) => behindTls(site, page('502 Bad Gateway', nginxPage('502 Bad Gateway'), NGINX)),
  },
  {
    code: 'idle-cut',
    setUp: 'a proxy cuts idle connections (60 s in nginx; 1 s here)',
    async arrange(site) {
      const port = await site.plain(opening(ponging(() => undefined, 1000)));
      return { url: `ws://127.0.0.1:${port}/`, options: { idle: 20 } };
    },
  },
  {
    code: 'bound-to-loopback',
    setUp: 'the worker listens on 127.0.0.1 and is asked on another address of the machine',
    async arrange(site) {
      return { url: `ws://127.0.0.2:${await site.echo()}/` };
    },
  },
];

const ADDRESSES: readonly Fixture[] = [
  {
    code: 'mixed-content',
    setUp: 'a page on https opens ws://',
    arrange: async () => ({
      url: 'ws://192.0.2.1/',
      options: { ...SOON, address: '127.0.0.1', page: 'https://shop.example/' },
    }),
  },
  {
    code: 'plain-websocket',
    setUp: 'ws:// to a public host',
    also: true,
    arrange: async (site) => shop(await site.echo(), [], 'ws'),
  },
  {
    code: 'wechat-plain',
    setUp: 'a mini program connects to ws://',
    arrange: async (site) => shop(await site.echo(), [], 'ws', { client: 'wechat' }),
  },
  {
    code: 'wechat-address',
    setUp: 'a mini program connects to an IP address',
    arrange: async (site) => ({
      url: `wss://127.0.0.1:${await site.echo(site.pair())}/`,
      options: { client: 'wechat' },
    }),
  },
  {
    code: 'wechat-port',
    setUp: 'a mini program connects to port 8443',
    arrange: async (site) => shop(await site.echo(site.pair()), [], 'wss', { client: 'wechat' }),
  },
  {
    code: 'name-unknown',
    setUp: 'the name is not in DNS',
    arrange: (site) => named(site, 'unknown'),
  },
  {
    code: 'name-without-address',
    setUp: 'the name has neither an A nor an AAAA record',
    arrange: (site) => named(site, []),
  },
  {
    code: 'name-no-answer',
    setUp: 'the name servers of the domain fail',
    arrange: (site) => named(site, 'failure'),
  },
  {
    code: 'name-no-answer',
    setUp: 'no name server answers',
    arrange: (site) => named(site, 'silence'),
  },
  {
    code: 'host-unreachable',
    setUp: 'there is no route to the address',
    arrange: async () => ({ url: 'wss://shop.example/', options: { address: '224.0.0.1' } }),
  },
  {
    code: 'connection-failed',
    setUp: 'a link-local address without its interface',
    arrange: async () => ({ url: 'wss://shop.example/', options: { address: 'fe80::1' } }),
  },
  {
    code: 'address-fails',
    setUp: 'one of two addresses of the name refuses',
    also: true,
    async arrange(site) {
      const nameServers = [await site.names(['127.0.0.2', '127.0.0.1'])];
      return { url: `ws://shop.example:${await site.echo()}/`, options: { nameServers } };
    },
  },
];

const HANDSHAKES: readonly Fixture[] = [
  {
    code: 'plain-on-wss-port',
    setUp: 'wss:// to a plain server that closes without a word when it sees TLS',
    async arrange(site) {
      const port = await site.plain((stream) => {
        stream.once('data', (bytes: Buffer) => {
          if (bytes[0] === 0x16) stream.destroy();
          else stream.end('HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n');
        });
      });
      return { url: `wss://127.0.0.1:${port}/` };
    },
  },
  {
    code: 'other-service',
    setUp: 'the port is that of SSH',
    async arrange(site) {
      const port = await site.plain((stream) => stream.write('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'));
      return { url: `wss://127.0.0.1:${port}/` };
    },
  },
  {
    code: 'other-service',
    setUp: 'ws:// to the port of Redis',
    async arrange(site) {
      const port = await site.plain(answering("-ERR wrong number of arguments for 'get' command\r\n"));
      return { url: `ws://127.0.0.1:${port}/` };
    },
  },
  {
    code: 'tls-version',
    setUp: 'the server has TLS 1.1 and nothing newer',
    arrange: (site) => alerting(site, 70),
  },
  {
    code: 'tls-no-common-cipher',
    setUp: 'its list of ciphers has none that clients have',
    async arrange(site) {
      const options = {
        ...site.pair({ privateKey: rsaKey(2048) }),
        ciphers: 'AES128-SHA',
        maxVersion: 'TLSv1.2',
      } as const;
      return {
        url: `wss://127.0.0.1:${await site.secure({ ...options, ciphers: 'PSK' }, () => undefined)}/`,
      };
    },
  },
  {
    code: 'tls-unknown-name',
    setUp: 'the server has no certificate for this name',
    arrange: (site) => alerting(site, 112),
  },
  {
    code: 'tls-internal-error',
    setUp: 'the certificate of this name cannot be loaded',
    arrange: (site) => alerting(site, 80),
  },
  {
    code: 'tls-alert',
    setUp: 'a filter ends the handshake with access_denied',
    arrange: (site) => alerting(site, 49),
  },
  {
    code: 'client-certificate-required',
    setUp: 'every client must have a certificate (TLS 1.3)',
    arrange: (site) => clientCertificate(site, {}),
  },
  {
    code: 'client-certificate-required',
    setUp: 'every client must have a certificate (TLS 1.2)',
    arrange: (site) => clientCertificate(site, { maxVersion: 'TLSv1.2' }),
  },
  {
    code: 'client-certificate-required',
    setUp: 'nginx with ssl_verify_client on',
    arrange: (site) =>
      behindTls(site, page('400 Bad Request', nginxPage('400 No required SSL certificate was sent'), NGINX)),
  },
  {
    code: 'http2-only',
    setUp: 'the server offers HTTP/2 only',
    arrange: async (site) => shop(await site.http2(site.pair()), [site.authority.cert]),
  },
  {
    code: 'http2-only',
    setUp: 'the server speaks HTTP/2 whatever is offered',
    arrange: (site) => behindTls(site, answering(Buffer.from('000006040000000000000300000064', 'hex'))),
  },
  {
    code: 'handshake-too-large',
    setUp: 'the chain file holds a whole list of authorities',
    async arrange(site) {
      const { cert, key } = site.pair();
      const ballast = make({
        name: 'Ballast',
        authority: true,
        by: site.authority,
        issuerUrl: `http://ca.example/${'a'.repeat(400)}`,
      });
      return shop(await site.echo({ cert: cert + ballast.cert.repeat(120), key }), [site.authority.cert]);
    },
  },
  {
    code: 'tls-closed',
    setUp: 'the key cannot be loaded: the server closes during the handshake',
    arrange: async (site) => ({
      url: `wss://127.0.0.1:${await site.plain((stream) => stream.once('data', () => stream.destroy()))}/`,
    }),
  },
  {
    code: 'tls-silent',
    setUp: 'the process behind the port is stopped',
    arrange: async (site) => ({
      url: `wss://127.0.0.1:${await site.plain(() => undefined)}/`,
      options: SOON,
    }),
  },
  {
    code: 'tls12-missing',
    setUp: 'TLS 1.3 only',
    also: true,
    arrange: async (site) =>
      shop(await site.echo({ ...site.pair(), minVersion: 'TLSv1.3' }), [site.authority.cert]),
  },
  {
    code: 'wechat-tls12',
    setUp: 'TLS 1.3 only, and a mini program connects',
    also: true,
    arrange: async (site) =>
      shop(await site.echo({ ...site.pair(), minVersion: 'TLSv1.3' }), [], 'wss', { client: 'wechat' }),
  },
];

const CERTIFICATES: readonly Fixture[] = [
  {
    code: 'certificate-not-yet-valid',
    setUp: 'the certificate begins next week',
    arrange: async (site) => shop(await site.echo(site.pair({ from: 7, to: 60 })), [site.authority.cert]),
  },
  {
    code: 'certificate-self-signed',
    setUp: 'a self-signed certificate',
    arrange: async (site) => shop(await site.echo(make({ name: 'shop.example' })), []),
  },
  {
    code: 'certificate-unknown-authority',
    setUp: 'a certificate of an authority of one’s own, sent with it',
    async arrange(site) {
      const { cert, key } = site.pair();
      return shop(await site.echo({ cert: cert + site.authority.cert, key }), []);
    },
  },
  {
    code: 'certificate-unknown-authority',
    setUp: 'an authority that this machine trusts (--ca) and mini programs do not',
    also: true,
    async arrange(site) {
      const { cert, key } = site.pair();
      const port = await site.echo({ cert: cert + site.authority.cert, key });
      return shop(port, [site.authority.cert], 'wss', { client: 'wechat' });
    },
  },
  {
    code: 'certificate-chain-order',
    setUp: 'the intermediates are in the wrong order',
    also: true,
    async arrange(site) {
      const { root, upper, lower, leaf } = tree(['shop.example']);
      return shop(await site.echo({ cert: leaf.cert + upper.cert + lower.cert, key: leaf.key }), [root.cert]);
    },
  },
  {
    code: 'certificate-weak-key',
    setUp: 'an RSA key of 1024 bits',
    async arrange(site) {
      const pair = site.pair({ privateKey: rsaKey(1024) });
      return shop(await site.echo({ ...pair, ciphers: 'DEFAULT:@SECLEVEL=0' }), [site.authority.cert]);
    },
  },
  {
    code: 'certificate-weak-signature',
    setUp: 'a certificate that was signed with SHA-1',
    async arrange(site) {
      const pair = site.pair({ hash: 'sha1' });
      return shop(await site.echo({ ...pair, ciphers: 'DEFAULT:@SECLEVEL=0' }), [site.authority.cert]);
    },
  },
  {
    code: 'certificate-not-for-servers',
    setUp: 'a certificate for clients is served',
    arrange: async (site) =>
      shop(await site.echo(site.pair({ purposes: ['1.3.6.1.5.5.7.3.2'] })), [site.authority.cert]),
  },
  {
    code: 'certificate-expires-soon',
    setUp: 'the certificate has five days left',
    also: true,
    arrange: async (site) => shop(await site.echo(site.pair({ to: 5 })), [site.authority.cert]),
  },
  {
    code: 'clock-wrong',
    setUp: 'the clock of this machine is two years behind',
    async arrange(site) {
      const clock = (): Date => new Date(Date.now() - 730 * DAY);
      const dated: Conduct = answering(
        `HTTP/1.1 426 Upgrade Required\r\nDate: ${new Date().toUTCString()}\r\nContent-Length: 0\r\n\r\n`,
      );
      return shop(await site.secure(site.pair(), dated), [site.authority.cert], 'wss', { clock });
    },
  },
  {
    code: 'clock-skew',
    setUp: 'the clock of this machine is ten minutes fast',
    also: true,
    async arrange(site) {
      const clock = (): Date => new Date(Date.now() + 600_000);
      const dated = [`Date: ${new Date().toUTCString()}`];
      return shop(await site.secure(site.pair(), opening(ponging(), dated)), [site.authority.cert], 'wss', {
        clock,
      });
    },
  },
];

const ANSWERS: readonly Fixture[] = [
  {
    code: 'tls-on-ws-port',
    setUp: 'ws:// to the wss port of a server that resets (as Node and PHP do)',
    arrange: async (site) => ({ url: `ws://127.0.0.1:${await site.echo(site.pair())}/` }),
  },
  {
    code: 'tls-on-ws-port',
    setUp: 'ws:// to port 443 of nginx',
    async arrange(site) {
      const text = nginxPage('400 The plain HTTP request was sent to HTTPS port');
      return { url: `ws://127.0.0.1:${await site.plain(page('400 Bad Request', text, NGINX))}/` };
    },
  },
  {
    code: 'tls-on-both-layers',
    setUp: 'the proxy speaks plain HTTP to a usta worker with TLS',
    arrange: (site) =>
      behindTls(site, page('400 Bad Request', 'this port speaks TLS; use wss://127.0.0.1:8282/', NGINX)),
  },
  {
    code: 'tls-on-both-layers',
    setUp: 'the proxy hands on the TLS alert of the worker',
    arrange: (site) =>
      behindTls(
        site,
        answering(
          Buffer.concat([
            Buffer.from('HTTP/1.1 200 OK\r\nServer: nginx\r\n\r\n'),
            Buffer.from('15030100020246', 'hex'),
          ]),
        ),
      ),
  },
  {
    code: 'redirect-to-tls',
    setUp: 'port 80 redirects to https',
    async arrange(site) {
      const port = await site.plain(
        page('301 Moved Permanently', '', [...NGINX, 'Location: https://shop.example/wss']),
      );
      return { url: `ws://shop.example:${port}/wss`, options: { address: '127.0.0.1' } };
    },
  },
  {
    code: 'redirect-trailing-slash',
    setUp: 'the path is a folder to the proxy: /wss becomes /wss/',
    arrange: (site) =>
      behindTls(site, page('301 Moved Permanently', '', [...NGINX, 'Location: https://shop.example/wss/'])),
  },
  {
    code: 'redirect',
    setUp: 'the name redirects to www',
    arrange: (site) =>
      behindTls(site, page('308 Permanent Redirect', '', ['Location: https://www.shop.example/wss'])),
  },
  {
    code: 'redirect',
    setUp: 'an https:// URL that redirects, as pages may',
    also: true,
    async arrange(site) {
      const conduct = page('302 Found', '', ['Location: https://shop.example/login']);
      return shop(await site.secure(site.pair(), conduct), [site.authority.cert], 'https');
    },
  },
  {
    code: 'ordinary-page',
    setUp: 'the path leads to the web site',
    arrange: (site) =>
      behindTls(site, page('200 OK', '<title>Welcome</title>', [...NGINX, 'Content-Type: text/html'])),
  },
  {
    code: 'upgrade-not-passed',
    setUp: 'the worker is Workerman: 400 with Sec-WebSocket-Version',
    arrange: (site) => behindTls(site, page('400 Bad Request', '', [...NGINX, 'Sec-WebSocket-Version: 13'])),
  },
  {
    code: 'upgrade-not-passed',
    setUp: 'the worker is Python’s websockets: 426 behind Apache',
    arrange: (site) =>
      behindTls(
        site,
        page(
          '426 Upgrade Required',
          'Failed to open a WebSocket connection: invalid Connection header: keep-alive.',
          APACHE,
        ),
      ),
  },
  {
    code: 'bad-request',
    setUp: 'the request is too large for the server',
    arrange: (site) =>
      behindTls(site, page('400 Bad Request', nginxPage('400 Request Header Or Cookie Too Large'), NGINX)),
  },
  {
    code: 'path-not-found',
    setUp: 'the path in the URL is wrong',
    arrange: (site) => behindTls(site, page('404 Not Found', nginxPage('404 Not Found'), NGINX)),
  },
  {
    code: 'method-not-allowed',
    setUp: 'the path takes forms only',
    arrange: (site) => behindTls(site, page('405 Method Not Allowed', '', ['Allow: POST'])),
  },
  {
    code: 'websocket-only',
    setUp: 'an https:// URL where WebSocket is served',
    also: true,
    arrange: async (site) => shop(await site.echo(site.pair()), [site.authority.cert], 'https'),
  },
  {
    code: 'unexpected-status',
    setUp: 'a teapot',
    arrange: (site) => behindTls(site, page('418 I’m a teapot', 'short and stout')),
  },
  {
    code: 'not-http',
    setUp: 'the server ends its header lines with LF alone',
    arrange: (site) => behindTls(site, answering('HTTP/1.1 101 Switching Protocols\nUpgrade: websocket\n\n')),
  },
  {
    code: 'answer-endless',
    setUp: 'headers without an end',
    arrange: (site) =>
      behindTls(site, answering(`HTTP/1.1 101 Switching Protocols\r\n${'Set-Cookie: a=b\r\n'.repeat(9000)}`)),
  },
  {
    code: 'no-answer',
    setUp: 'the application hangs',
    arrange: async (site) => ({
      url: `wss://127.0.0.1:${await site.secure(site.pair(), (stream) => stream.resume())}/`,
      options: { ...SOON, authorities: [site.authority.cert] },
    }),
  },
  {
    code: 'closed-without-answer',
    setUp: 'the application crashes on the request',
    arrange: (site) => behindTls(site, (stream) => stream.once('data', () => stream.destroy())),
  },
];

const REFUSALS: readonly Fixture[] = [
  {
    code: 'unauthorized',
    setUp: 'auth_basic covers the path',
    arrange: (site) =>
      behindTls(site, page('401 Unauthorized', '', [...NGINX, 'WWW-Authenticate: Basic realm="closed"'])),
  },
  {
    code: 'forbidden',
    setUp: 'a rule of access by address',
    arrange: (site) => behindTls(site, page('403 Forbidden', nginxPage('403 Forbidden'), NGINX)),
  },
  {
    code: 'forbidden-by-network',
    setUp: 'a rule of Cloudflare against bots',
    arrange: (site) => behindTls(site, page('403 Forbidden', '<title>Just a moment...</title>', CLOUDFLARE)),
  },
  {
    code: 'origin-refused',
    setUp: 'the page’s origin is not on the server’s list',
    async arrange(site) {
      const port = await site.echo(site.pair(), {
        verifyClient: ({ origin }, done) => done(!/other/.test(origin ?? ''), 403),
      });
      return shop(port, [site.authority.cert], 'wss', { origin: 'https://other.example' });
    },
  },
  {
    code: 'origin-required',
    setUp: 'the server lets browsers in only',
    async arrange(site) {
      const port = await site.echo(site.pair(), {
        verifyClient: ({ origin }, done) => done(origin !== undefined, 403),
      });
      return shop(port, [site.authority.cert]);
    },
  },
  {
    code: 'too-many-requests',
    setUp: 'limit_req is used up',
    arrange: (site) => behindTls(site, page('429 Too Many Requests', '', [...NGINX, 'Retry-After: 30'])),
  },
  {
    code: 'server-error',
    setUp: 'the application throws while it opens the WebSocket',
    arrange: (site) => behindTls(site, page('500 Internal Server Error', 'TypeError: there is no user')),
  },
  {
    code: 'service-unavailable',
    setUp: 'HAProxy finds no server up',
    arrange: (site) =>
      behindTls(
        site,
        page(
          '503 Service Unavailable',
          '<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n',
        ),
      ),
  },
  {
    code: 'gateway-timeout',
    setUp: 'the worker behind nginx hangs',
    arrange: (site) =>
      behindTls(site, page('504 Gateway Time-out', nginxPage('504 Gateway Time-out'), NGINX)),
  },
  {
    code: 'network-origin-error',
    setUp: 'Cloudflare cannot reach the server (521)',
    arrange: (site) => behindTls(site, page('521 Web server is down', 'error code: 521', CLOUDFLARE)),
  },
];

const SOCKETS: readonly Fixture[] = [
  {
    code: 'upgrade-fields-missing',
    setUp: 'a 101 without Upgrade and Connection',
    arrange: (site) => behindTls(site, answering('HTTP/1.1 101 Switching Protocols\r\n\r\n')),
  },
  {
    code: 'accept-key-wrong',
    setUp: 'a fixed Sec-WebSocket-Accept',
    arrange: (site) =>
      behindTls(
        site,
        answering(
          'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
        ),
      ),
  },
  {
    code: 'subprotocol-unoffered',
    setUp: 'the server chooses mqtt, and nothing was offered',
    arrange: (site) => behindTls(site, opening(ponging(), ['Sec-WebSocket-Protocol: mqtt'])),
  },
  {
    code: 'subprotocol-missing',
    setUp: 'the client asks for chat, the server ignores it',
    async arrange(site) {
      const port = await site.secure(site.pair(), opening(ponging()));
      return shop(port, [site.authority.cert], 'wss', { protocols: ['chat'] });
    },
  },
  {
    code: 'extension-unoffered',
    setUp: 'the server turns on an extension of its own',
    arrange: (site) =>
      behindTls(site, opening(ponging(), ['Sec-WebSocket-Extensions: x-webkit-deflate-frame'])),
  },
  {
    code: 'closed-at-once',
    setUp: 'the application closes with 1008 when the token is missing',
    arrange: (site) =>
      behindTls(
        site,
        opening((stream) => stream.end(Buffer.from('880203f0', 'hex'))),
      ),
  },
  {
    code: 'closed-at-once',
    setUp: 'the open handler crashes: the connection ends without a close frame',
    arrange: (site) =>
      behindTls(
        site,
        opening((stream) => stream.destroy()),
      ),
  },
  {
    code: 'frames-broken',
    setUp: 'the server masks its frames',
    arrange: (site) =>
      behindTls(
        site,
        opening((stream) => stream.write(Buffer.from('818100000000', 'hex'))),
      ),
  },
  {
    code: 'too-much-data',
    setUp: 'the server sends messages without an end',
    arrange: (site) =>
      behindTls(
        site,
        opening((stream) => stream.write(Buffer.concat(Array(40).fill(frame(0x82, Buffer.alloc(65_000)))))),
      ),
  },
  {
    code: 'ping-unanswered',
    setUp: 'the server does not answer pings',
    async arrange(site) {
      const port = await site.secure(
        site.pair(),
        opening((stream) => stream.resume()),
      );
      return shop(port, [site.authority.cert], 'wss', SOON);
    },
  },
  {
    code: 'message-too-big',
    setUp: 'the server takes messages up to 16 KiB',
    also: true,
    arrange: async (site) =>
      shop(await site.echo(site.pair(), { maxPayload: 16_384 }), [site.authority.cert]),
  },
  {
    code: 'large-message-cut',
    setUp: 'a firewall cuts at large messages',
    also: true,
    arrange: (site) => behindTls(site, opening(ponging((stream, size) => size > 10_000 && stream.destroy()))),
  },
  {
    code: 'idle-closed',
    setUp: 'the server closes clients that send nothing for half a second (4000)',
    async arrange(site) {
      const port = await site.plain(
        opening((stream) => {
          ponging()(stream);
          setTimeout(() => stream.end(Buffer.from('88020fa0', 'hex')), 500);
        }),
      );
      return { url: `ws://127.0.0.1:${port}/`, options: { idle: 20 } };
    },
  },
];

/** Every verdict with the set-ups that must get it. */
export const FIXTURES: readonly Fixture[] = [
  ...COMMONEST,
  ...ADDRESSES,
  ...HANDSHAKES,
  ...CERTIFICATES,
  ...ANSWERS,
  ...REFUSALS,
  ...SOCKETS,
];

function shop(
  port: number,
  authorities: readonly string[],
  scheme: string = 'wss',
  options: ExamineOptions = {},
): Asked {
  return {
    url: `${scheme}://shop.example:${port}/wss`,
    options: { address: '127.0.0.1', authorities, ...options },
  };
}

/** A server with a certificate that is right, and something wrong behind it. */
async function behindTls(site: Site, conduct: Conduct): Promise<Asked> {
  return shop(await site.secure(site.pair(), conduct), [site.authority.cert]);
}

async function named(
  site: Site,
  answer: 'unknown' | 'failure' | 'silence' | readonly string[],
): Promise<Asked> {
  const nameServers = [await site.names(answer)];
  const options = answer === 'silence' ? SOON : {};
  return { url: 'wss://shop.example/', options: { ...options, nameServers } };
}

/** Answers a ClientHello with a fatal alert. */
async function alerting(site: Site, alert: number): Promise<Asked> {
  const port = await site.plain(answering(Buffer.from([0x15, 3, 3, 0, 2, 2, alert])));
  return { url: `wss://shop.example:${port}/`, options: { address: '127.0.0.1' } };
}

async function clientCertificate(site: Site, options: TlsOptions): Promise<Asked> {
  const pair: Pair = site.pair();
  const tls = { ...pair, requestCert: true, rejectUnauthorized: true, ca: site.authority.cert, ...options };
  return shop(await site.secure(tls, answering('HTTP/1.1 200 OK\r\n\r\n')), [site.authority.cert]);
}

/**
 * Answers pings of a client.
 *
 * @param onData is told how many bytes came at once.
 * @param idle milliseconds without bytes after which the connection is cut.
 */
function ponging(
  onData: (stream: Parameters<Conduct>[0], size: number) => unknown = () => undefined,
  idle?: number,
): Conduct {
  return (stream) => {
    const cut = (): NodeJS.Timeout => setTimeout(() => stream.destroy(), idle);
    let timer = idle === undefined ? undefined : cut();
    stream.on('close', () => clearTimeout(timer));
    stream.on('data', (bytes: Buffer) => {
      if (timer) {
        clearTimeout(timer);
        timer = cut();
      }
      onData(stream, bytes.length);
      const ping = bytes.lastIndexOf(Buffer.of(0x89, 0x80 | 11));
      const after = bytes.lastIndexOf(Buffer.of(0x89, 0x80 | 5));
      for (const [at, size] of [
        [ping, 11],
        [after, 5],
      ] as const) {
        if (at < 0 || at + 6 + size > bytes.length || stream.destroyed) continue;
        const key = bytes.subarray(at + 2, at + 6);
        const payload = bytes
          .subarray(at + 6, at + 6 + size)
          .map((byte, index) => byte ^ (key[index % 4] ?? 0));
        stream.write(frame(0x8a, Buffer.from(payload)));
      }
    });
  };
}

/** A frame as servers send it. */
function frame(first: number, payload: Buffer): Buffer {
  const head =
    payload.length < 126 ? [first, payload.length] : [first, 126, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from(head), payload]);
}
