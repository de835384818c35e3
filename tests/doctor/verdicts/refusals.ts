import { behindTls, CLOUDFLARE, type Fixture, NGINX, shop } from '../fixture.ts';
import { nginxPage, page } from '../site.ts';

/** Somebody refuses, or has failed. */
export const REFUSALS: readonly Fixture[] = [
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
