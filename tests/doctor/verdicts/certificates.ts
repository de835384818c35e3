import { make, rsaKey, tree } from '../../fixtures/pki.ts';
import { DAY, type Fixture, ponging, shop } from '../fixture.ts';
import { answering, type Conduct, opening } from '../site.ts';

/** Certificates and clocks. */
export const CERTIFICATES: readonly Fixture[] = [
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
