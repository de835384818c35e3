/** Unix sockets as files: permissions, owners, what others have left; and both families on `[::]`, TLS under each protocol. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { after, afterEach, describe, it } from 'node:test';
import { defineProtocol, Worker } from 'usta';
import { runProgram } from '../../src/programs.ts';
import type { ListenOptions } from '../../src/transport/engine.ts';
import { memoryEngine } from '../../src/transport/memory-engine.ts';
import { testCertificate } from '../fixtures/certificate.ts';
import { Typist } from './lines.ts';

const directory = mkdtempSync(join(tmpdir(), 'usta-sockets-'));
const workers: { stop(): Promise<void> }[] = [];

function owned<W extends { stop(): Promise<void> }>(worker: W): W {
  workers.push(worker);
  return worker;
}

afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.stop();
});
after(() => rmSync(directory, { recursive: true }));

describe('a Unix socket', { timeout: 10_000 }, () => {
  const path = join(directory, 'app.sock');
  const echo = (options: object = {}): Worker<'tcp'> =>
    owned(
      new Worker(`unix://${path}`, { ...options, onMessage: (connection, bytes) => connection.send(bytes) }),
    ) as never;

  async function isServed(): Promise<void> {
    const typist = await Typist.connect({ path });
    typist.type('hello');
    await typist.hears('hello');
    typist.cutOff();
  }

  it('has the mode, the owner and the group that it is given', async () => {
    const { output } = await runProgram('id', ['-gn']);
    await echo({
      socket: { mode: 0o620, owner: process.getuid?.() ?? 0, group: output.trim() },
    }).listen();
    const { mode, uid, gid } = statSync(path);
    assert.deepEqual([mode & 0o777, uid, gid], [0o620, process.getuid?.(), process.getgid?.()]);
    await isServed();
  });

  it('cannot be given to nobody', async () => {
    const worker = echo({ socket: { group: 'no-such-group' } });
    await assert.rejects(worker.listen(), /socket\.group: there is no group "no-such-group" on this machine/);
    assert.equal(existsSync(path), false);
    assert.throws(
      () => echo({ socket: { mode: 8.5 } }),
      /socket\.mode takes permissions such as 0o660, not 8\.5/,
    );
    assert.throws(() => echo({ socket: { owner: -1 } }), /socket\.owner takes a name or a number/);
  });

  it('takes the place of one that was left behind', async () => {
    const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    await runProgram(process.execPath, ['-e', script]).catch(() => {});
    assert.ok(statSync(path).isSocket());
    await echo().listen();
    await isServed();
  });

  it('leaves alone where somebody listens, and what is no socket', async () => {
    const first = echo();
    await first.listen();
    await assert.rejects(echo().listen(), /another program listens there, or a file that is no socket/);
    await isServed();
    await first.stop();
    writeFileSync(path, 'precious');
    chmodSync(path, 0o600);
    await assert.rejects(echo().listen(), { code: 'EADDRINUSE' });
    assert.equal(statSync(path).size, 8);
    rmSync(path);
  });
});

describe('a port', { timeout: 10_000 }, () => {
  it('on [::] serves IPv4 too, told as it is', async () => {
    const worker = owned(new Worker('text://[::]:0'));
    worker.onMessage = (connection) => connection.send(connection.remoteIp);
    await worker.listen();
    for (const host of ['127.0.0.1', '::1']) {
      const typist = await Typist.connect({ port: worker.port, host });
      typist.type('x\n');
      await typist.hears(`${host}\n`);
      typist.cutOff();
    }
  });

  it('the words backlog, ipv6_v6only and so_reuseport come to where it is bound', async () => {
    const engine = memoryEngine();
    const given: ListenOptions[] = [];
    const spy: typeof engine = {
      connect: (...all) => engine.connect(...all),
      listen(address, options, sink) {
        given.push(options);
        return engine.listen(address, options, sink);
      },
    };
    const worker = owned(new Worker('tcp://[::]:1', { socket: { backlog: 7, ipv6_v6only: true } }));
    await worker.listen({ engine: spy });
    assert.deepEqual([given[0]?.backlog, given[0]?.ipv6Only, given[0]?.reusePort], [7, true, false]);
    assert.equal(new Worker('tcp://[::]:1', { socket: { so_reuseport: true } }).reusePort, true);
  });

  it('TLS goes under text, frame, tcp and a protocol of one’s own', async () => {
    const ssl = await testCertificate();
    const stars = defineProtocol({
      input: (buffer) => buffer.indexOf('*') + 1,
      decode: (bytes) => bytes.toString('latin1', 0, bytes.length - 1),
      encode: (text: string) => `${text}*`,
    });
    const secure = { ssl, transport: 'ssl', onMessage: echo } as const;
    const cases: readonly (readonly [
      { listen(): Promise<void>; stop(): Promise<void>; port: number },
      string,
    ])[] = [
      [new Worker('text://127.0.0.1:0', secure), 'line\n'],
      [new Worker('frame://127.0.0.1:0', secure), '\0\0\0\x07abc'],
      [new Worker('tcp://127.0.0.1:0', secure), 'bytes'],
      [new Worker('ssl://127.0.0.1:0', { ssl, onMessage: echo }), 'bytes'],
      [new Worker('tcp://127.0.0.1:0', { ...secure, protocol: stars }), 'star*'],
      [new Worker('ssl://127.0.0.1:0', { ssl, protocol: stars, onMessage: echo }), 'star*'],
    ];
    for (const [worker, bytes] of cases) {
      await owned(worker).listen();
      const typist = await Typist.connectTls({ port: worker.port, host: '127.0.0.1', ca: ssl.cert });
      typist.type(bytes);
      await typist.hears(bytes);
      typist.cutOff();
    }
  });
});

function echo(
  connection: { readonly secure: boolean; send(message: never): boolean },
  message: unknown,
): void {
  if (connection.secure) connection.send(message as never);
}
