import assert from 'node:assert/strict';
import fs, { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { nextTick } from 'node:process';
import { after, afterEach, describe, it, mock } from 'node:test';
import type { Source } from '../../src/bytes/source.ts';
import { SystemError } from '../../src/errors.ts';
import type { Address } from '../../src/transport/address.ts';
import type { Engine } from '../../src/transport/engine.ts';
import { makeNodeEngine, nodeEngine } from '../../src/transport/node-engine.ts';
import { landing } from '../../src/transport/node-wire.ts';
import { testCertificate } from '../fixtures/certificate.ts';
import { Ear, Porch, turns } from './ear.ts';
import { examine } from './engine-suite.ts';

const { cert, key } = await testCertificate();
const room = mkdtempSync(join(tmpdir(), 'usta-'));
let paths = 0;
after(() => rmSync(room, { recursive: true }));

const loopback = (): Address => ({ kind: 'ip', host: '127.0.0.1', port: 0 });
const path = (): Address => ({ kind: 'unix', path: join(room, `${paths++}.sock`) });
const tls = { listen: { tls: { cert, key } }, connect: { tls: { ca: cert } } };
const tls12 = { listen: tls.listen, connect: { tls: { ca: cert, maxVersion: 'TLSv1.2' } } } as const;
const plain = { listen: {}, connect: {} };

examine({ name: 'node, TCP', engine: nodeEngine, place: loopback, ...plain });
examine({ name: 'node, TCP by events', engine: makeNodeEngine({ adopt: false }), place: loopback, ...plain });
examine({ name: 'node, TLS 1.3', engine: nodeEngine, place: loopback, ...tls });
examine({ name: 'node, TLS 1.2', engine: nodeEngine, place: loopback, ...tls12 });
examine({ name: 'node, unix', engine: nodeEngine, place: path, ...plain });
examine({ name: 'node, unix by events', engine: makeNodeEngine({ adopt: false }), place: path, ...plain });

describe('node engine', { timeout: 20_000 }, () => {
  const undo: (() => unknown)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  describe('reading', () => {
    for (const place of [loopback, path]) {
      it(`reads into the common landing place (${place().kind}): this Node lets us adopt handles`, async () => {
        const { server, client } = await meet(nodeEngine, place());
        assert.equal(await sourceAt(server, client), landing);
        assert.equal(await sourceAt(client, server), landing);
      });

      it(`reads by events where it does not (${place().kind})`, async () => {
        const { server, client } = await meet(makeNodeEngine({ adopt: false }), place());
        assert.notEqual(await sourceAt(server, client), landing);
      });
    }

    async function sourceAt(reader: Ear, writer: Ear): Promise<Source | undefined> {
      let seen: Source | undefined;
      const received = reader.received.bind(reader);
      reader.received = (wire, source, start, end) => {
        seen = source;
        received(wire, source, start, end);
      };
      writer.wire.out.writeLatin1('hello');
      writer.wire.commit();
      await reader.receives(5);
      assert.equal(reader.text, 'hello');
      return seen;
    }
  });

  describe('writing', () => {
    it('calls the kernel once for what a turn has written to one wire, shared bytes and all', async () => {
      const { server, client } = await meet(nodeEngine, loopback());
      const calls = countWrites();
      for (let number = 0; number < 100; number++) {
        server.wire.out.writeLatin1('hello');
        server.wire.commit();
      }
      server.wire.share(Buffer.alloc(5000));
      server.wire.share(Buffer.alloc(10));
      server.wire.out.writeLatin1('goodbye');
      server.wire.commit();
      await client.receives(5517);
      assert.equal(calls(), 1);
    });

    it('calls it at the end of the turn also after a large message went out before', async () => {
      const { server, client } = await meet(nodeEngine, loopback());
      const calls = countWrites();
      server.wire.out.writeLatin1('x'.repeat(65_536));
      server.wire.commit();
      assert.equal(calls(), 1);
      for (let step = 0; step < 10; step++) {
        server.wire.out.writeLatin1('hello');
        server.wire.commit();
        await new Promise((resolve) => nextTick(resolve));
      }
      assert.equal(calls(), 1);
      await client.receives(65_586);
      assert.equal(calls(), 2);
    });

    /** How often the kernel was asked to take bytes. */
    function countWrites(): () => number {
      const { mock: written } = mock.method(fs, 'writeSync');
      syncBuiltinESMExports();
      undo.push(() => {
        mock.restoreAll();
        syncBuiltinESMExports();
      });
      return () => written.callCount();
    }
  });

  describe('addresses', () => {
    const hasIpv6 = Object.values(networkInterfaces()).some((all) =>
      all?.some(({ address }) => address === '::1'),
    );

    it('serves [::1], or says that this machine does not have it', async () => {
      const place: Address = { kind: 'ip', host: '::1', port: 0 };
      if (!hasIpv6) return assert.rejects(nodeEngine.listen(place, {}, new Porch()), SystemError);
      const { server, client } = await meet(nodeEngine, place);
      assert.deepEqual([host(server.wire.remote), host(client.wire.remote)], ['::1', '::1']);
    });

    it('tells IPv4 clients of a dual-stack listener plain', async () => {
      const place: Address = { kind: 'ip', host: hasIpv6 ? '::' : '0.0.0.0', port: 0 };
      const { server, client } = await meet(nodeEngine, place, '127.0.0.1');
      assert.equal(host(server.wire.remote), '127.0.0.1');
      assert.deepEqual(server.wire.local, client.wire.remote);
      assert.equal(host(client.wire.local), '127.0.0.1');
    });

    it('resolves localhost', async () => {
      const { client } = await meet(nodeEngine, { kind: 'ip', host: 'localhost', port: 0 });
      assert.match(host(client.wire.remote), /^(127\.0\.0\.1|::1)$/);
    });

    it('removes the file of a Unix socket when the listener closes', async () => {
      const place = path();
      const listener = await nodeEngine.listen(place, {}, new Porch());
      assert.equal(existsSync(place.kind === 'unix' ? place.path : ''), true);
      await listener.close();
      assert.equal(existsSync(place.kind === 'unix' ? place.path : ''), false);
    });
  });

  describe('refusals, in one line each', () => {
    for (const [what, place, expected] of [
      ['an address of another machine', { kind: 'ip', host: '192.0.2.1', port: 0 }, /EADDRNOTAVAIL/],
      ['a directory that is missing', { kind: 'unix', path: '/nowhere/at/all.sock' }, /EACCES/],
      ['a path that is too long', { kind: 'unix', path: `/tmp/${'x'.repeat(120)}` }, /ENAMETOOLONG/],
    ] as const) {
      it(`says that it cannot listen on ${what}`, async () => {
        await assert.rejects(nodeEngine.listen(place, {}, new Porch()), (error) => {
          assert.ok(error instanceof SystemError);
          assert.match(error.code, expected);
          assert.match(error.message, /^cannot listen on [^\n]+: [a-z][^\n]+ \(E[A-Z]+\)$/);
          return true;
        });
      });
    }

    it('fails to connect to a path that is too long, instead of to a shorter one', async () => {
      const client = dial(nodeEngine, { kind: 'unix', path: `/tmp/${'x'.repeat(120)}` });
      const { how, error } = await client.closes();
      assert.equal(how, 'failed');
      assert.equal((error as NodeJS.ErrnoException).code, 'ENAMETOOLONG');
    });

    it('fails a TLS connection to somebody who cannot be trusted, with the reason', async () => {
      const porch = new Porch();
      const listener = await nodeEngine.listen(loopback(), tls.listen, porch);
      undo.push(() => listener.close());
      const client = dial(nodeEngine, listener.address, { tls: {} });
      const { how, error } = await client.closes();
      assert.equal(how, 'failed');
      assert.equal((error as NodeJS.ErrnoException).code, 'DEPTH_ZERO_SELF_SIGNED_CERT');
      assert.deepEqual(client.heard, ['accepted', 'closed']);
      (await porch.guest(0)).wire.destroy();
    });
  });

  it('refuses whoever comes while 1024 wait for a paused listener', async () => {
    const porch = new Porch();
    const listener = await nodeEngine.listen(loopback(), {}, porch);
    undo.push(() => listener.close());
    listener.pause();
    const clients: Ear[] = [];
    for (let count = 0; count < 1030; count++) {
      const client = dial(nodeEngine, listener.address);
      client.on.ended = (wire) => wire.end();
      clients.push(client);
      if (count % 50 === 0) await client.opens();
    }
    await Promise.all(clients.map((client) => client.opens()));
    await Promise.all(clients.slice(1024).map((client) => client.closes()));
    await turns(10);
    assert.equal(clients.filter(({ cause }) => cause === undefined).length, 1024);
    listener.resume();
    assert.equal(porch.guests.length, 1024);
    for (const { wire } of porch.guests) wire.destroy();
  });

  function dial(engine: Engine, address: Address, options = {}): Ear {
    const ear = new Ear();
    const wire = engine.connect(address, options, ear);
    undo.push(() => wire.destroy());
    return ear;
  }

  async function meet(engine: Engine, place: Address, to?: string): Promise<{ server: Ear; client: Ear }> {
    const porch = new Porch();
    const listener = await engine.listen(place, {}, porch);
    undo.push(() => listener.close());
    const { address } = listener;
    const client = dial(
      engine,
      to === undefined || address.kind === 'unix' ? address : { ...address, host: to },
    );
    const server = await porch.guest(0);
    undo.push(() => server.wire.destroy());
    await Promise.all([client.opens(), server.opens()]);
    return { server, client };
  }
});

function host(address: Address): string {
  return address.kind === 'ip' ? address.host : '';
}
