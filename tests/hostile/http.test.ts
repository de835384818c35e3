import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe } from 'node:test';
import { Peer, upgradeRequest } from './peer.ts';
import { siege } from './siege.ts';

const MIB = 1_048_576;
const PATIENT = { options: { keepAliveTimeout: 30 } };
const GET = 'GET / HTTP/1.1\r\nHost: localhost\r\n';

describe('bad input: request heads (RFC 9112 §3, §5)', () => {
  siege('a line of more than 8 KiB is answered 414, one of 8 KiB is not', {}, async ({ target }) => {
    const room = 8192 - 'GET / HTTP/1.1'.length;
    const long = await Peer.plain(target);
    long.send(`GET /${'a'.repeat(room + 1)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    assert.match(await long.last(), /^HTTP\/1\.1 414 /);

    const longest = await Peer.plain(target);
    longest.send(`GET /${'a'.repeat(room)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    assert.match(await longest.response(), /^HTTP\/1\.1 404 /);
  });

  siege('a head of more than 16 KiB is answered 431, one of 16 KiB is not', {}, async ({ target }) => {
    const room = 16_384 - GET.length - 'X: \r\n\r\n'.length;
    const large = await Peer.plain(target);
    large.send(`${GET}X: ${'a'.repeat(room + 1)}\r\n\r\n`);
    assert.match(await large.last(), /^HTTP\/1\.1 431 /);

    const largest = await Peer.plain(target);
    largest.send(`${GET}X: ${'a'.repeat(room)}\r\n\r\n`);
    assert.match(await largest.response(), /^HTTP\/1\.1 200 /);
  });

  siege('more than 100 fields are answered 431, 100 are not', {}, async ({ target }) => {
    const many = await Peer.plain(target);
    many.send(`${GET}${'X: a\r\n'.repeat(100)}\r\n`);
    assert.match(await many.last(), /^HTTP\/1\.1 431 /);

    const most = await Peer.plain(target);
    most.send(`${GET}${'X: a\r\n'.repeat(99)}\r\n`);
    assert.match(await most.response(), /^HTTP\/1\.1 200 /);
  });

  siege('a head without an end: 431 for endless lines, 414 without any newline', {}, async ({ target }) => {
    const lines = await Peer.plain(target);
    lines.send(`${GET}${`X: ${'a'.repeat(1000)}\r\n`.repeat(10_000)}`);
    assert.match(await lines.last(), /^HTTP\/1\.1 431 /);

    const noNewline = await Peer.plain(target);
    noNewline.send(Buffer.alloc(20 * MIB, 'a'));
    assert.match(await noNewline.last(), /^HTTP\/1\.1 414 /);
  });

  siege('30 endless heads at once', {}, async ({ target }) => {
    const peers = await Promise.all(Array.from({ length: 30 }, () => Peer.plain(target)));
    const endless = Buffer.from(`${GET}X: ${'a'.repeat(4 * MIB)}`);
    for (const peer of peers) peer.send(endless);
    for (const peer of peers) assert.match(await peer.last(), /^HTTP\/1\.1 431 /);
  });

  siege('100 kB of noise is answered 400 or closed, also on 20 connections', {}, async ({ target }) => {
    for (let round = 0; round < 20; round++) {
      const peer = await Peer.plain(target);
      peer.send(randomBytes(100_000));
      assert.match(await peer.last(), /^(HTTP\/1\.1 (400|414) |$)/);
    }
  });

  siege('a TLS ClientHello on the plain port is answered 400 that says so', {}, async ({ target }) => {
    const peer = await Peer.plain(target);
    peer.send(Buffer.concat([Buffer.from('16030100ca010000c60303', 'hex'), randomBytes(196)]));
    const answer = await peer.last();
    assert.match(answer, /^HTTP\/1\.1 400 /);
    assert.match(answer, /plain HTTP and got TLS/);
  });

  siege(
    'a PROXY header that nobody asked for is answered 400 (version 1) or closed (version 2)',
    {},
    async ({ target }) => {
      const text = await Peer.plain(target);
      text.send(`PROXY TCP4 1.2.3.4 5.6.7.8 1000 80\r\n${GET}\r\n`);
      assert.match(await text.last(), /^HTTP\/1\.1 400 /);

      const binary = await Peer.plain(target);
      binary.send(Buffer.from('0d0a0d0a000d0a515549540a2111000c01020304050607080000005000', 'hex'));
      assert.match(await binary.last(), /^HTTP\/1\.1 400 /);
    },
  );
});

describe('bad input: request bodies (RFC 9112 §6, §7.1)', () => {
  siege(
    'a Content-Length over 10 MiB is answered 413 at once, before any of it is sent',
    {},
    async ({ target }) => {
      const peer = await Peer.plain(target);
      peer.send(`POST /length HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${10 * MIB + 1}\r\n\r\n`);
      assert.match(await peer.last(), /^HTTP\/1\.1 413 /);
    },
  );

  siege(
    'a chunked body is answered 413 when it passes 10 MiB; one of 10 MiB arrives whole',
    {},
    async ({ target }) => {
      const head = 'POST /length HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n';
      const chunk = Buffer.from(`10000\r\n${'a'.repeat(0x10000)}\r\n`);
      const large = await Peer.plain(target);
      large.send(head);
      for (let count = 0; count < 161; count++) large.send(chunk);
      assert.match(await large.last(), /^HTTP\/1\.1 413 /);

      const largest = await Peer.plain(target);
      largest.send(head);
      for (let count = 0; count < 160; count++) largest.send(chunk);
      largest.send('0\r\n\r\n');
      assert.match(await largest.response(), /^HTTP\/1\.1 200 .*\r\n\r\n10485760$/s);
    },
  );

  siege('a body in 100,000 chunks of one byte costs its bytes', {}, async ({ target }) => {
    const peer = await Peer.plain(target);
    peer.send('POST /length HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
    peer.send(`${'1\r\na\r\n'.repeat(100_000)}0\r\n\r\n`);
    assert.match(await peer.response(), /\r\n\r\n100000$/);
  });

  siege(
    'requests that are pipelined behind one that is not answered wait outside',
    {},
    async ({ server, target }) => {
      const peer = await Peer.plain(target);
      peer.send('GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n');
      peer.send(Buffer.from(`${GET}\r\n`.repeat(1_000_000)));
      const { read } = await server.still();
      assert.ok(read < 2 * MIB, `${read} bytes were read`);
      assert.ok(peer.stuck > 0);
      await server.ask('answer-later');
      assert.match(await peer.response(), /at last$/);
      assert.match(await peer.response(), /Hello, World!$/);
    },
  );

  siege(
    'a peer that leaves before its answer is noticed; one that only ended its side is answered',
    PATIENT,
    async (siege) => {
      const [gone, listening] = [await Peer.plain(siege.target), await Peer.plain(siege.target)];
      gone.send('GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n');
      listening.send('GET /later HTTP/1.1\r\nHost: localhost\r\n\r\n');
      listening.finish();
      await siege.server.stood(({ waiting }) => waiting === 2);
      gone.destroy();
      const { cause } = await siege.server.reported('closed', ({ port }) => port === gone.port);
      assert.equal(cause.how, 'reset');
      await siege.server.ask('answer-later');
      assert.match(await listening.last(), /^HTTP\/1\.1 200 .*at last$/s);
    },
  );

  siege('pipelined requests whose answers are never read stop being read', {}, async ({ server, target }) => {
    const peer = (await Peer.plain(target)).stopReading();
    peer.send(Buffer.from(`${GET}\r\n`.repeat(1_000_000)));
    const { longest } = await server.still();
    assert.ok(longest >= 65_536 && longest < 2 * 65_536, `${longest} bytes wait`);
    assert.ok(peer.stuck > 0);
  });
});

describe('bad input: HTTP deadlines', { concurrency: 4 }, () => {
  siege(
    'a head that does not come, comes half, or drips: 408 after upgradeTimeout',
    {},
    async ({ target }) => {
      const silent = await Peer.plain(target);
      const half = await Peer.plain(target);
      half.send('GET / HT');
      const dripping = await Peer.plain(target);
      const drip = setInterval(() => dripping.send('a'), 50);
      dripping.send(`${GET}X: `);
      const answers = await Promise.all([silent.last(), half.last(), dripping.last()]);
      clearInterval(drip);
      for (const answer of answers)
        assert.match(answer, /^HTTP\/1\.1 408 .*the request head did not come in time/s);
    },
  );

  siege('the second head of a connection has its time too', PATIENT, async ({ target }) => {
    const peer = await Peer.plain(target);
    peer.send(`${GET}\r\n`);
    assert.match(await peer.response(), /^HTTP\/1\.1 200 /);
    const drip = setInterval(() => peer.send('a'), 50);
    peer.send(`${GET}X: `);
    assert.match(await peer.last(), /^HTTP\/1\.1 408 /);
    clearInterval(drip);
  });

  siege('a body that stops half-way: 408', {}, async ({ target }) => {
    const peer = await Peer.plain(target);
    peer.send('POST /length HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf');
    assert.match(await peer.last(), /^HTTP\/1\.1 408 .*the request body/s);
  });

  siege('a decision on an upgrade that does not come ends the wait: 503', {}, async ({ server, target }) => {
    const peer = await Peer.plain(target);
    peer.send(upgradeRequest({ path: '/undecided' }));
    assert.match(await peer.last(), /^HTTP\/1\.1 503 .*the decision on the upgrade/s);
    peer.finish();
    const { cause } = await server.reported('closed', ({ port }) => port === peer.port);
    assert.deepEqual([cause.by, cause.how, cause.reason], ['us', 'deadline', 'the decision on the upgrade']);
  });

  siege(
    'frames that come before the decision wait for it, outside',
    { options: { upgradeTimeout: 2 } },
    async (siege) => {
      const peer = await Peer.plain(siege.target);
      peer.send(upgradeRequest({ path: '/undecided' }));
      peer.send(Buffer.alloc(20 * MIB));
      const { held } = await siege.server.still();
      assert.ok(held <= 128 * 1024, `${held} bytes are held`);
      assert.ok(peer.stuck > 0);
    },
  );

  siege('an idle connection is ended after keepAliveTimeout, with FIN', {}, async ({ server, target }) => {
    const peer = await Peer.plain(target);
    peer.send(`${GET}\r\n`);
    assert.match(await peer.response(), /^HTTP\/1\.1 200 /);
    assert.equal(await peer.ended(), 'fin');
    peer.finish();
    const { cause } = await server.reported('closed', ({ port }) => port === peer.port);
    assert.deepEqual([cause.how, cause.reason], ['deadline', 'the next request']);
  });
});
