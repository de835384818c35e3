import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connect } from '../../src/client/index.ts';
import { FakeSocket, settled, stage } from './stage.ts';

describe('connecting', () => {
  it('tells its way by status and open', async () => {
    const { client, socket, statuses, opens } = await stage({ protocols: ['chat', 'talk'] });
    assert.equal(client.status, 'connecting');
    assert.deepEqual([socket.url, socket.protocols], ['ws://server.test/', ['chat', 'talk']]);
    socket.protocol = 'talk';
    socket.opens();
    assert.deepEqual([statuses, opens, client.protocol], [['open'], [false], 'talk']);
  });

  it('asks a function for the URL before each attempt, and takes http for ws', async () => {
    let token = 0;
    const asked = await stage({}, undefined, async () => new URL(`https://server.test/?token=${++token}`));
    asked.socket.ends();
    await asked.world.pass(1);
    assert.deepEqual(
      asked.sockets.map(({ url }) => url),
      ['wss://server.test/?token=1', 'wss://server.test/?token=2'],
    );
  });

  it('tries again when the function fails, and tells its error', async () => {
    const error = new Error('signed out');
    const { cause, sockets, client } = await stage({}, undefined, () => Promise.reject(error));
    assert.deepEqual(
      [cause.how, cause.error, cause.wasOpen, cause.retryIn, sockets.length, client.status],
      ['url', error, false, 0.5, 0, 'waiting'],
    );
  });

  it('gives an attempt up after 10 s, the function included; what comes later is not heard', async () => {
    let answer: (url: string) => void = () => {};
    const slow = await stage({}, undefined, () => new Promise((resolve) => (answer = resolve)));
    await slow.world.pass(10);
    assert.equal(slow.cause.how, 'timeout');
    assert.equal(slow.cause.reason, 'not open after 10 s');
    answer('ws://late.test/');
    await settled();
    assert.equal(slow.sockets.length, 0);

    const { world, socket, sockets, opens, causes } = await stage();
    await world.pass(10.4);
    assert.deepEqual(socket.closed, [1000]);
    socket.opens();
    socket.ends();
    assert.deepEqual([opens, causes.length, sockets.length], [[], 1, 1]);
  });

  it('ends when the WebSocket does not take what it is given', async () => {
    class Strict extends FakeSocket {
      constructor(url: string) {
        super(url);
        throw new SyntaxError('no such protocol');
      }
    }
    const { client, cause, world } = await stage({ WebSocket: Strict });
    assert.deepEqual([cause.how, cause.retryIn, client.status], ['unusable', undefined, 'closed']);
    assert.match(cause.reason, /no such protocol/);
    assert.deepEqual([world.planned, world.watchers], [[], 0]);
  });

  it('refuses what it cannot use, at once', () => {
    assert.throws(() => connect('no url', { WebSocket: FakeSocket }), TypeError);
    assert.throws(() => connect('ws://a.test', { WebSocket: FakeSocket, spread: -1 }), {
      message: 'connect: spread must be 0 or more, not -1',
    });
    if (!('WebSocket' in globalThis)) {
      assert.throws(() => connect('ws://a.test'), /no WebSocket here .* \{ WebSocket \} of the package ws/);
    }
  });
});

describe('coming back', () => {
  it('tells why, when, and that it is open again', async () => {
    const one = await stage();
    one.socket.opens();
    await one.world.pass(5);
    one.socket.ends();
    const { how, code, wasOpen, failures, retryIn } = one.cause;
    assert.deepEqual([how, code, wasOpen, failures, retryIn], ['broken', 1006, true, 0, 0.5]);
    await one.world.pass(0.49);
    assert.equal(one.sockets.length, 1);
    await one.world.pass(0.01);
    assert.equal(one.sockets.length, 2);
    one.socket.opens();
    assert.deepEqual(one.opens, [false, true]);
    assert.deepEqual(one.statuses, ['open', 'waiting', 'connecting', 'open']);
  });

  it('waits longer each time, until a connection has lasted', async () => {
    const one = await stage();
    const bounds: unknown[] = [];
    const fail = async (seconds: number): Promise<void> => {
      if (seconds > 0) one.socket.opens();
      await one.world.pass(seconds);
      one.socket.ends();
      bounds.push((one.cause.retryIn ?? 0) * 2);
      await one.world.pass(one.cause.retryIn ?? 0);
    };
    for (const seconds of [0, 0, 0, 4.9, 0, 5, 0, 0]) await fail(seconds);
    assert.deepEqual(bounds, [1, 2, 4, 8, 16, 1, 1, 2]);
  });

  it('does not after a close frame that is a last word', async () => {
    for (const code of [1000, 1002, 1003, 1007, 1008, 1009, 1010, 3000, 4000, 4999]) {
      const { client, socket, world, causes } = await stage();
      socket.opens();
      socket.ends(code, 'go away');
      const { how, reason, retryIn } = causes[0] ?? {};
      assert.deepEqual([how, reason, retryIn, client.status], ['frame', 'go away', undefined, 'closed']);
      assert.deepEqual([world.planned, world.watchers, client.send('x')], [[], 0, false]);
    }
  });

  it('asks shouldReconnect, with what is usual', async () => {
    const asked: unknown[] = [];
    const one = await stage({
      shouldReconnect: ({ code, failures }, usual) => {
        asked.push([code, failures, usual]);
        return code === 4001 || (usual && failures < 3);
      },
    });
    for (const code of [4001, 1006, 1006]) {
      one.socket.ends(code);
      await one.world.pass(60);
    }
    assert.deepEqual(asked, [
      [4001, 1, false],
      [1006, 2, true],
      [1006, 3, true],
    ]);
    assert.equal(one.client.status, 'closed');
  });

  it('does at once when reconnect() is called: while open, waiting, or after the end', async () => {
    const one = await stage();
    one.socket.opens();
    one.client.reconnect();
    assert.deepEqual([one.socket.closed, one.cause.how, one.cause.retryIn], [[1000], 'renewed', 0]);
    await one.world.pass(0);
    assert.equal(one.sockets.length, 2);

    one.socket.ends();
    one.client.reconnect();
    await settled();
    assert.equal(one.sockets.length, 3);
    await one.world.pass(2);
    assert.equal(one.sockets.length, 3, 'the planned attempt was called off');

    one.socket.ends(4001);
    assert.equal(one.client.status, 'closed');
    one.client.reconnect();
    await settled();
    one.socket.opens();
    assert.deepEqual([one.sockets.length, one.client.status, one.world.watchers], [4, 'open', 1]);
  });

  it('does not hear a socket that was replaced', async () => {
    const one = await stage();
    one.socket.opens();
    const old = one.socket;
    one.client.reconnect();
    await one.world.pass(0);
    one.socket.opens();
    old.says('late');
    old.ends(4001);
    assert.deepEqual([one.client.status, one.messages, one.causes.length], ['open', [], 1]);
  });
});

