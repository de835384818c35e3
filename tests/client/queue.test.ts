import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { json } from '../../src/client/index.ts';
import { stage } from './stage.ts';

describe('send()', () => {
  it('keeps messages while away and sends them in order, once', async () => {
    const one = await stage();
    assert.ok(one.client.send('a') && one.client.send('b'));
    one.socket.opens();
    assert.ok(one.client.send('c'));
    assert.deepEqual(one.socket.sent, ['a', 'b', 'c']);
    one.socket.ends();
    assert.ok(one.client.send('d'));
    await one.world.pass(1);
    one.socket.opens();
    assert.deepEqual(one.socket.sent, ['d']);
  });

  it('lets what is sent in a listener of open go first', async () => {
    const { client, socket } = await stage();
    client.send('waited');
    client.on('open', () => client.send('who I am'));
    client.on('status', () => client.send('after'));
    socket.opens();
    assert.deepEqual(socket.sent, ['who I am', 'waited', 'after']);
  });

  it('keeps what a closing socket would swallow', async () => {
    const one = await stage();
    one.socket.opens();
    one.socket.readyState = 2;
    assert.ok(one.client.send('late'));
    assert.equal(one.client.send('only now', { queue: false }), false);
    one.socket.ends(1012);
    assert.equal(one.cause.unsent, 1);
    await one.world.pass(5);
    one.socket.opens();
    assert.deepEqual(one.socket.sent, ['late']);
  });

  it('refuses when too many wait, or none may', async () => {
    const { client, socket } = await stage({ maxQueuedMessages: 2 });
    assert.deepEqual([client.send('1'), client.send('2'), client.send('3')], [true, true, false]);
    assert.equal(client.send('now or never', { queue: false }), false);
    socket.opens();
    assert.equal(client.send('now or never', { queue: false }), true);
    assert.deepEqual(socket.sent, ['1', '2', 'now or never']);

    const none = await stage({ maxQueuedMessages: 0 });
    assert.equal(none.client.send('1'), false);
    none.socket.opens();
    assert.equal(none.client.send('1'), true);
  });

  it('refuses when too many bytes wait, counted in UTF-8; the last message is taken whole', async () => {
    const { client, socket } = await stage({ maxQueuedBytes: 10 });
    assert.ok(client.send('şşş'));
    assert.equal(client.bufferedAmount, 6);
    assert.ok(client.send(new Uint8Array(3)));
    assert.ok(client.send(new ArrayBuffer(1000)));
    assert.equal(client.send('x'), false);
    assert.equal(client.bufferedAmount, 1009);
    socket.opens();
    assert.equal(client.bufferedAmount, 0);
    assert.ok(client.send('x'));
  });

  it('refuses when the open socket holds too much', async () => {
    const { client, socket } = await stage({ maxQueuedBytes: 10 });
    socket.opens();
    socket.bufferedAmount = 9;
    assert.ok(client.send('a message of any size'));
    socket.bufferedAmount = 10;
    assert.deepEqual([client.send('x'), client.bufferedAmount], [false, 10]);
  });

  it('copies bytes that wait', async () => {
    const { client, socket } = await stage();
    const buffer = Uint8Array.of(1, 2, 3, 4);
    client.send(buffer.subarray(1, 3));
    client.send(buffer.buffer);
    buffer.fill(0);
    socket.opens();
    const sent = socket.sent.map((data) => [...new Uint8Array(data as Uint8Array)]);
    assert.deepEqual(sent, [
      [2, 3],
      [1, 2, 3, 4],
    ]);
  });

  it('counts what is given up at the end', async () => {
    const one = await stage();
    one.client.send('a');
    one.client.send('b');
    one.client.close();
    assert.deepEqual([one.cause.unsent, one.client.bufferedAmount, one.client.send('c')], [2, 0, false]);
  });
});

describe('formats', () => {
  it('hand text and bytes on as they are', async () => {
    const { socket, messages } = await stage();
    assert.equal(socket.binaryType, 'arraybuffer');
    const bytes = new ArrayBuffer(2);
    socket.opens();
    socket.says('text');
    socket.says(bytes);
    assert.deepEqual(messages, ['text', bytes]);
  });

  it('json reads text and bytes', async () => {
    const { client, socket, messages } = await stage(json<{ n: number }, { n: number }>());
    client.send({ n: 1 });
    socket.opens();
    socket.says('{"n":2}');
    socket.says(new TextEncoder().encode('{"n":3}').buffer as ArrayBuffer);
    assert.deepEqual([socket.sent, messages], [['{"n":1}'], [{ n: 2 }, { n: 3 }]]);
  });

  it('throw in send() what encode throws', async () => {
    const { client } = await stage(json());
    assert.throws(() => client.send(1n), TypeError);
    assert.equal(client.bufferedAmount, 0);
  });
});
