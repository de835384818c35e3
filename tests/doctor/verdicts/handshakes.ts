import { make, rsaKey } from '../../fixtures/pki.ts';
import { alerting, behindTls, clientCertificate, type Fixture, NGINX, SOON, shop } from '../fixture.ts';
import { answering, nginxPage, page } from '../site.ts';

/** TLS, certificates apart. */
export const HANDSHAKES: readonly Fixture[] = [
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