describe('close()', () => {
  it('waits for the server’s answer', async () => {
    const one = await stage();
    one.socket.opens();
    one.client.close(4000, 'bye');
    assert.deepEqual([one.socket.closed, one.client.status], [[4000, 'bye'], 'closing']);
    one.socket.says('last words');
    one.socket.ends(4000, 'bye');
    assert.deepEqual([one.cause.how, one.cause.code, one.cause.retryIn], ['closed', 4000, undefined]);
    assert.deepEqual([one.messages, one.statuses], [['last words'], ['open', 'closing', 'closed']]);
    assert.deepEqual([one.world.planned, one.world.watchers], [[], 0]);
  });

  it('waits 5 s at most', async () => {
    const one = await stage({ ping: { message: 'ping', interval: 1, timeout: 1 } });
    one.socket.opens();
    one.client.close();
    await one.world.pass(5);
    assert.deepEqual([one.cause.how, one.cause.code, one.client.status], ['closed', 1006, 'closed']);
    assert.deepEqual(one.world.planned, []);
  });

  it('calls off an attempt, and a wait', async () => {
    const trying = await stage();
    trying.client.close();
    assert.deepEqual(
      [trying.client.status, trying.cause.how, trying.socket.closed],
      ['closed', 'closed', [1000]],
    );

    const waiting = await stage();
    waiting.socket.ends();
    waiting.client.close();
    assert.deepEqual([waiting.client.status, waiting.world.planned], ['closed', []]);
    waiting.client.close();
    assert.equal(waiting.causes.length, 2);
  });

  it('may be called by a listener', async () => {
    const one = await stage();
    one.client.on('close', () => one.client.close());
    one.socket.ends();
    assert.deepEqual([one.client.status, one.statuses, one.world.planned], ['closed', ['closed'], []]);

    const other = await stage();
    other.client.send('waits');
    other.client.on('open', () => other.client.close());
    other.socket.opens();
    assert.deepEqual([other.socket.sent, other.statuses], [[], ['closing']]);
    other.socket.ends(1000);
    assert.equal(other.cause.unsent, 1);
  });

  it('refuses what a WebSocket may not send', async () => {
    const { client } = await stage();
    for (const code of [999, 1001, 1005, 2999, 5000, Number.NaN]) {
      assert.throws(() => client.close(code), RangeError);
    }
    assert.throws(() => client.close(1000, 'ş'.repeat(62)), RangeError);
    client.close(1000, 'ş'.repeat(61));
  });
});

describe('listeners', () => {
  it('can stop hearing, each for itself', async () => {
    const { client, socket } = await stage();
    const heard: string[] = [];
    const listener = (message: unknown): void => void heard.push(String(message));
    const stop = client.on('message', listener);
    client.on('message', listener);
    socket.opens();
    socket.says('a');
    stop();
    stop();
    socket.says('b');
    assert.deepEqual(heard, ['a', 'a', 'b']);
  });

  it('that throw concern no other, and are uncaught errors', async (t) => {
    const uncaught: unknown[] = [];
    const hear = (error: unknown): void => void uncaught.push(error);
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException').on('uncaughtException', hear);
    t.after(() => {
      process.off('uncaughtException', hear);
      for (const other of others) process.on('uncaughtException', other);
    });
    const one = await stage<number, string>({
      encode: (message) => message,
      decode: (data) => JSON.parse(String(data)) as number,
      shouldReconnect: () => {
        throw new Error('undecided');
      },
    });
    const sum: number[] = [];
    one.client.on('message', () => {
      throw new Error('in a listener');
    });
    one.client.on('message', (number) => sum.push(number));
    one.socket.opens();
    one.socket.says('1');
    one.socket.says('not JSON');
    one.socket.says('2');
    one.socket.ends();
    await settled();
    assert.deepEqual([sum, one.client.status], [[1, 2], 'waiting']);
    assert.equal(uncaught.length, 4);
    assert.deepEqual(
      uncaught.map((error) => (error as Error).message).filter((message) => !message.includes('JSON')),
      ['in a listener', 'in a listener', 'undecided'],
    );
  });
});
