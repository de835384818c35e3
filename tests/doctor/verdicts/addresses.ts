import { type Fixture, named, SOON, shop } from '../fixture.ts';

/** The URL, its name and the way to it. */
export const ADDRESSES: readonly Fixture[] = [
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
