/** A worker that listens, listens no more, listens again; in one process, without a master. */
import assert from 'node:assert/strict';
import { versions } from 'node:process';
import { afterEach, describe, it } from 'node:test';
import { UsageError, Worker } from 'usta';
import { Master } from '../../src/master/master.ts';
import { proveReusePort } from '../../src/transport/reuse-port.ts';
import { premises } from '../../src/worker/premises.ts';
import { Sender } from './datagrams.ts';
import { Typist } from './lines.ts';

const LOCAL = 'text://127.0.0.1:0';

describe('a worker in a running process', { timeout: 10_000 }, () => {
  const workers: { stop(): Promise<void> }[] = [];
  const typists: Typist[] = [];

  afterEach(async () => {
    for (const typist of typists.splice(0)) typist.cutOff();
    for (const worker of workers.splice(0)) await worker.stop();
  });

  function echo(
    address: 'text://127.0.0.1:0' | 'text://[::1]:0' = LOCAL,
    options: object = {},
  ): Worker<'text'> {
    const worker = new Worker(address, { drainTimeout: 0.2, ...options });
    worker.onMessage = (connection, line) => connection.send(line);
    workers.push(worker);
    return worker as never;
  }

  async function typist(port: number): Promise<Typist> {
    const one = await Typist.connect({ port, host: '127.0.0.1' });
    typists.push(one);
    return one;
  }

  it('unlisten: connections live on, newcomers are refused, and it listens again', async () => {
    const worker = echo();
    await worker.listen();
    const { port } = worker;
    assert.equal(worker.getSocketName(), `text://127.0.0.1:${port}`);
    const early = await typist(port);
    await worker.unlisten();
    await assert.rejects(typist(port), { code: 'ECONNREFUSED' });
    early.type('still here\n');
    await early.hears('still here\n');

    await worker.listen();
    await assert.rejects(worker.listen(), /listens already/);
    const late = await typist(worker.port);
    late.type('me too\n');
    await late.hears('me too\n');
    assert.equal(worker.connections.size, 2);
  });

  it('stop, and listen again', async () => {
    const worker = echo();
    await worker.listen();
    await worker.stop();
    assert.equal(worker.stopping, true);
    await worker.listen();
    assert.equal(worker.stopping, false);
    (await typist(worker.port)).cutOff();
  });

  it('stopped while it begins: it does not listen; while it is being stopped: not before it has', async () => {
    const worker = echo();
    const listening = worker.listen();
    await worker.unlisten();
    await assert.rejects(listening, /was stopped while it began to listen/);
    assert.equal(worker.isListening, false);
    await worker.listen();
    await typist(worker.port);
    const stopping = worker.stop();
    await assert.rejects(worker.listen(), /is being stopped; await that first/);
    await stopping;
  });

  it('a listener that could not be had leaves the worker as it was', async () => {
    const first = echo();
    await first.listen();
    const second = new Worker(`text://127.0.0.1:${first.port}`);
    await assert.rejects(
      second.listen(),
      /another program listens there; choose another port.*\(EADDRINUSE\)$/,
    );
    premises.processes = 2;
    await assert.rejects(second.listen(), /each of 2 processes tries to: reusePort: true/);
    premises.processes = 1;
    await first.unlisten();
    await second.listen();
    await second.stop();
  });

  it('pauseAccept keeps newcomers waiting, resumeAccept takes them', async () => {
    const worker = echo();
    await worker.listen();
    worker.pauseAccept();
    const one = await typist(worker.port);
    one.type('hello\n');
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.equal(worker.connections.size, 0);
    worker.resumeAccept();
    await one.hears('hello\n');
  });

  it('datagrams too', async () => {
    const worker = new Worker('udp://127.0.0.1:0', { onMessage: (peer, bytes) => peer.send(bytes) });
    workers.push(worker);
    await worker.listen();
    const { port } = worker;
    await worker.unlisten();
    const again = new Worker(`udp://127.0.0.1:${port}` as 'udp://', {
      onMessage: (peer) => peer.send('other'),
    });
    workers.push(again);
    await again.listen();
    const sender = await Sender.to(port);
    sender.send('one');
    assert.deepEqual(await sender.hears(1), ['other']);
    sender.close();
  });

  it('reusePort: with Node 22.12 and later two share a port; before, one line says so', async () => {
    const [major = 0, minor = 0] = versions.node.split('.').map(Number);
    const knows = major > 22 || (major === 22 && minor >= 12);
    const first = echo(LOCAL, { reusePort: true });
    if (!knows) {
      await assert.rejects(
        first.listen(),
        /reusePort: Node .* does not have it, 22\.12 and later do; leave it out/,
      );
    } else {
      await first.listen();
      const second = new Worker(`text://127.0.0.1:${first.port}`, { socket: { so_reuseport: true } });
      workers.push(second);
      await second.listen();
      assert.equal(second.port, first.port);
    }
    const many = new Worker(LOCAL, { reusePort: true, count: 2 });
    if (knows) assert.equal(new Master([many as never]).posts[0]?.bound, undefined);
    else assert.throws(() => new Master([many as never]), { code: 'E_REUSE_PORT' });
    assert.throws(() => proveReusePort('24.1.0', 'darwin'), UsageError);
    assert.throws(() => proveReusePort('23.0.0', 'linux'), UsageError);
    proveReusePort('22.12.0', 'linux');
    proveReusePort('23.1.0', 'linux');
  });

  it('the class knows its workers, and stops them all', async () => {
    const worker = echo();
    assert.equal(Worker.getStatus(), Worker.STATUS_INITIAL);
    assert.equal(Worker.isRunning(), false);
    await worker.listen();
    assert.ok(Worker.getAllWorkers().includes(worker as never));
    assert.equal(Worker.getStatus(), Worker.STATUS_RUNNING);
    assert.equal(Worker.isRunning(), true);
    assert.match(Worker.VERSION, /^\d+\.\d+\.\d+/);
    await Worker.stopAll();
    assert.equal(Worker.isRunning(), false);
    await assert.rejects(typist(worker.port), { code: 'ECONNREFUSED' });
  });
});
