import { behindTls, type Fixture, frame, ponging, SOON, shop } from '../fixture.ts';
import { answering, opening } from '../site.ts';

/** The 101, and what follows it. */
export const SOCKETS: readonly Fixture[] = [
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
