import { freePort } from '../../fixtures/free-port.ts';
import { tree } from '../../fixtures/pki.ts';
import { behindTls, type Fixture, NGINX, ponging, SOON, shop } from '../fixture.ts';
import { nginxPage, opening, page } from '../site.ts';

/** The ten that people meet most, most frequent first. */
export const COMMONEST: readonly Fixture[] = [
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
