/** A connection that goes on in another protocol, at any byte; and what is counted meanwhile. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { AsyncTcpConnection, defineProtocol, ErrorCode, type TcpConnection, Worker } from 'usta';
import { connect, stop } from 'usta/testing';

/** Two digits of length, then so many letters. */
const counted = defineProtocol({
  name: 'counted',
  input: (buffer) => (buffer.length < 2 ? 0 : 2 + Number(buffer.toString('latin1', 0, 2))),
  decode: (bytes) => ({ letters: bytes.toString('latin1', 2) }),
  encode: ({ letters }: { letters: string }) => `${String(letters.length).padStart(2, '0')}${letters}`,
});

describe('switchProtocol', { timeout: 10_000 }, () => {
  const workers: unknown[] = [];
  afterEach(async () => {
    for (const worker of workers.splice(0)) await stop(worker);
  });

  function owned<W>(worker: W): W {
    workers.push(worker);
    return worker;
  }

  /** A peer that sends and hears bytes. */
  const raw = defineProtocol({
    input: (buffer) => buffer.length,
    decode: String,
    encode: (text: string) => text,
  });

  it('a chunk may hold bytes of both protocols, cut anywhere', async () => {
    const heard: unknown[] = [];
    const worker = owned(
      new Worker('text://0.0.0.0:1', {
        onMessage(connection, line) {
          heard.push(line);
          if (line !== 'counted') return;
          const next = connection.switchProtocol(counted, (self, message) => {
            heard.push(message);
            if (message.letters === 'text') self.switchProtocol('text', (_, back) => heard.push(back));
          });
          next.send({ letters: 'ok' });
        },
      }),
    );
    const script = 'one\ncounted\n05hello04textlast\n';
    const expected = ['one', 'counted', { letters: 'hello' }, { letters: 'text' }, 'last'];
    for (let cut = 0; cut <= script.length; cut++) {
      const client = await connect(worker, { protocol: raw });
      if (cut > 0) client.sendRaw(script.slice(0, cut));
      await new Promise((resolve) => setImmediate(resolve));
      if (cut < script.length) client.sendRaw(script.slice(cut));
      assert.equal(await client.next(), '02ok');
      await client.close();
      assert.deepEqual(heard.splice(0), expected, `cut at ${cut}`);
    }
  });

  it('from tcp, which cannot know: what belongs to the next is given along', async () => {
    const heard: unknown[] = [];
    const worker = owned(new Worker('tcp://0.0.0.0:1'));
    worker.onMessage = (connection, bytes) => {
      heard.push(bytes.toString('latin1', 0, 1));
      connection.switchProtocol(counted, (_, message) => heard.push(message), bytes.subarray(1));
    };
    const client = await connect(worker);
    client.send('!01a02b');
    client.send('c');
    await client.close();
    assert.deepEqual(heard, ['!', { letters: 'a' }, { letters: 'bc' }]);
  });

  it('to http, to websocket', async () => {
    const worker = owned(
      new Worker('text://0.0.0.0:1', {
        onMessage(connection, line) {
          if (line === 'http') connection.switchProtocol('http', (self, { path }) => self.send(`at ${path}`));
          else connection.switchProtocol('websocket', (self, message) => self.send(message));
        },
      }),
    );
    const http = await connect(worker, { protocol: raw });
    http.send('http\nGET /here HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.match(await http.next(), /^HTTP\/1\.1 200 OK\r\n[\s\S]*at \/here$/);
    const socket = await connect(worker, { protocol: raw });
    socket.send(
      'ws\nGET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
    );
    assert.match(await socket.next(), /^HTTP\/1\.1 101 [\s\S]*s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/);
  });

  it('is refused in HTTP and WebSocket, and for what is no protocol', async () => {
    const errors: string[] = [];
    const note = (_: unknown, code: number, text: string): unknown =>
      code === ErrorCode.handlerFailed && errors.push(text);
    const socket = owned(new Worker('websocket://0.0.0.0:1', { onError: note }));
    socket.onMessage = (connection) => connection.switchProtocol('text', () => {});
    const text = owned(new Worker('text://0.0.0.0:1', { onError: note }));
    text.onMessage = (connection) => connection.switchProtocol('txt' as 'text', () => {});
    for (const worker of [socket, text]) {
      const client = await connect(worker as typeof text);
      client.send('x');
      await assert.rejects(client.closed);
    }
    assert.deepEqual(errors, [
      'onMessage: a connection that speaks websocket cannot switch protocols',
      'onMessage: tcp:// cannot speak "txt"; did you mean text?',
    ]);
  });

  it('clients switch too', async () => {
    const worker = new Worker('tcp://127.0.0.1:0', {
      onMessage: (connection, bytes) => connection.send(bytes),
    });
    await worker.listen();
    const heard = await new Promise((resolve) => {
      const client = new AsyncTcpConnection(`tcp://127.0.0.1:${worker.port}`);
      client.onConnect = () => client.send('x03abc');
      client.onMessage = (self, bytes) => {
        self.switchProtocol(counted, (_, message) => resolve(message), bytes.subarray(1));
      };
      client.connect();
    });
    assert.deepEqual(heard, { letters: 'abc' });
    await worker.stop();
  });
});

describe('what is counted', { timeout: 10_000 }, () => {
  it('Worker.statistics: connections, messages, failures of sending and of callbacks', async () => {
    const before = Worker.statistics;
    const worker = new Worker('text://0.0.0.0:1');
    worker.onMessage = (connection, line) => {
      connection.send(line);
      if (line === 'boom') throw new Error('a bug');
    };
    worker.onClose = (connection) => connection.send('too late');
    const client = await connect(worker);
    client.send('one');
    await client.next();
    assert.equal(Worker.statistics.connections - before.connections, 1);
    client.send('boom');
    await assert.rejects(client.closed, /a bug/);
    await client.closed;
    const after = Worker.statistics;
    assert.deepEqual(
      [
        after.connections - before.connections,
        after.messagesReceived - before.messagesReceived,
        after.messagesSent - before.messagesSent,
        after.sendFailures - before.sendFailures,
        after.handlerFailures - before.handlerFailures,
      ],
      [0, 2, 2, 1, 1],
    );
    await stop(worker);
  });

  it('a connection in words and in JSON', async () => {
    let seen: TcpConnection<string> | undefined;
    const worker = new Worker('text://0.0.0.0:1', {
      onConnect: (connection) => {
        seen = connection as TcpConnection<string>;
      },
    });
    const client = await connect(worker, { remoteIp: '203.0.113.9' });
    assert.equal(seen?.getStatus(), 2);
    assert.equal(seen?.getStatus(false), 'ESTABLISHED');
    const { status, protocol, remoteAddress } = JSON.parse(JSON.stringify(seen));
    assert.deepEqual([status, protocol], ['established', 'text']);
    assert.match(remoteAddress, /^203\.0\.113\.9:\d+$/);
    await client.close();
    assert.equal(seen?.getStatus(false), 'CLOSED');
    await stop(worker);
  });
});
