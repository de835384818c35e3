import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';
import type { Listener } from '../../src/transport/engine.ts';
import { nodeEngine } from '../../src/transport/node-engine.ts';
import type { TlsOptions, TlsServerOptions } from '../../src/transport/tls-options.ts';
import { testCertificate } from '../fixtures/certificate.ts';
import { Ear, Porch, turns } from './ear.ts';

const { cert, key } = await testCertificate();
const VERSIONS = ['TLSv1.2', 'TLSv1.3'] as const;

/**
 * The record of a close_notify: an alert of two octets, encrypted. TLS 1.3 hides what it is (RFC 8446 §5.2):
 * application data, of the alert, its true type and a tag of sixteen octets.
 */
const CLOSE_NOTIFY = { 'TLSv1.2': { type: 21, length: 26 }, 'TLSv1.3': { type: 23, length: 19 } } as const;

type ClientOptions = ConnectionOptions & { readonly allowHalfOpen?: boolean };

describe('TLS door', { timeout: 15_000 }, () => {
  const undo: (() => unknown)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  for (const version of VERSIONS) {
    it(`RFC 8446 §4.1 speaks ${version}`, async () => {
      const { port, porch } = await door();
      const client = await shakeHands(port, { minVersion: version, maxVersion: version });
      assert.equal(client.getProtocol(), version);
      const server = await porch.guest(0);
      await server.opens();
      assert.equal(server.wire.secure, true);
      client.write('hello');
      await server.receives(5);
      assert.equal(server.text, 'hello');
    });
  }

  it('RFC 8996 refuses TLS 1.1, and the client is told why', async () => {
    const { port, porch } = await door();
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    await assert.rejects(shakeHands(port, old), { code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' });
    const { how, error } = await (await porch.guest(0)).closes();
    assert.equal(how, 'failed');
    assert.equal(codeOf(error), 'ERR_SSL_UNSUPPORTED_PROTOCOL');
  });

  it('refuses suites without authenticated encryption', async () => {
    const { port, porch } = await door();
    const weak = {
      maxVersion: 'TLSv1.2',
      ciphers: 'ECDHE-ECDSA-AES128-SHA256:ECDHE-ECDSA-AES128-SHA',
    } as const;
    await assert.rejects(shakeHands(port, weak), { code: /HANDSHAKE_FAILURE/ });
    assert.equal((await (await porch.guest(0)).closes()).how, 'failed');
  });

  it('RFC 7301 §3.2 agrees on http/1.1, else on http/1.0, and with nobody on anything else', async () => {
    const { port } = await door();
    assert.equal((await shakeHands(port, { ALPNProtocols: ['h2', 'http/1.1'] })).alpnProtocol, 'http/1.1');
    assert.equal(
      (await shakeHands(port, { ALPNProtocols: ['http/1.0', 'http/1.1'] })).alpnProtocol,
      'http/1.1',
    );
    assert.equal((await shakeHands(port, { ALPNProtocols: ['http/1.0'] })).alpnProtocol, 'http/1.0');
    assert.equal((await shakeHands(port)).alpnProtocol, false);
    await assert.rejects(shakeHands(port, { ALPNProtocols: ['h2'] }), { code: /NO_APPLICATION_PROTOCOL/ });
  });

  it('RFC 6066 §3 serves the certificate of the name that is asked for', async () => {
    const other = await testCertificate(['other.example']);
    const { port } = await door({
      pairFor: (name) => (name === 'other.example' ? other : undefined),
    });
    const named = await shakeHands(port, { ca: other.cert, servername: 'other.example' });
    assert.equal(named.getPeerCertificate().subject.CN, 'other.example');
    const usual = await shakeHands(port);
    assert.equal(usual.getPeerCertificate().subject.CN, 'localhost');
  });

  it('reads a ClientHello that comes byte by byte', async () => {
    const { port, porch } = await door();
    const { port: slow } = await relay(port, async (socket, chunk) => {
      for (const byte of chunk) {
        socket.write(Buffer.of(byte));
        await turns(1);
      }
    });
    const client = await shakeHands(slow);
    client.write('hello');
    const server = await porch.guest(0);
    await server.receives(5);
    assert.deepEqual(server.heard.slice(0, 2), ['accepted', 'opened']);
    assert.equal(server.text, 'hello');
  });

  for (const version of VERSIONS) {
    it(`RFC 8446 §2.2 resumes a session, and the wire knows (${version})`, async () => {
      const { port, porch } = await door();
      const session = await sessionOf(port, version);
      const again = await shakeHands(port, { maxVersion: version, session });
      assert.equal(again.isSessionReused(), true);
      const server = await porch.guest(1);
      await server.opens();
      assert.deepEqual([server.wire.tls?.version, server.wire.tls?.resumed], [version, true]);
    });

    it(`RFC 5077 §3.1 resumes a session on another listener with the same ticket keys, and after a renewal (${version})`, async () => {
      const ticketKeys = randomBytes(48);
      const [one, two] = [await door({ ticketKeys }), await door({ ticketKeys })];
      const session = await sessionOf(one.port, version);
      assert.equal((await shakeHands(two.port, { maxVersion: version, session })).isSessionReused(), true);
      two.listener.renew({ ...(await testCertificate()), ticketKeys });
      assert.equal((await shakeHands(two.port, { maxVersion: version, session })).isSessionReused(), true);
      two.listener.renew({ cert, key, ticketKeys: randomBytes(48) });
      assert.equal((await shakeHands(two.port, { maxVersion: version, session })).isSessionReused(), false);
    });
  }

  it('serves new handshakes with a renewed certificate; open connections live on', async () => {
    const { port, porch, listener } = await door();
    const before = await shakeHands(port);
    const other = await testCertificate();
    listener.renew(other);
    const after = await shakeHands(port, { ca: other.cert });
    assert.notEqual(after.getPeerCertificate().fingerprint256, before.getPeerCertificate().fingerprint256);
    before.write('hello');
    await (await porch.guest(0)).receives(5);
  });

  it('RFC 7301 §3.2 may have a pair for a protocol, which then is the only one', async () => {
    const challenge = await testCertificate(['challenge.example']);
    const pair = { ...challenge, ALPNProtocols: ['acme-tls/1'] };
    const { port } = await door({
      pairFor: (_, protocols) => (protocols.includes('acme-tls/1') ? pair : undefined),
    });
    const authority = await shakeHands(port, {
      ca: challenge.cert,
      servername: 'challenge.example',
      ALPNProtocols: ['acme-tls/1'],
    });
    assert.equal(authority.alpnProtocol, 'acme-tls/1');
    assert.equal(authority.getPeerCertificate().subject.CN, 'challenge.example');
    assert.equal((await shakeHands(port, { ALPNProtocols: ['http/1.1'] })).alpnProtocol, 'http/1.1');
  });

  it('does not renegotiate', async () => {
    const { port } = await door();
    const client = await shakeHands(port, { maxVersion: 'TLSv1.2' });
    client.renegotiate({}, () => {});
    const [error] = await once(client, 'error');
    assert.match(error.code, /NO_RENEGOTIATION/);
  });

  it('of too many handshakes at a time the oldest gives way, and who talks gets through', async () => {
    const { port, porch } = await door({ maxHandshakes: 5 });
    const hello = await helloOf(port);
    const silent = [];
    for (let count = 0; count < 8; count++) {
      const socket = connect(port, '127.0.0.1', () => socket.write(hello));
      socket.on('error', () => {});
      undo.push(() => socket.destroy());
      silent.push(socket);
    }
    const first = await porch.guest(1);
    await first.closes();
    assert.match(first.cause?.error?.message ?? '', /more than 5 at a time/);
    assert.equal((await shakeHands(port)).authorized, true);
  });

  describe('the end', () => {
    for (const version of VERSIONS) {
      it(`RFC 8446 §6.1 sends close_notify after the last byte (${version})`, async () => {
        const { port, porch } = await door();
        const { port: tapped, down } = await relay(port);
        const client = await shakeHands(tapped, { maxVersion: version, allowHalfOpen: true });
        const server = await porch.guest(0);
        await server.opens();
        const received: Buffer[] = [];
        client.on('data', (chunk: Buffer) => received.push(chunk));
        const ended = once(client, 'end');
        server.wire.out.writeLatin1('goodbye');
        server.wire.commit();
        server.wire.end();
        await ended;
        assert.equal(Buffer.concat(received).toString(), 'goodbye');
        assert.deepEqual(records(Buffer.concat(down)).at(-1), CLOSE_NOTIFY[version]);
        client.write('and you');
        await server.receives(7);
        client.end();
        assert.deepEqual(await server.closes(), { how: 'finished' });
      });

      it(`RFC 8446 §6.1 sends close_notify also when it ends as soon as it opens (${version})`, async () => {
        const { port, porch } = await door();
        porch.greet = (guest) => {
          guest.on.opened = (wire) => wire.end();
        };
        const { port: tapped, down } = await relay(port);
        const client = await shakeHands(tapped, { maxVersion: version });
        await once(client, 'close');
        assert.deepEqual(records(Buffer.concat(down)).at(-1), CLOSE_NOTIFY[version]);
        assert.deepEqual(await (await porch.guest(0)).closes(), { how: 'finished' });
      });

      it(`RFC 8446 §6.1 sends close_notify from our own client, as soon as it opens (${version})`, async () => {
        const { port, porch } = await door();
        porch.greet = (guest) => {
          guest.on.ended = (wire) => wire.end();
        };
        const { port: tapped, up } = await relay(port);
        const client = new Ear();
        client.on.opened = (wire) => wire.end();
        const wire = nodeEngine.connect(
          { kind: 'ip', host: '127.0.0.1', port: tapped },
          { tls: { ca: cert, minVersion: version, maxVersion: version } },
          client,
        );
        undo.push(() => wire.destroy());
        assert.deepEqual(await client.closes(), { how: 'finished' });
        assert.deepEqual(records(Buffer.concat(up)).at(-1), CLOSE_NOTIFY[version]);
        const server = await porch.guest(0);
        assert.deepEqual(await server.closes(), { how: 'finished' });
        assert.deepEqual(server.heard, ['accepted', 'opened', 'ended', 'closed']);
      });
    }

    it('opens to a client that ends with the last flight of its handshake, then tells the end', async () => {
      const { port, porch } = await door();
      porch.greet = (guest) => {
        guest.on.ended = (wire) => wire.end();
      };
      const flight: Buffer[] = [];
      const { port: relayed, up } = await relay(port, (socket, chunk) => {
        if (up.length === 1) return socket.write(chunk);
        flight.push(chunk);
        const [last] = records(Buffer.concat(flight)).slice(-1);
        return last?.length === CLOSE_NOTIFY['TLSv1.3'].length && socket.write(Buffer.concat(flight));
      });
      const client = await shakeHands(relayed, { maxVersion: 'TLSv1.3' });
      client.end();
      const server = await porch.guest(0);
      assert.deepEqual(await server.closes(), { how: 'finished' });
      assert.deepEqual(server.heard, ['accepted', 'opened', 'ended', 'closed']);
    });

    it('ends a usual client of Node without an error', async () => {
      const { port, porch } = await door();
      const client = await shakeHands(port);
      client.resume();
      const closed = once(client, 'close');
      const server = await porch.guest(0);
      await server.opens();
      server.wire.end();
      assert.deepEqual(await closed, [false]);
      assert.deepEqual(await server.closes(), { how: 'finished' });
    });

    it('tells a connection that was reset, with the error', async () => {
      const { port, porch } = await door();
      const { port: relayed, onward } = await relay(port);
      await shakeHands(relayed);
      const server = await porch.guest(0);
      await server.opens();
      onward[0]?.resetAndDestroy();
      const { how, error } = await server.closes();
      assert.equal(how, 'reset');
      assert.equal(codeOf(error), 'ECONNRESET');
    });

    it('tells a FIN without close_notify as the end: Node does not know better', async () => {
      const { port, porch } = await door();
      const { port: relayed, onward } = await relay(port);
      await shakeHands(relayed);
      const server = await porch.guest(0);
      await server.opens();
      onward[0]?.end();
      await server.ends();
    });

    it('tells a record that was tampered with: reset, with the error', async () => {
      const { port, porch } = await door();
      let tamper = false;
      const { port: relayed } = await relay(port, (socket, chunk) => {
        if (tamper) chunk[chunk.length - 1] = (chunk[chunk.length - 1] ?? 0) ^ 1;
        socket.write(chunk);
      });
      const client = await shakeHands(relayed);
      client.on('error', () => {});
      const server = await porch.guest(0);
      await server.opens();
      tamper = true;
      client.write('hello');
      const { how, error } = await server.closes();
      assert.equal(how, 'reset');
      assert.match(codeOf(error), /BAD_RECORD_MAC/);
      assert.equal(server.bytes, 0);
    });
  });

  describe('the first byte', () => {
    it('opens whoever does not speak TLS as a plain wire, with the first byte', async () => {
      const { port, porch } = await door();
      const client = await dial(port);
      client.write('GET / HTTP/1.1\r\n\r\n');
      const server = await porch.guest(0);
      await server.receives(18);
      assert.deepEqual(server.heard, ['accepted', 'opened', 18]);
      assert.equal(server.text, 'GET / HTTP/1.1\r\n\r\n');
      assert.equal(server.wire.secure, false);
      const answer = once(client, 'data');
      server.wire.out.writeLatin1('speak TLS');
      server.wire.commit();
      server.wire.end();
      assert.equal(String((await answer)[0]), 'speak TLS');
      client.end();
      assert.deepEqual(await server.closes(), { how: 'finished' });
    });

    it('does so byte by byte', async () => {
      const { port, porch } = await door();
      const client = await dial(port);
      for (const letter of 'GET /') {
        client.write(letter);
        await turns(3);
      }
      const server = await porch.guest(0);
      await server.receives(5);
      assert.equal(server.text, 'GET /');
    });

    it('lets a plain wire be paused within opened', async () => {
      const { port, porch } = await door();
      porch.greet = (guest) => {
        guest.on.opened = (wire) => wire.pause();
      };
      const client = await dial(port);
      client.write('GET /');
      const server = await porch.guest(0);
      await server.opens();
      await turns(20);
      assert.equal(server.bytes, 0);
      server.wire.resume();
      await server.receives(5);
      assert.equal(server.text, 'GET /');
    });

    it('leaves a wire accepted, not opened, while nothing comes', async () => {
      const { port, porch } = await door();
      await dial(port);
      const server = await porch.guest(0);
      await turns(20);
      assert.deepEqual(server.heard, ['accepted']);
      server.wire.destroy();
      assert.deepEqual(await server.closes(), { how: 'failed' });
    });

    it('closes a wire whose peer leaves without a byte', async () => {
      const { port, porch } = await door();
      (await dial(port)).end();
      const server = await porch.guest(0);
      assert.deepEqual(await server.closes(), { how: 'failed' });
      assert.deepEqual(server.heard, ['accepted', 'closed']);
    });
  });

  describe('a handshake that fails', () => {
    for (const [what, bytes] of [
      ['noise after the first byte', Buffer.concat([Buffer.of(0x16), Buffer.alloc(2000, 0xee)])],
      ['a record that is too long', Buffer.from([0x16, 3, 1, 0xff, 0xff, ...Array(100).fill(1)])],
      ['another message than ClientHello', Buffer.from([0x16, 3, 1, 0, 4, 2, 0, 0, 0])],
    ] as const) {
      it(`closes with an error on ${what}`, async () => {
        const { port, porch } = await door();
        const client = await dial(port);
        client.on('error', () => {});
        client.resume();
        client.write(bytes);
        const server = await porch.guest(0);
        const { how, error } = await server.closes();
        assert.equal(how, 'failed');
        assert.match(codeOf(error), /^ERR_SSL_/);
        assert.deepEqual(server.heard, ['accepted', 'closed']);
        if (!client.closed) await once(client, 'close');
      });
    }

    it('closes when the peer leaves within its ClientHello', async () => {
      const { port, porch } = await door();
      const client = await dial(port);
      client.end(Buffer.from([0x16, 3, 1, 2, 0, 1, 0]));
      const server = await porch.guest(0);
      assert.equal((await server.closes()).how, 'failed');
      assert.deepEqual(server.heard, ['accepted', 'closed']);
    });

    it('can be given up by us in the middle', async () => {
      const { port, porch } = await door();
      const client = await dial(port);
      client.write(Buffer.from([0x16, 3, 1, 2, 0, 1, 0]));
      const server = await porch.guest(0);
      await turns(20);
      server.wire.destroy();
      assert.deepEqual(await server.closes(), { how: 'failed' });
      assert.deepEqual(server.heard, ['accepted', 'closed']);
    });
  });

  describe('certificates of clients (RFC 8446 §4.3.2)', () => {
    for (const version of VERSIONS) {
      it(`refuses a client without one (${version})`, async () => {
        const friend = await testCertificate(['friend']);
        const server = await visit({ ca: friend.cert }, { maxVersion: version });
        assert.deepEqual(server.heard, ['accepted', 'closed']);
        assert.ok(server.cause?.error);
      });

      it(`refuses a client with one that nobody vouches for (${version})`, async () => {
        const [friend, stranger] = await Promise.all([
          testCertificate(['friend']),
          testCertificate(['stranger']),
        ]);
        const server = await visit({ ca: friend.cert }, { maxVersion: version, ...stranger });
        assert.deepEqual(server.heard, ['accepted', 'closed']);
        assert.equal(codeOf(server.cause?.error), 'DEPTH_ZERO_SELF_SIGNED_CERT');
      });

      it(`opens to a client with a valid one, also when it resumes its session (${version})`, async () => {
        const friend = await testCertificate(['friend']);
        const { port, porch } = await door({ requestCert: true, ca: friend.cert });
        const options = { maxVersion: version, ...friend };
        const first = await shakeHands(port, options);
        const welcomed = once(first, 'data');
        await greet(await porch.guest(0));
        await welcomed;
        const session = first.getSession() as Buffer;
        const second = await shakeHands(port, { ...options, session });
        assert.equal(second.isSessionReused(), true);
        await greet(await porch.guest(1));
      });
    }

    it('opens to everybody when the user says so', async () => {
      const friend = await testCertificate(['friend']);
      const server = await visit({ ca: friend.cert, rejectUnauthorized: false }, {});
      assert.deepEqual(server.heard, ['accepted', 'opened']);
    });

    /** A TLS 1.3 client has its session for certain only when bytes have come after the handshake. */
    async function greet(server: Ear): Promise<void> {
      await server.opens();
      server.wire.out.writeLatin1('welcome');
      server.wire.commit();
    }

    async function visit(options: TlsOptions, client: ClientOptions): Promise<Ear> {
      const { port, porch } = await door({ requestCert: true, ...options });
      // With TLS 1.3 a client thinks that it is through before it is refused.
      void shakeHands(port, client).catch(() => {});
      const server = await porch.guest(0);
      await server.until(() => server.heard.length > 1);
      return server;
    }
  });

  async function door(
    options: TlsServerOptions = {},
  ): Promise<{ port: number; porch: Porch; listener: Listener }> {
    const porch = new Porch();
    const place = { kind: 'ip', host: '127.0.0.1', port: 0 } as const;
    const listener = await nodeEngine.listen(place, { tls: { cert, key, ...options } }, porch);
    undo.push(
      () => listener.close(),
      () => porch.guests.forEach(({ wire }) => void wire.destroy()),
    );
    return { port: listener.address.kind === 'ip' ? listener.address.port : 0, porch, listener };
  }

  async function dial(port: number): Promise<Socket> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    undo.push(() => socket.destroy());
    await once(socket, 'connect');
    return socket;
  }

  /** A session that a client may come back with. */
  async function sessionOf(port: number, version: (typeof VERSIONS)[number]): Promise<Buffer> {
    const client = connectTls({
      ...{ host: '127.0.0.1', port, ca: cert, servername: 'localhost' },
      ...{ minVersion: version, maxVersion: version },
    });
    undo.push(() => client.destroy());
    client.on('error', () => {});
    client.on('data', () => {});
    const [session] = await once(client, 'session');
    return session;
  }

  /** The ClientHello of one of Node's clients. */
  async function helloOf(port: number): Promise<Buffer> {
    const { port: tapped, up } = await relay(port);
    await shakeHands(tapped);
    return up[0] as Buffer;
  }

  /** @returns a client of Node's own that has finished its handshake. */
  async function shakeHands(port: number, options: ClientOptions = {}): Promise<TLSSocket> {
    const client = connectTls({
      host: '127.0.0.1',
      port,
      ca: cert,
      servername: 'localhost',
      ...named(options),
    });
    undo.push(() => client.destroy());
    await once(client, 'secureConnect');
    client.on('error', () => {});
    client.on('data', () => {});
    return client;
  }

  /** The client's own certificate is no authority. */
  function named(options: ClientOptions): ClientOptions {
    return options.minVersion === undefined &&
      options.maxVersion !== undefined &&
      options.maxVersion !== 'TLSv1.1'
      ? { ...options, minVersion: options.maxVersion }
      : options;
  }

  /** Stands between a client and the door. */
  async function relay(
    port: number,
    pass: (socket: Socket, chunk: Buffer) => unknown = (socket, chunk) => socket.write(chunk),
  ): Promise<{ port: number; up: Buffer[]; down: Buffer[]; onward: Socket[] }> {
    const up: Buffer[] = [];
    const down: Buffer[] = [];
    const sockets: Socket[] = [];
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      const onward = connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
      undo.push(
        () => socket.destroy(),
        () => onward.destroy(),
      );
      sockets.push(onward);
      socket.on('error', () => onward.destroy());
      onward.on('error', () => socket.destroy());
      let passing = Promise.resolve();
      socket.on('data', (chunk: Buffer) => {
        up.push(chunk);
        passing = passing.then(async () => void (await pass(onward, chunk)));
      });
      socket.on('end', () => passing.then(() => onward.end()));
      onward.on('data', (chunk: Buffer) => {
        down.push(chunk);
        socket.write(chunk);
      });
      onward.on('end', () => socket.end());
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    undo.push(() => server.close());
    return { port: (server.address() as AddressInfo).port, up, down, onward: sockets };
  }
});

function codeOf(error: Error | undefined): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? '';
}

/** The records of a stream, in order (RFC 8446 §5.1). */
function records(bytes: Buffer): { type: number; length: number }[] {
  const found = [];
  for (let offset = 0; offset + 5 <= bytes.length; ) {
    const length = bytes.readUInt16BE(offset + 3);
    found.push({ type: bytes[offset] ?? 0, length });
    offset += 5 + length;
  }
  return found;
}
