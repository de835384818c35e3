import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';
import { SystemError } from '../../src/errors.ts';
import type { Address } from '../../src/transport/address.ts';
import type { ConnectOptions, Engine, Listener, ListenOptions, Wire } from '../../src/transport/engine.ts';
import { Ear, Porch, turns } from './ear.ts';

/** An engine in one of its manners: what is examined. */
export interface Candidate {
  readonly name: string;
  readonly engine: Engine;
  /** Where nobody listens yet: port 0, or a path of its own. */
  place(): Address;
  readonly listen: ListenOptions;
  readonly connect: ConnectOptions;
}

const KIB = 1024;
const MIB = 1024 * KIB;
/** More than any kernel keeps for a reader that does not read. */
const FLOOD = 24 * MIB;

/** Enough turns for whatever is on its way to arrive. */
const SETTLED = 30;

/** The examination that every engine sits. */
export function examine(candidate: Candidate): void {
  describe(candidate.name, () => sit(candidate));
}

function sit(candidate: Candidate): void {
  const { engine, listen, connect } = candidate;
  const secure = listen.tls !== undefined;
  const undo: (() => unknown)[] = [];

  afterEach(async () => {
    for (const step of undo.splice(0)) await step();
  });

  // A wire in memory does not keep the process alive while a test waits in vain.
  let pulse: NodeJS.Timeout;
  before(() => {
    pulse = setInterval(() => {}, 1_000);
  });
  after(() => clearInterval(pulse));

  async function open(place: Address = candidate.place()): Promise<{ listener: Listener; porch: Porch }> {
    const porch = new Porch();
    const listener = await engine.listen(place, listen, porch);
    undo.push(
      () => listener.close(),
      () => porch.guests.forEach((guest) => void guest.wire.destroy()),
    );
    return { listener, porch };
  }

  function dial(address: Address, ear: Ear = new Ear()): Ear {
    const wire = engine.connect(address, connect, ear);
    undo.push(() => wire.destroy());
    return ear;
  }

  /** Two ends that have opened. */
  async function meet(server?: (guest: Ear) => void): Promise<{ server: Ear; client: Ear }> {
    const { listener, porch } = await open();
    if (server) porch.greet = server;
    const client = dial(listener.address);
    const guest = await porch.guest(0);
    await Promise.all([client.opens(), guest.opens()]);
    return { server: guest, client };
  }

  /** Fills the way to a reader that does not read, with messages of 200 KiB. */
  async function stuck(): Promise<{ writer: Ear; reader: Ear; sent: number }> {
    const { server: writer, client: reader } = await meet();
    reader.wire.pause();
    let sent = 0;
    while (sent < FLOOD && writer.wire.bufferedBytes === 0) {
      sent += say(writer.wire, 200 * KIB, sent).length;
      await turns(SETTLED);
    }
    assert.ok(writer.wire.bufferedBytes > 0, 'the writer never had to wait');
    return { writer, reader, sent };
  }

  describe('opening', { timeout: 20_000 }, () => {
    it('tells accepted, then opened, once each and on both sides', async () => {
      const { server, client } = await meet();
      assert.deepEqual(server.heard, ['accepted', 'opened']);
      assert.deepEqual(client.heard, ['accepted', 'opened']);
      assert.equal(server.wire.secure, secure);
      assert.equal(client.wire.secure, secure);
    });

    it('tells an outgoing wire accepted before connect() returns', async () => {
      const { listener } = await open();
      const ear = new Ear();
      const wire = engine.connect(listener.address, connect, ear);
      undo.push(() => wire.destroy());
      assert.deepEqual(ear.heard, ['accepted']);
      assert.equal(ear.wire, wire);
    });

    it('tells both ends of both wires', async () => {
      const { listener, porch } = await open();
      const client = dial(listener.address);
      const server = await porch.guest(0);
      await client.opens();
      assert.deepEqual(client.wire.remote, listener.address);
      assert.deepEqual(server.wire.local, listener.address);
      assert.deepEqual(server.wire.remote, client.wire.local);
      const { local } = client.wire;
      assert.ok(local.kind === 'unix' ? local.path === '' : local.port > 0);
    });

    it('keeps telling them after the end', async () => {
      const { server, client } = await meet();
      const { remote, local } = server.wire;
      client.wire.destroy();
      server.wire.destroy();
      await server.closes();
      assert.deepEqual([server.wire.remote, server.wire.local], [remote, local]);
    });

    it('lets a listener that asked for port 0 know the real one', async () => {
      const { listener } = await open();
      assert.ok(listener.address.kind === 'unix' || listener.address.port > 0);
    });

    it('hears the sink that was put in place within opened', async () => {
      const second = new Ear();
      const { server, client } = await meet((guest) => {
        guest.on.opened = (wire) => {
          wire.sink = second;
        };
      });
      say(client.wire, 10);
      await second.receives(10);
      assert.deepEqual(server.heard, ['accepted', 'opened']);
    });

    it('does not open a wire that was destroyed within accepted', async () => {
      const { listener, porch } = await open();
      porch.greet = (guest) => {
        guest.on.accepted = (wire) => wire.destroy();
      };
      const client = dial(listener.address);
      const server = await porch.guest(0);
      assert.equal((await server.closes()).how, 'failed');
      assert.deepEqual(server.heard, ['accepted', 'closed']);
      client.wire.end();
      await client.closes();
    });

    it('closes a wire that was destroyed within opened, and reads nothing', async () => {
      const { listener, porch } = await open();
      porch.greet = (guest) => {
        guest.on.opened = (wire) => wire.destroy();
      };
      const client = dial(listener.address);
      client.on.opened = (wire) => say(wire, 10);
      const server = await porch.guest(0);
      assert.deepEqual(await server.closes(), { how: 'destroyed' });
      assert.deepEqual(server.heard, ['accepted', 'opened', 'closed']);
    });

    it('closes an outgoing wire that was destroyed at once', async () => {
      const { listener } = await open();
      const client = dial(listener.address);
      client.wire.destroy();
      assert.equal((await client.closes()).how, 'failed');
      await turns(SETTLED);
      assert.deepEqual(client.heard, ['accepted', 'closed']);
    });

    it('fails where nobody listens, and says why', async () => {
      const { listener } = await open();
      await listener.close();
      const client = dial(listener.address);
      const { how, error } = await client.closes();
      assert.equal(how, 'failed');
      assert.match((error as NodeJS.ErrnoException).code ?? '', /^(ECONNREFUSED|ENOENT)$/);
      assert.deepEqual(client.heard, ['accepted', 'closed']);
      assert.deepEqual(client.wire.remote, listener.address);
    });
  });

  describe('listening', { timeout: 20_000 }, () => {
    it('refuses a place that is taken, in one clear line', async () => {
      const { listener } = await open();
      await assert.rejects(engine.listen(listener.address, listen, new Porch()), (error) => {
        assert.ok(error instanceof SystemError);
        assert.equal(error.code, 'EADDRINUSE');
        assert.match(
          error.message,
          /^cannot listen on [^\n]+another program listens there[^\n]+\(EADDRINUSE\)$/,
        );
        return true;
      });
    });

    it('gives the place free when it closes', async () => {
      const { listener } = await open();
      await listener.close();
      await listener.close();
      const again = await open(listener.address);
      assert.deepEqual(again.listener.address, listener.address);
    });

    it('closes without closing the wires', async () => {
      const { listener, porch } = await open();
      const client = dial(listener.address);
      const server = await porch.guest(0);
      await Promise.all([client.opens(), server.opens()]);
      await listener.close();
      say(client.wire, 10);
      await server.receives(10);
      say(server.wire, 20);
      await client.receives(20);
    });

    it('lets newcomers wait, unread, while it is paused, and admits them in order', async () => {
      const { listener, porch } = await open();
      listener.pause();
      const clients = dialAll(listener.address, 4);
      await turns(SETTLED);
      assert.equal(porch.guests.length, 0);
      listener.resume();
      assert.equal(await arrivals(porch, 4), '0123');
      assert.deepEqual(
        clients.map(({ cause }) => cause),
        [undefined, undefined, undefined, undefined],
      );
    });

    it('can be paused again within accepted, so that they come one by one', async () => {
      const { listener, porch } = await open();
      porch.greet = () => listener.pause();
      listener.pause();
      dialAll(listener.address, 3);
      await turns(SETTLED);
      for (let admitted = 1; admitted <= 3; admitted++) {
        listener.resume();
        await porch.guest(admitted - 1);
        await turns(SETTLED);
        assert.equal(porch.guests.length, admitted);
      }
      assert.equal(await arrivals(porch, 3), '012');
    });

    it('sends those away who wait when it closes', async () => {
      const { listener, porch } = await open();
      listener.pause();
      const [client] = dialAll(listener.address, 1) as [Ear];
      client.on.ended = (wire) => wire.end();
      await turns(SETTLED);
      await listener.close();
      await client.closes();
      assert.equal(porch.guests.length, 0);
    });

    /** Each says its number as soon as it can. */
    function dialAll(address: Address, count: number): Ear[] {
      return Array.from({ length: count }, (_, number) => {
        const ear = new Ear();
        ear.on.opened = (wire) => {
          wire.out.writeLatin1(String(number));
          wire.commit();
        };
        return dial(address, ear);
      });
    }

    /** The numbers of those who have come, in the order of `accepted`. */
    async function arrivals(porch: Porch, count: number): Promise<string> {
      await porch.guest(count - 1);
      await Promise.all(porch.guests.map((guest) => guest.receives(1)));
      return porch.guests.map(({ text }) => text).join('');
    }
  });

  describe('writing', { timeout: 20_000 }, () => {
    it('sends what one turn has written as one piece', async () => {
      const { server, client } = await meet();
      for (let number = 0; number < 1000; number++) {
        server.wire.out.writeLatin1(`${number},`);
        server.wire.commit();
      }
      assert.equal(server.wire.bufferedBytes, 3890);
      await client.receives(3890);
      assert.deepEqual(client.heard, ['accepted', 'opened', 3890]);
      assert.equal(client.text, Array.from({ length: 1000 }, (_, number) => `${number},`).join(''));
    });

    it('sends 64 KiB within the turn, without waiting for its end', async () => {
      const { server, client } = await meet();
      say(server.wire, 64 * KIB - 1);
      assert.equal(server.wire.out.position, 64 * KIB - 1);
      say(server.wire, 1);
      assert.equal(server.wire.out.position, 0);
      await client.receives(64 * KIB);
    });

    it('sends nothing for a commit of nothing', async () => {
      const { server, client } = await meet();
      server.wire.commit();
      server.wire.share(Buffer.alloc(0));
      server.wire.out.writeLatin1('');
      server.wire.commit();
      await turns(SETTLED);
      assert.deepEqual(client.heard, ['accepted', 'opened']);
      assert.equal(server.wire.bufferedBytes, 0);
    });

    it('keeps shared and own bytes in order, in one piece', async () => {
      const { server, client } = await meet();
      const { wire } = server;
      const expected: string[] = [];
      for (const [index, size] of [3, 5000, 3, 3, 5000, 5000, 7].entries()) {
        const text = String(index).repeat(size);
        expected.push(text);
        if (index % 2 === 1) wire.share(Buffer.from(text));
        else {
          wire.out.writeLatin1(text);
          wire.commit();
        }
      }
      await client.receives(15_016);
      assert.equal(client.text, expected.join(''));
      if (!secure) assert.deepEqual(client.heard, ['accepted', 'opened', 15_016]);
    });

    it('accounts for what waits: the deltas add up to bufferedBytes, to 0 in the end', async () => {
      const { server: writer, client: reader } = await meet();
      let grown = 0;
      writer.on.buffered = (wire, delta) => {
        if (delta > 0) grown++;
        assert.equal(writer.reported, wire.bufferedBytes);
      };
      reader.forgetBytes().wire.pause();
      const hash = createHash('sha256');
      for (let sent = 0; sent < FLOOD; sent += MIB) {
        hash.update(say(writer.wire, MIB, sent));
        if (sent % (4 * MIB) === 0) await turns(3);
      }
      await turns(SETTLED);
      assert.ok(grown > 0 && writer.wire.bufferedBytes > MIB, 'nothing had to wait');
      assert.equal(writer.reported, writer.wire.bufferedBytes);
      reader.wire.resume();
      await reader.receives(FLOOD);
      await writer.until(() => writer.reported === 0);
      assert.equal(writer.wire.bufferedBytes, 0);
      assert.equal(reader.digest(), hash.digest('hex'));
    });

    it('does not report what leaves within its turn', async () => {
      const { server, client } = await meet();
      let reports = 0;
      server.on.buffered = () => reports++;
      for (let turn = 0; turn < 5; turn++) {
        say(server.wire, 1000);
        await client.receives(1000 * (turn + 1));
      }
      await turns(SETTLED);
      assert.equal(server.reported, 0);
      if (!secure) assert.equal(reports, 0);
    });

    it('takes what is written within buffered', async () => {
      const { writer, reader, sent } = await stuck();
      let extra = 0;
      writer.on.buffered = (wire, delta) => {
        if (delta < 0 && extra < 300) extra += say(wire, 300).length;
      };
      reader.wire.resume();
      await reader.receives(sent + 300);
      await writer.until(() => writer.reported === 0);
      assert.equal(reader.bytes, sent + 300);
    });
  });

  describe('discarding', { timeout: 20_000 }, () => {
    it('forgets whole messages and says that the stream stays whole', async () => {
      const { writer, reader } = await stuck();
      const underWay = writer.wire.bufferedBytes;
      for (let message = 0; message < 20; message++) say(writer.wire, 100 * KIB);
      await turns(3);
      assert.equal(writer.wire.bufferedBytes, underWay + 2000 * KIB);
      assert.equal(writer.wire.discard(), true);
      assert.equal(writer.reported, writer.wire.bufferedBytes);
      assert.equal(writer.wire.bufferedBytes, underWay);
      writer.wire.out.writeLatin1('goodbye');
      writer.wire.commit();
      writer.wire.end();
      reader.wire.resume();
      await reader.ends();
      assert.equal(reader.bytes % (200 * KIB), 7);
      assert.equal(reader.text.slice(-7), 'goodbye');
    });

    it('says when it cut a message in half, of which nothing more arrives', async () => {
      const { server: writer, client: reader } = await meet();
      reader.forgetBytes().wire.pause();
      say(writer.wire, FLOOD);
      await turns(SETTLED);
      assert.equal(writer.wire.discard(), false);
      assert.equal(writer.wire.discard(), true);
      writer.wire.end();
      reader.wire.resume();
      await reader.ends();
      assert.ok(reader.bytes > 0 && reader.bytes < FLOOD, `${reader.bytes} bytes arrived`);
      await writer.until(() => writer.reported === 0);
    });

    it('takes back what this turn has written', async () => {
      const { server, client } = await meet();
      say(server.wire, 1000);
      server.wire.share(Buffer.alloc(5000));
      assert.equal(server.wire.discard(), true);
      assert.equal(server.wire.bufferedBytes, 0);
      say(server.wire, 10);
      await client.receives(10);
      await turns(SETTLED);
      assert.equal(client.bytes, 10);
      assert.equal(server.reported, 0);
    });
  });

  describe('reading', { timeout: 20_000 }, () => {
    it('reads nothing while it is paused, and all of it afterwards', async () => {
      const { server, client } = await meet();
      server.wire.pause();
      for (let turn = 0; turn < 10; turn++) {
        say(client.wire, 100, turn);
        await turns(3);
      }
      assert.equal(server.bytes, 0);
      server.wire.resume();
      await server.receives(1000);
    });

    it('can be paused within opened', async () => {
      const { server, client } = await meet((guest) => {
        guest.on.opened = (wire) => wire.pause();
      });
      say(client.wire, 100);
      await turns(SETTLED);
      assert.equal(server.bytes, 0);
      server.wire.resume();
      await server.receives(100);
    });

    it('an outgoing wire can be paused within opened', async () => {
      const { listener, porch } = await open();
      const client = new Ear();
      client.on.opened = (wire) => wire.pause();
      dial(listener.address, client);
      const server = await porch.guest(0);
      await Promise.all([server.opens(), client.opens()]);
      say(server.wire, 100);
      await turns(SETTLED);
      assert.equal(client.bytes, 0);
      client.wire.resume();
      await client.receives(100);
    });

    it('can be paused within received: the next piece waits', async () => {
      const { server, client } = await meet();
      server.on.received = (wire) => wire.pause();
      for (let piece = 0; piece < 64; piece++) {
        say(client.wire, 16 * KIB, piece);
        await turns(1);
      }
      let pieces = 0;
      while (server.bytes < MIB) {
        await server.until(() => numbers(server) > pieces);
        await turns(3);
        assert.equal(numbers(server), ++pieces);
        server.wire.resume();
      }
      assert.ok(pieces > 1);
    });

    it('goes on after pause and resume within received', async () => {
      const { server, client } = await meet();
      server.on.received = (wire) => {
        wire.pause();
        wire.resume();
      };
      for (let piece = 0; piece < 10; piece++) {
        say(client.wire, 100);
        await server.receives(100 * (piece + 1));
      }
    });

    it('is heard no more after destroy() within received', async () => {
      const { server, client } = await meet();
      server.on.received = (wire) => wire.destroy();
      server.wire.pause();
      for (let piece = 0; piece < 10; piece++) {
        say(client.wire, KIB);
        await turns(2);
      }
      server.wire.resume();
      assert.equal((await server.closes()).how, 'destroyed');
      await turns(SETTLED);
      assert.equal(numbers(server), 1);
      assert.deepEqual(server.heard.slice(3), ['closed']);
    });

    it('moves 16 MiB both ways past slow readers, in bounded memory', async () => {
      const { server, client } = await meet();
      const size = 16 * MIB;
      const digests = await Promise.all([
        stream(server, size),
        stream(client, size),
        sip(server),
        sip(client),
      ]);
      assert.equal(client.digest(), digests[0]);
      assert.equal(server.digest(), digests[1]);
      for (const ear of [server, client]) assert.ok(ear.peak <= 2 * MIB, `${ear.peak} bytes waited`);

      async function sip(reader: Ear): Promise<void> {
        let since = 0;
        reader.forgetBytes().on.received = (wire, bytes) => {
          since += bytes.length;
          if (since < 200 * KIB) return;
          since = 0;
          wire.pause();
          setImmediate(() => wire.resume());
        };
        await reader.receives(size);
      }
    });

    /** Writes in pieces of odd sizes, as fast as it may with at most 1 MiB waiting. */
    async function stream(writer: Ear, size: number): Promise<string> {
      const hash = createHash('sha256');
      for (let sent = 0; sent < size; ) {
        await writer.until(() => writer.wire.bufferedBytes < MIB);
        const piece = Math.min(size - sent, 1000 + ((sent * 7919) % 100_000));
        hash.update(say(writer.wire, piece, sent));
        sent += piece;
        if (sent % 3 === 0) await turns(1);
      }
      return hash.digest('hex');
    }
  });

  describe('ending', { timeout: 20_000 }, () => {
    it('sends all that is queued, then ends, and finishes when both have ended', async () => {
      const { server, client } = await meet();
      client.forgetBytes().wire.pause();
      const expected = createHash('sha256').update(say(server.wire, 5 * MIB));
      expected.update(say(server.wire, 10));
      server.wire.end();
      await turns(3);
      client.wire.resume();
      await client.ends();
      assert.equal(client.bytes, 5 * MIB + 10);
      assert.equal(client.digest(), expected.digest('hex'));
      assert.equal(server.cause, undefined);
      client.wire.end();
      assert.deepEqual(await client.closes(), { how: 'finished' });
      assert.deepEqual(await server.closes(), { how: 'finished' });
      assert.deepEqual(client.heard, ['accepted', 'opened', 'ended', 'closed']);
      assert.deepEqual(server.heard, ['accepted', 'opened', 'ended', 'closed']);
    });

    for (const first of ['server', 'client'] as const) {
      it(`goes on writing to a ${first} that has ended`, async () => {
        const both = await meet();
        const one = both[first];
        const other = first === 'server' ? both.client : both.server;
        one.wire.end();
        await other.ends();
        say(other.wire, 300 * KIB);
        await one.receives(300 * KIB);
        say(other.wire, 100);
        await one.receives(300 * KIB + 100);
        other.wire.end();
        assert.deepEqual(await one.closes(), { how: 'finished' });
        assert.deepEqual(await other.closes(), { how: 'finished' });
      });
    }

    it('tells the end only after the last byte, also to a reader that was paused', async () => {
      const { server, client } = await meet();
      client.wire.pause();
      say(server.wire, 1000);
      server.wire.end();
      await turns(SETTLED);
      assert.deepEqual(client.heard, ['accepted', 'opened']);
      client.wire.resume();
      await client.ends();
      assert.deepEqual(client.heard, ['accepted', 'opened', 1000, 'ended']);
    });

    it('may be told to end twice, and drops what is written afterwards', async () => {
      const { server, client } = await meet();
      server.wire.end();
      server.wire.end();
      say(server.wire, 10);
      server.wire.share(Buffer.alloc(100_000));
      await client.ends();
      client.wire.end();
      assert.deepEqual(await server.closes(), { how: 'finished' });
      assert.equal(client.bytes, 0);
      assert.equal(server.wire.bufferedBytes, 0);
    });

    it('is destroyed now: what is queued is lost, the peer notices, nothing but closed is heard', async () => {
      const { writer, reader, sent } = await stuck();
      reader.on.ended = (wire) => wire.end();
      for (let message = 0; message < 20; message++) say(writer.wire, 100 * KIB);
      await turns(3);
      const before = writer.reported;
      writer.wire.destroy();
      assert.equal(writer.wire.bufferedBytes, 0);
      assert.deepEqual(await writer.closes(), { how: 'destroyed' });
      assert.equal(writer.reported, before);
      assert.deepEqual(writer.heard, ['accepted', 'opened', 'closed']);
      reader.wire.resume();
      await reader.closes();
      assert.ok(reader.bytes <= sent + 2000 * KIB);
    });

    it('tells a peer that broke off: reset, with the error', async () => {
      const { writer, reader } = await stuck();
      say(writer.wire, MIB);
      reader.wire.destroy();
      const { how, error } = await writer.closes();
      assert.equal(how, 'reset');
      assert.match((error as NodeJS.ErrnoException).code ?? '', /^(ECONNRESET|EPIPE)$/);
      assert.equal(writer.wire.bufferedBytes, 0);
      assert.equal(writer.heard.filter((event) => event === 'closed').length, 1);
    });

    it('tells a peer that is gone, by the time it is written to', async () => {
      const { server, client } = await meet();
      client.wire.destroy();
      await server.until(() => server.heard.includes('ended') || server.cause !== undefined);
      for (let turn = 0; turn < 1000 && server.cause === undefined; turn++) {
        say(server.wire, 1000);
        await turns(1);
      }
      assert.equal((await server.closes()).how, 'reset');
    });

    it('may be destroyed twice, and after that is good for nothing and harmless', async () => {
      const { server, client } = await meet();
      client.on.ended = (wire) => wire.end();
      server.wire.destroy();
      server.wire.destroy();
      misuse(server.wire);
      await server.closes();
      misuse(server.wire);
      await client.closes();
      await turns(SETTLED);
      misuse(client.wire);
      await turns(SETTLED);
      assert.deepEqual(server.heard, ['accepted', 'opened', 'closed']);
      assert.equal(client.heard.filter((event) => event === 'closed').length, 1);
      assert.deepEqual([server.wire.bufferedBytes, client.wire.bufferedBytes], [0, 0]);
      assert.deepEqual([server.reported, client.bytes], [0, 0]);
    });

    function misuse(wire: Wire): void {
      say(wire, 100);
      wire.share(Buffer.alloc(100_000));
      wire.pause();
      wire.resume();
      wire.discard();
      say(wire, 100_000);
      wire.end();
      wire.destroy();
      say(wire, 100);
    }
  });
}

/** 0 to 255, each once and not in order. */
const PATTERN = Buffer.from(Array.from({ length: 256 }, (_, index) => (index * 31) & 0xff));

/** Writes so many bytes as one message, in a pattern that betrays what is lost or moved. */
function say(wire: Wire, size: number, seed: number = size): Buffer {
  const { out } = wire;
  out.reserve(size);
  const start = out.position;
  out.bytes.fill(PATTERN, start, start + size);
  if (size > 4) out.view.setInt32(start, seed);
  out.position = start + size;
  const written = Buffer.from(out.bytes.subarray(start, start + size));
  wire.commit();
  return written;
}

/** How many pieces were received. */
function numbers(ear: Ear): number {
  return ear.heard.filter((event) => typeof event === 'number').length;
}
