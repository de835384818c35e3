import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Source } from '../../src/bytes/source.ts';
import type { Address } from '../../src/transport/address.ts';
import { memoryEngine } from '../../src/transport/memory-engine.ts';
import { Ear, Porch, turns } from './ear.ts';
import { examine } from './engine-suite.ts';

const ANYWHERE: Address = { kind: 'ip', host: '127.0.0.1', port: 0 };
let paths = 0;

examine({ name: 'memory', engine: memoryEngine(), place: () => ANYWHERE, listen: {}, connect: {} });
examine({
  name: 'memory, TLS',
  engine: memoryEngine(),
  place: () => ANYWHERE,
  listen: { tls: {} },
  connect: { tls: {} },
});
examine({
  name: 'memory, unix',
  engine: memoryEngine(),
  place: () => ({ kind: 'unix', path: `/run/${paths++}.sock` }),
  listen: {},
  connect: {},
});

describe('memory engine', { timeout: 5_000 }, () => {
  it('lends bytes and spoils them when the loan is over', async () => {
    const { server, client } = await meet();
    let kept: { source: Source; start: number; end: number } | undefined;
    server.received = (_wire, source, start, end) => {
      assert.equal(source.bytes.toString('latin1', start, end), 'hello');
      assert.ok(start > 0, 'whoever forgets `start` is not found out');
      kept = { source, start, end };
    };
    client.wire.out.writeLatin1('hello');
    client.wire.commit();
    await turns(3);
    assert.ok(kept);
    assert.notEqual(kept.source.bytes.toString('latin1', kept.start, kept.end), 'hello');
  });

  it('delivers nothing within the call that writes', async () => {
    const { server, client } = await meet();
    client.wire.out.writeLatin1('x'.repeat(100_000));
    client.wire.commit();
    client.wire.end();
    assert.equal(server.bytes, 0);
    await server.receives(100_000);
  });

  it('keeps 64 KiB for a reader that does not read', async () => {
    const { server, client } = await meet();
    server.wire.pause();
    client.wire.out.writeBytes(Buffer.alloc(65_536));
    client.wire.commit();
    assert.equal(client.wire.bufferedBytes, 0);
    client.wire.out.writeBytes(Buffer.alloc(10));
    client.wire.commit();
    await turns(3);
    assert.equal(client.wire.bufferedBytes, 10);
    assert.equal(client.reported, 10);
  });

  it('finds listeners by address, within one engine only', async () => {
    const engine = memoryEngine();
    const everywhere = await engine.listen({ kind: 'ip', host: '0.0.0.0', port: 80 }, {}, new Porch());
    assert.equal((await dial(engine, '192.0.2.7', 80)).how, undefined);
    assert.equal((await dial(engine, 'localhost', 80)).how, undefined);
    assert.equal((await dial(engine, '127.0.0.1', 81)).how, 'failed');
    assert.equal((await dial(memoryEngine(), '127.0.0.1', 80)).how, 'failed');
    await assert.rejects(engine.listen({ kind: 'ip', host: '127.0.0.1', port: 80 }, {}, new Porch()), {
      code: 'EADDRINUSE',
    });
    await everywhere.close();
    assert.equal((await dial(engine, '127.0.0.1', 80)).how, 'failed');
  });

  it('gives every listener that asks for port 0 another one', async () => {
    const engine = memoryEngine();
    const first = await engine.listen(ANYWHERE, {}, new Porch());
    const second = await engine.listen(ANYWHERE, {}, new Porch());
    assert.notDeepEqual(first.address, second.address);
  });

  it('refuses whoever comes when more wait than the backlog allows', async () => {
    const engine = memoryEngine();
    const porch = new Porch();
    const listener = await engine.listen(ANYWHERE, { backlog: 2 }, porch);
    listener.pause();
    const clients = [new Ear(), new Ear(), new Ear()];
    for (const client of clients) engine.connect(listener.address, {}, client);
    await turns(3);
    assert.deepEqual(
      clients.map(({ cause }) => cause?.how),
      [undefined, undefined, 'failed'],
    );
    listener.resume();
    assert.equal(porch.guests.length, 2);
  });

  it('opens a plain wire on a TLS port with its first byte, not before', async () => {
    const { engine, porch, listener } = await tlsPort();
    const client = new Ear();
    engine.connect(listener.address, {}, client);
    const server = await porch.guest(0);
    await client.opens();
    await turns(5);
    assert.deepEqual(server.heard, ['accepted']);
    client.wire.out.writeLatin1('GET /');
    client.wire.commit();
    await server.receives(5);
    assert.deepEqual(server.heard, ['accepted', 'opened', 5]);
    assert.equal(server.wire.secure, false);
  });

  it('closes a plain wire on a TLS port that ends without a byte', async () => {
    const { engine, porch, listener } = await tlsPort();
    const client = new Ear();
    engine.connect(listener.address, {}, client);
    const server = await porch.guest(0);
    await client.opens();
    client.wire.end();
    assert.deepEqual(await server.closes(), { how: 'failed' });
    await client.closes();
  });

  it('fails whoever wants TLS of a port that does not speak it', async () => {
    const { server } = await meet();
    const client = new Ear();
    shared.connect(server.wire.local, { tls: {} }, client);
    assert.equal((await client.closes()).how, 'failed');
  });
});

const shared = memoryEngine();

async function meet(): Promise<{ server: Ear; client: Ear }> {
  const porch = new Porch();
  const listener = await shared.listen(ANYWHERE, {}, porch);
  const client = new Ear();
  shared.connect(listener.address, {}, client);
  const server = await porch.guest(0);
  await Promise.all([client.opens(), server.opens()]);
  return { server, client };
}

async function tlsPort() {
  const engine = memoryEngine();
  const porch = new Porch();
  return { engine, porch, listener: await engine.listen(ANYWHERE, { tls: {} }, porch) };
}

/** @returns why it closed, or nothing when it opened. */
async function dial(
  engine: ReturnType<typeof memoryEngine>,
  host: string,
  port: number,
): Promise<{ how?: string }> {
  const ear = new Ear();
  engine.connect({ kind: 'ip', host, port }, {}, ear);
  await ear.until(() => ear.heard.length > 1);
  return ear.cause ?? {};
}
