/** `udp://` in one process, over real sockets. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { defineProtocol, subscribe, type UdpConnection, Worker } from 'usta';
import { bindDatagrams, openDatagrams } from '../../src/transport/datagrams.ts';
import { Reporter } from '../../src/worker/reporter.ts';
import { Sender } from './datagrams.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve<W extends { listen(): Promise<void>; stop(): Promise<void> }>(worker: W): Promise<W> {
  await worker.listen();
  closing.push(() => worker.stop());
  return worker;
}

async function sender(port: number, host?: string): Promise<Sender> {
  const one = await Sender.to(port, host);
  closing.push(() => one.close());
  return one;
}

function failures(): unknown[] {
  const heard: unknown[] = [];
  closing.push(
    subscribe('usta:connection:failed', ({ code, reason }) => heard.push([code, reason])),
    subscribe('usta:handler:failed', ({ callback, error }) =>
      heard.push([callback, (error as Error).message]),
    ),
  );
  return heard;
}

describe('udp://', () => {
  it('answers each datagram to where it came from, and is counted', async () => {
    const reporter = new Reporter();
    const before = reporter.report();
    const worker = await serve(new Worker('udp://127.0.0.1:0'));
    worker.onMessage = (connection, message) => connection.send(`${message} from ${connection.remotePort}`);
    const [one, two] = [await sender(worker.port), await sender(worker.port)];
    one.send('a');
    two.send('b');
    assert.deepEqual(await one.hears(1), [`a from ${one.port}`]);
    assert.deepEqual(await two.hears(1), [`b from ${two.port}`]);
    const after = reporter.report();
    assert.equal(after.messagesReceived - before.messagesReceived, 2);
    assert.equal(after.messagesSent - before.messagesSent, 2);
    assert.equal(after.bytesRead - before.bytesRead, 2);
  });

  it("tells both ends in properties and in Workerman's words", async () => {
    const worker = await serve(new Worker('udp://127.0.0.1:0'));
    const told = new Promise<UdpConnection>((resolve) => {
      worker.onMessage = resolve;
    });
    const one = await sender(worker.port);
    one.send('');
    const connection = await told;
    assert.deepEqual(
      [connection.remoteIp, connection.remotePort, connection.getRemoteAddress(), connection.localPort],
      ['127.0.0.1', one.port, `127.0.0.1:${one.port}`, worker.port],
    );
    assert.deepEqual(
      [connection.isIpV4, connection.getRemoteIp(), connection.secure],
      [true, '127.0.0.1', false],
    );
  });

  it('hears an empty datagram, as UDP has them', async () => {
    const worker = await serve(new Worker('udp://127.0.0.1:0'));
    worker.onMessage = (connection, message) => connection.send(String(message.length));
    const one = await sender(worker.port);
    one.send('');
    assert.deepEqual(await one.hears(1), ['0']);
  });

  it('speaks IPv4 and IPv6 on [::]', async () => {
    const worker = await serve(new Worker('udp://[::]:0'));
    worker.onMessage = (connection) => connection.send(connection.remoteIp);
    for (const host of ['127.0.0.1', '::1']) {
      const one = await sender(worker.port, host);
      one.send('who?');
      assert.deepEqual(await one.hears(1), [host]);
    }
  });

  it('sends nothing after close()', async () => {
    const worker = await serve(new Worker('udp://127.0.0.1:0'));
    worker.onMessage = (connection) => {
      connection.close('last');
      assert.equal(connection.send('more'), false);
      assert.equal(worker.sendFailures, 0);
    };
    const one = await sender(worker.port);
    one.send('1');
    one.send('2');
    assert.deepEqual(await one.hears(2), ['last', 'last']);
  });

  it('refuses to send more than a datagram holds', async () => {
    const worker = await serve(new Worker('udp://127.0.0.1:0'));
    worker.onMessage = (connection) => connection.send(String(connection.send(Buffer.alloc(65_508))));
    const one = await sender(worker.port);
    one.send('?');
    assert.deepEqual(await one.hears(1), ['false']);
    assert.equal(worker.sendFailures, 1);
  });
});

describe('protocols over udp://', () => {
  const pair = defineProtocol({
    input: (buffer) => buffer[0] ?? 0,
    decode: (bytes): number => JSON.parse(String(bytes.subarray(1))),
    encode: (value: number) => `=${value}`,
  });

  it('one datagram is one package: half of one, and more than one, are refused', async () => {
    const heard = failures();
    const worker = await serve(new Worker('udp://127.0.0.1:0', { protocol: pair, maxPackageSize: 100 }));
    worker.onMessage = (connection, value) => connection.send(value + 1);
    const one = await sender(worker.port);
    for (const bytes of [
      '\x031',
      '\x0212',
      '\x02{',
      '\x02x'.padEnd(101),
      '',
      '\x0241',
      '\x0241\x02',
      '\x0241',
    ])
      one.send(bytes);
    one.send('\x027');
    assert.deepEqual(await one.hears(1), ['=8']);
    assert.deepEqual(
      heard.map((one) => (one as unknown[])[0]),
      [1002, 1002, 1002, 1009, 1002, 1002, 1002, 1002],
    );
  });

  it('lines', async () => {
    const worker = await serve(new Worker('udp://127.0.0.1:0', { protocol: 'text' }));
    worker.onMessage = (connection, line) => connection.send(line.toUpperCase());
    const one = await sender(worker.port);
    one.send('no end');
    one.send('hello\r\n');
    assert.deepEqual(await one.hears(1), ['HELLO\n']);
  });
});

describe('what goes wrong with a datagram', () => {
  it('a handler that throws or rejects concerns that datagram', async () => {
    const heard = failures();
    const worker = await serve(new Worker('udp://127.0.0.1:0'));
    worker.onMessage = (connection, message) => {
      if (String(message) === 'throw') throw new Error('told to throw');
      if (String(message) === 'reject') return Promise.reject(new Error('told to reject'));
      return connection.send('still here');
    };
    worker.onError = (connection, code, message) => connection.send(`${code} ${message}`);
    const one = await sender(worker.port);
    for (const message of ['throw', 'reject', '']) one.send(message);
    const answers = ['3 onMessage: told to reject', '3 onMessage: told to throw', 'still here'];
    assert.deepEqual([...(await one.hears(3))].sort(), answers);
    assert.deepEqual(heard, [
      ['onMessage', 'told to throw'],
      ['onMessage', 'told to reject'],
    ]);
  });

  it('who is gone when the answer comes (ICMP: port unreachable) harms nobody', async () => {
    const worker = await serve(new Worker('udp://127.0.0.1:0'));
    const left: UdpConnection[] = [];
    worker.onMessage = (connection, message) => {
      if (String(message) === 'leaving') return left.push(connection);
      for (const one of left) for (let times = 0; times < 20; times++) one.send('where are you?');
      return connection.send('here');
    };
    const gone = await Sender.to(worker.port);
    gone.send('leaving');
    const one = await sender(worker.port);
    while (left.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    gone.close();
    for (let times = 1; times <= 5; times++) {
      one.send('?');
      await one.hears(times);
    }
  });

  it('an answer to port 0, which only a forged datagram comes from, is not sent', () => {
    const port = openDatagrams({ kind: 'ip', host: '127.0.0.1', port: 0 }, {}, { received() {} });
    closing.push(() => port.close());
    assert.equal(port.send(Buffer.from('x'), { kind: 'ip', host: '127.0.0.1', port: 0 }), false);
    port.close();
    assert.equal(port.send(Buffer.from('x'), { kind: 'ip', host: '127.0.0.1', port: 9 }), false);
  });

  it('a port that is taken, an address of another machine and TLS are told', async () => {
    const worker = await serve(new Worker('udp://127.0.0.1:0'));
    const place = { kind: 'ip', host: '127.0.0.1', port: worker.port } as const;
    assert.throws(() => bindDatagrams(place), {
      code: 'EADDRINUSE',
      message: /another program listens there/,
    });
    await assert.rejects(new Worker(`udp://127.0.0.1:${worker.port}`).listen(), { code: 'EADDRINUSE' });
    await assert.rejects(new Worker('udp://192.0.2.1:0').listen(), { code: 'EADDRNOTAVAIL' });
    const secure = new Worker('udp://127.0.0.1:0' as string, { transport: 'ssl' });
    await assert.rejects(secure.listen(), { code: 'E_TRANSPORT' });
    assert.throws(() => new Worker('udp://127.0.0.1:0' as string, { protocol: 'http' as never }), {
      code: 'E_PROTOCOL_OPTION',
    });
  });

  it('stop() lets go of the port, which can be had again', async () => {
    const worker = new Worker('udp://127.0.0.1:0');
    await worker.listen();
    const { port } = worker;
    await worker.stop();
    const next = await serve(new Worker(`udp://127.0.0.1:${port}`));
    assert.equal(next.port, port);
  });
});
