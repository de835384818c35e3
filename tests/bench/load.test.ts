import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PING, serverFrame, TEXT, VARIANTS } from '../../bench/load/frames.ts';
import { DEFAULTS, type LoadOptions, readOptions } from '../../bench/load/options.ts';
import type { Report } from '../../bench/load/report.ts';
import { run } from '../../bench/load/run.ts';
import { createAuthority, issue } from '../../src/certificates/authority.ts';
import { type Behaviour, type FakeOptions, type FakeServer, fakeServer } from './fake-server.ts';

const NO_BYTES = Buffer.alloc(0);

/** Answers as `change` says from the fifth message on. */
function fromTheFifth(change: Behaviour): Behaviour {
  return (frame, index) => (index >= 4 ? change(frame, index) : frame);
}

/** Puts a short load on a fake server. */
async function load(
  context: TestContext,
  fake: FakeOptions,
  options: Partial<LoadOptions>,
): Promise<{ report: Report; server: FakeServer }> {
  const server = await fakeServer(fake);
  context.after(() => server.close());
  const short = { ...DEFAULTS, connections: 2, seconds: 0.1, warmUp: 0, port: server.port };
  return { report: await run({ ...short, ...options }), server };
}

describe('load generator', () => {
  it('counts what a right server echoes, message by message', async (context) => {
    const inFlight = 3;
    const { report, server } = await load(context, {}, { inFlight, size: 200 });
    assert.ok(report.messages > 0);
    const unfinished = server.messages - report.messages;
    assert.ok(unfinished >= 0 && unfinished <= 2 * inFlight, `${unfinished} messages were not counted`);
    assert.ok(Math.abs(report.perSecond * report.seconds - report.messages) < 1);
  });

  it('counts over TLS, where replies are answered together', async (context) => {
    const tls = issue(createAuthority('test'), ['localhost']);
    const { report, server } = await load(context, { tls }, { tls: true, inFlight: 8 });
    assert.ok(report.messages > 0);
    assert.ok(server.messages - report.messages <= 2 * 8);
  });

  it('finds one wrong byte', async (context) => {
    const answer = fromTheFifth((frame) => {
      const wrong = Buffer.from(frame);
      wrong[20] = (wrong[20] ?? 0) ^ 1;
      return wrong;
    });
    await assert.rejects(load(context, { answer }, {}), /wrong byte 20 of a reply frame of 34 bytes/);
  });

  it('finds two replies in the wrong order', async (context) => {
    let held: Buffer = NO_BYTES;
    const answer: Behaviour = (frame, index) => {
      if (index === 4) held = frame;
      return index === 4 ? NO_BYTES : index === 5 ? Buffer.concat([frame, held]) : frame;
    };
    await assert.rejects(load(context, { answer }, { connections: 1, inFlight: 4 }), /wrong byte 2 /);
  });

  it('finds a binary reply to a text', async (context) => {
    const answer = fromTheFifth((frame) => serverFrame(0x82, frame.subarray(2)));
    await assert.rejects(load(context, { answer }, {}), /wrong frame type: 0x82 instead of 0x81/);
  });

  it('finds a missing reply', async (context) => {
    const answer: Behaviour = (frame, index) => (index === 4 ? NO_BYTES : frame);
    await assert.rejects(load(context, { answer }, {}), /1 replies are missing/);
  });

  it('finds a reply that nobody asked for', async (context) => {
    const sent: Buffer[] = [];
    const answer: Behaviour = (frame, index) => {
      sent.push(frame);
      const next = sent[index + 1 - VARIANTS];
      return index === 20 && next ? Buffer.concat([frame, next]) : frame;
    };
    await assert.rejects(load(context, { answer }, { connections: 1 }), /more replies than messages/);
  });

  it('finds a refused upgrade and a lost connection', async (context) => {
    const status = 'HTTP/1.1 403 Forbidden';
    await assert.rejects(load(context, { status }, {}), /refused: HTTP\/1.1 403 Forbidden/);
    const answer = fromTheFifth(() => serverFrame(0x88, Buffer.of(0x03, 0xf3)));
    await assert.rejects(load(context, { answer }, {}), /the server closed, code 1011/);
  });

  it('answers pings between messages and goes on', async (context) => {
    const ping = serverFrame(PING, Buffer.from('there?'));
    const answer: Behaviour = (frame, index) => (index === 4 ? Buffer.concat([ping, frame]) : frame);
    const { report, server } = await load(context, { answer }, {});
    assert.ok(report.messages > 5);
    assert.equal(server.asides[0], 'there?');
  });

  it('speaks Socket.IO: its handshake, its packets, its pings', async (context) => {
    const ping = serverFrame(TEXT, Buffer.from('2'));
    const seen: string[] = [];
    const answer: Behaviour = (frame, index) => {
      seen.push(frame.toString('utf8', 2));
      return index === 4 ? Buffer.concat([frame, ping]) : frame;
    };
    const { report, server } = await load(context, { answer, socketio: true }, { socketio: true });
    assert.ok(report.messages > 5);
    assert.match(seen[0] ?? '', /^42\["m","[\w-]{32}"\]$/);
    assert.equal(server.asides[0], '3');
  });

  it('fans out to all connections, and finds one delivery that is missing', async (context) => {
    const options = { mode: 'fanout', connections: 5 } as const;
    const { report, server } = await load(context, { broadcasts: true }, options);
    assert.ok(server.messages * 5 - report.messages <= 5);
    await assert.rejects(load(context, {}, options), /4 deliveries are missing/);
  });

  it('counts latency from the moment a message was due, so a stall is not forgiven', async (context) => {
    let isStalled = false;
    const answer: Behaviour = (frame, index) => {
      if (index === 100 && !isStalled) stall(100);
      isStalled ||= index === 100;
      return frame;
    };
    const options = { mode: 'rate', rate: 1000, seconds: 0.4 } as const;
    const { report } = await load(context, { answer }, options);
    const { p50 = 0, p99 = 0, worst = 0 } = report.latency ?? {};
    assert.ok(p99 > 50 && worst >= 90 && p50 <= p99, JSON.stringify(report.latency));
  });

  it('opens, closes and opens again', async (context) => {
    const { report, server } = await load(context, {}, { mode: 'connect' });
    assert.ok(report.messages > 2);
    assert.ok(server.closes >= report.messages, 'every connection says goodbye');
  });

  it('reads CPU time and memory of the server where there is /proc', async (context) => {
    const { report } = await load(context, {}, { mode: 'idle', pids: [process.pid] });
    const hasProc = process.platform === 'linux';
    assert.equal(report.serverShare !== null, hasProc);
    assert.equal(report.memory?.kibPerConnection !== null, hasProc);
  });

  it('is a program that prints one line and fails when the server does', async (context) => {
    const server = await fakeServer({ answer: () => serverFrame(TEXT, Buffer.alloc(32)) });
    context.after(() => server.close());
    const script = fileURLToPath(new URL('../../bench/load.js', import.meta.url));
    const words = [script, 'echo', '--port', String(server.port), '-t', '0.1', '-w', '0'];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    const printed = child.stdout.toArray();
    const [status] = await once(child, 'close');
    assert.equal(status, 1);
    assert.match(JSON.parse(String(Buffer.concat(await printed))).failure, /wrong byte 2 of/);
  });

  it('only loads this machine', () => {
    assert.throws(() => readOptions(['echo', '--port', '80', '--host', '10.0.0.1']), /only 127\.0\.0\.0\/8/);
    assert.throws(() => readOptions(['echo', '--port', '80', '-c', '0']), /--connections 0/);
    assert.throws(() => readOptions(['shout', '--port', '80']), /name one mode/);
    assert.equal(readOptions(['rate', '--port', '80', '--rate', '50']).rate, 50);
  });
});

/** Blocks the one process in which server and generator of these tests live, in milliseconds. */
function stall(duration: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, duration);
}
