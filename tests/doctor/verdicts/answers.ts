import { APACHE, behindTls, type Fixture, NGINX, SOON, shop } from '../fixture.ts';
import { answering, nginxPage, page } from '../site.ts';

/** Answers that are not the 101 of a WebSocket server. */
export const ANSWERS: readonly Fixture[] = [
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
