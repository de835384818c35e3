/** Sessions as visitors have them: over HTTP, over an upgrade, over answers that are late, fail or never come. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { get } from 'node:https';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import {
  type HttpData,
  HttpProtocolError,
  type HttpSession,
  MemoryStore,
  Request,
  Response,
  type SessionStore,
  Sessions,
  subscribe,
  type TcpConnection,
  Timer,
  Worker,
} from 'usta';
import WebSocket from 'ws';
import { Headers } from '../../src/protocol/http/headers.ts';
import { testCertificate } from '../fixtures/certificate.ts';

interface Data {
  user: string;
  cart: number[];
  count: number;
  flash: string;
}

const memory = new MemoryStore();
/** The store, which can be told to fail, and tells how often it was asked. */
const asked: string[] = [];
let failing = false;
const store: SessionStore = {
  load: (key) => ask('load', () => memory.load(key)),
  save: (key, text, write) => ask('save', () => memory.save(key, text, write)),
  touch: (key, seconds) => ask('touch', () => memory.touch(key, seconds)),
  delete: (key) => ask('delete', () => memory.delete(key)),
};
const sessions = new Sessions<Data>({ store, lifetime: 100 });
const failures: unknown[] = [];

type Handler = (session: HttpSession<Data>, connection: TcpConnection<HttpData>, request: Request) => unknown;
let handle: Handler = () => {};

const worker = new Worker('http://127.0.0.1:0');
worker.onMessage = async (connection, request) => {
  const session = await sessions.of(request);
  const answer = await handle(session, connection, request);
  if (answer !== null) connection.send(answer instanceof Response ? answer : String(answer));
};

const sockets = new Worker('websocket://127.0.0.1:0', {
  context: () => ({}) as { session?: HttpSession<Data> },
});
sockets.onWebSocketConnect = async (connection, request) => {
  const session = await sessions.of(request);
  connection.context.session = session;
  if (request.path === '/new') session.set('user', 'ann');
  if (request.path === '/thrown') throw new HttpProtocolError(403, 'not you');
  if (request.path === '/none' && !session.has('user')) connection.reject(401, 'log in first');
};
sockets.onMessage = async (connection, message) => {
  const { session } = connection.context;
  if (message === 'set') session?.set('count', 7);
  else if (message === 'reload') await session?.reload();
  connection.send(JSON.stringify(session?.all()));
};
sockets.onRequest = async (connection, request) =>
  connection.send(String((await sessions.of(request)).get('user')));

/** A browser's memory of one cookie. */
class Visitor {
  cookie: string | undefined;
  /** The Set-Cookie lines of the last answer. */
  lines: readonly string[] = [];

  async ask(handler: Handler, port: number = worker.port): Promise<string> {
    handle = handler;
    return (await this.fetch(port)).text();
  }

  async fetch(port: number = worker.port): Promise<globalThis.Response> {
    const headers = this.cookie === undefined ? {} : { Cookie: this.cookie };
    const answer = await fetch(`http://127.0.0.1:${port}/`, { headers });
    this.lines = answer.headers.getSetCookie();
    for (const line of this.lines) this.cookie = line.includes('Max-Age=0') ? undefined : line.split(';')[0];
    return answer;
  }

  get id(): string {
    return this.cookie?.slice('sid='.length) ?? '';
  }
}

const all = (session: HttpSession<Data>): string => JSON.stringify(session.all());

describe('Sessions', { timeout: 30_000 }, () => {
  before(async () => {
    subscribe('usta:handler:failed', ({ error }) => failures.push(error));
    await worker.listen();
    await sockets.listen();
  });

  after(async () => {
    await worker.stop();
    await sockets.stop();
    await sessions.close();
    await memory.close();
    assert.deepEqual(failures, []);
  });

  it('leave no trace where nothing was set', async () => {
    const visitor = new Visitor();
    assert.equal(
      await visitor.ask((session) => `${session.isNew} ${session.get('user')} ${session.has('user')}`),
      'true undefined false',
    );
    assert.deepEqual([visitor.lines, asked.splice(0)], [[], []]);
  });

  it('keep what was set, under an id of 256 bits in a cookie that scripts and other sites do not get', async () => {
    const visitor = new Visitor();
    await visitor.ask((session) => {
      session.set('user', 'ann');
      session.put({ cart: [1], count: 2 });
    });
    assert.match(visitor.lines.join(), /^sid=[\w-]{43}; Path=\/; Max-Age=100; HttpOnly; SameSite=Lax$/);
    assert.equal(
      await visitor.ask((session) => `${session.isNew} ${all(session)}`),
      'false {"user":"ann","cart":[1],"count":2}',
    );
    assert.deepEqual(visitor.lines, []);
  });

  it('are the same for each call, and saved before the answer leaves, even when it closes', async () => {
    const visitor = new Visitor();
    const text = await visitor.ask(async (session, connection, request) => {
      assert.equal(await sessions.of(request), session);
      session.set('user', 'eve');
      assert.equal(connection.send('first'), true);
      connection.close();
      return null;
    });
    assert.equal(text, 'first');
    assert.equal(await visitor.ask(all), '{"user":"eve"}');
    await visitor.ask((session, connection) => {
      session.set('user', 'joe');
      connection.close('closed');
      return null;
    });
    assert.equal(await visitor.ask(all), '{"user":"joe"}');
  });

  it('have the words of Workerman', async () => {
    const visitor = new Visitor();
    await visitor.ask((session) => session.put({ user: 'a', cart: [], count: 1, flash: 'hello' }));
    assert.equal(await visitor.ask((session) => session.pull('flash')), 'hello');
    await visitor.ask((session) => session.delete('user'));
    assert.equal(await visitor.ask(all), '{"cart":[],"count":1}');
    await visitor.ask((session) => session.forget(['cart', 'count']));
    assert.equal(await visitor.ask((session) => `${all(session)} ${session.isNew}`), '{} false');
    await visitor.ask((session) => session.set('count', 1));
    await visitor.ask((session) => session.flush());
    assert.equal(await visitor.ask(all), '{}');
  });

  it('notice a change within a value', async () => {
    const visitor = new Visitor();
    await visitor.ask((session) => session.set('cart', [1]));
    await visitor.ask((session) => session.get('cart')?.push(2));
    assert.equal(await visitor.ask(all), '{"cart":[1,2]}');
  });

  it('write nothing where nothing has changed, and renew when a tenth of their life is over', async () => {
    const visitor = new Visitor();
    await visitor.ask((session) => session.set('user', 'a'));
    asked.length = 0;
    await visitor.ask((session) => session.get('user'));
    assert.deepEqual(asked.splice(0), ['load']);
    await memory.touch(keyOf(visitor.id), 89);
    await visitor.ask(all);
    assert.deepEqual(asked.splice(0), ['load', 'touch']);
    assert.match(visitor.lines.join(), /Max-Age=100/);
  });

  it('do not take on an id that we have not given out', async () => {
    for (const id of ['x', 'A'.repeat(43), '../../etc/passwd', '']) {
      const visitor = new Visitor();
      visitor.cookie = `sid=${id}`;
      await visitor.ask((session) => session.set('user', 'a'));
      assert.notEqual(visitor.id, id);
      assert.equal(visitor.id.length, 43);
    }
  });

  it('go on under another id after regenerate, and the old one is worth nothing', async () => {
    const visitor = new Visitor();
    await visitor.ask((session) => session.put({ cart: [1], count: 1 }));
    const before = visitor.cookie;
    await visitor.ask((session) => {
      session.regenerate();
      session.set('user', 'ann');
      session.delete('count');
    });
    assert.notEqual(visitor.cookie, before);
    assert.equal(await visitor.ask(all), '{"cart":[1],"user":"ann"}');
    visitor.cookie = before;
    assert.equal(await visitor.ask(all), '{}');
  });

  it('end with destroy, and the cookie is taken back; what is set afterwards begins anew', async () => {
    const visitor = new Visitor();
    await visitor.ask((session) => session.set('user', 'ann'));
    const before = visitor.cookie;
    await visitor.ask((session) => session.destroy());
    assert.match(visitor.lines.join(), /^sid=; Path=\/; Max-Age=0; HttpOnly; SameSite=Lax$/);
    visitor.cookie = before;
    assert.equal(await visitor.ask(all), '{}');
    await visitor.ask((session) => session.set('user', 'ann'));
    const second = visitor.cookie;
    await visitor.ask((session) => {
      session.destroy();
      session.set('count', 1);
    });
    assert.notEqual(visitor.cookie, second);
    assert.equal(await visitor.ask(all), '{"count":1}');
  });

  it('of one visitor at the same time: different keys are both kept, of one key the last counts', async () => {
    const visitor = new Visitor();
    await visitor.ask((session) => session.put({ user: 'a', cart: [1] }));
    const both = gate(2);
    handle = async (session) => {
      const first = await both();
      session.set(first ? 'count' : 'flash', (first ? 1 : 'x') as never);
      session.delete(first ? 'user' : 'cart');
    };
    await Promise.all([visitor.fetch(), visitor.fetch()]);
    assert.equal(await visitor.ask(all), '{"count":1,"flash":"x"}');
  });

  it('that another request has destroyed stay so', async () => {
    const visitor = new Visitor();
    await visitor.ask((session) => session.set('user', 'a'));
    const before = visitor.cookie;
    await visitor.ask(async (session) => {
      await (await sessions.find(session.id))?.destroy();
      await settled();
      session.set('count', 1);
    });
    visitor.cookie = before;
    assert.equal(await visitor.ask(all), '{}');
  });

  it('are not mixed up by an answer that is used twice', async () => {
    const shared = new Response(200, {}, 'shared');
    const [one, other] = [new Visitor(), new Visitor()];
    await one.ask((session) => session.set('user', 'one') ?? shared);
    await other.ask((session) => session.set('user', 'other') ?? shared.withHeader('X-A', 'b'));
    assert.notEqual(one.id, other.id);
    assert.deepEqual([one.lines.length, other.lines.length], [1, 1]);
    assert.deepEqual([await one.ask(all), await other.ask(all)], ['{"user":"one"}', '{"user":"other"}']);
  });

  it('refuse what JSON does not keep, and what is too much', async () => {
    const small = new Sessions({ store, maxSize: 100 });
    const visitor = new Visitor();
    const text = await visitor.ask(async (session, _, request) => {
      const circle: unknown[] = [];
      circle.push(circle);
      for (const value of [() => {}, 1n, circle])
        assert.throws(() => session.set('user', value as never), { code: 'E_SESSION', message: /user/ });
      const other = await small.of(request);
      other.set('x', 'y'.repeat(100));
      await assert.rejects(other.save(), { code: 'E_SESSION', message: /more than 100 bytes/ });
      other.flush();
      return 'done';
    });
    assert.equal(text, 'done');
  });

  it('make the answer a 500 when they cannot be stored or found', async () => {
    const visitor = new Visitor();
    failing = true;
    handle = (session) => session.set('user', 'a');
    assert.equal((await visitor.fetch()).status, 500);
    visitor.cookie = `sid=${'A'.repeat(43)}`;
    assert.equal((await visitor.fetch()).status, 500);
    failing = false;
    assert.deepEqual(
      [visitor.lines, failures.splice(0).map((error) => (error as Error).message)],
      [[], ['the store is down', 'the store is down']],
    );
  });

  it('are saved too when the handler fails, or the visitor has gone before the answer', async () => {
    const visitor = new Visitor();
    await visitor.ask((session) => session.set('count', 1));
    handle = (session) => {
      session.set('count', 2);
      throw new Error('x');
    };
    assert.equal((await visitor.fetch()).status, 500);
    assert.equal(failures.splice(0).length, 1);
    await settled();
    assert.equal(await visitor.ask(all), '{"count":2}');

    const gone = new Promise<void>((resolve) => {
      handle = async (session, connection) => {
        const closed = new Promise<void>((tell) => {
          connection.onClose = () => tell();
        });
        session.set('count', 3);
        socket.resetAndDestroy();
        await closed;
        session.set('user', 'late');
        resolve();
        return 'nobody hears this';
      };
    });
    const socket = connect(worker.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`GET / HTTP/1.1\r\nHost: a\r\nCookie: ${visitor.cookie}\r\n\r\n`);
    await gone;
    await settled();
    assert.equal(await visitor.ask(all), '{"count":3,"user":"late"}');
  });

  it('do not answer the next request when the one before was answered otherwise meanwhile', async () => {
    const socket = connect(worker.port, '127.0.0.1');
    await once(socket, 'connect');
    handle = async (session, connection, request) => {
      if (request.path === '/next') {
        await settled();
        return 'next';
      }
      session.set('user', 'a');
      connection.send('too late');
      throw new HttpProtocolError(409, 'no');
    };
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk;
    });
    socket.write(
      'GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
    await once(socket, 'close');
    assert.deepEqual(heard.match(/^HTTP.*|^Set-Cookie.*|no\n|next$|late/gm), [
      'HTTP/1.1 409 Conflict',
      'no\n',
      'HTTP/1.1 200 OK',
      'next',
    ]);
  });

  it('of an upgrade: read, begun, refused; what is changed on the WebSocket is saved by itself', async () => {
    const visitor = new Visitor();
    const socket = new WebSocket(`ws://127.0.0.1:${sockets.port}/new`);
    socket.on('upgrade', ({ headers }) => {
      visitor.cookie = headers['set-cookie']?.[0]?.split(';')[0];
    });
    await once(socket, 'open');
    const say = async (text: string): Promise<string> => {
      socket.send(text);
      return String((await once(socket, 'message'))[0]);
    };
    assert.equal(await visitor.ask(all), '{"user":"ann"}');
    assert.equal(await visitor.ask(() => '', sockets.port), 'ann');
    assert.equal(await say('set'), '{"user":"ann","count":7}');
    await settled();
    assert.equal(
      await visitor.ask((session) => session.set('flash', 'x') ?? all(session)),
      '{"user":"ann","count":7,"flash":"x"}',
    );
    assert.equal(await say('reload'), '{"user":"ann","count":7,"flash":"x"}');
    await visitor.ask((session) => session.destroy());
    assert.equal(await say('reload'), '{}');
    socket.close();

    for (const [path, status] of [
      ['/none', 401],
      ['/thrown', 403],
    ]) {
      const refused = new WebSocket(`ws://127.0.0.1:${sockets.port}${path}`);
      const [, answer] = (await once(refused, 'unexpected-response')) as [unknown, { statusCode: number }];
      assert.equal(answer.statusCode, status);
      refused.on('error', () => {}).terminate();
    }
  });

  it('refuse a first value once the answer, and a cookie with it, has left', async () => {
    const session = await sessions.of(made());
    assert.throws(() => session.set('user', 'a'), { code: 'E_SESSION', message: /after the answer/ });
    assert.throws(() => session.regenerate(), { code: 'E_SESSION' });
  });

  it('are found by their id where there is no request', async () => {
    const visitor = new Visitor();
    await visitor.ask((session) => session.set('count', 1));
    const found = await sessions.find(visitor.id);
    found?.set('count', 2);
    await found?.save();
    assert.equal(await visitor.ask(all), '{"count":2}');
    assert.equal(await sessions.find('x'), undefined);
  });

  it('expire', async () => {
    const short = new Sessions({ store, lifetime: 0.05, name: 'short', persistent: false });
    const visitor = new Visitor();
    await visitor.ask(async (_, __, request) => (await short.of(request)).set('x', 1));
    assert.match(visitor.lines.join(), /^short=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/);
    assert.equal(await visitor.ask(async (_, __, request) => (await short.of(request)).get('x')), '1');
    await Timer.sleep(0.06);
    assert.equal(
      await visitor.ask(async (_, __, request) => (await short.of(request)).get('x')),
      'undefined',
    );
  });

  it('have a Secure cookie when the request came over TLS, or it was asked for', async () => {
    const secure = new Worker('https://127.0.0.1:0', { ssl: await testCertificate() });
    secure.onMessage = async (connection, request) => {
      (await sessions.of(request)).set('user', 'a');
      connection.send('');
    };
    await secure.listen();
    const asking = get({ port: secure.port, host: '127.0.0.1', rejectUnauthorized: false, agent: false });
    const [answer] = (await once(asking, 'response')) as [
      { headers: Record<string, string[]>; resume(): void },
    ];
    answer.resume();
    assert.match(
      answer.headers['set-cookie']?.[0] ?? '',
      /^sid=[\w-]{43}; Path=\/; Max-Age=100; Secure; HttpOnly; SameSite=Lax$/,
    );
    await secure.stop();

    const strict = new Sessions({ store, name: '__Host-sid', secure: true });
    const visitor = new Visitor();
    await visitor.ask(async (_, __, request) => (await strict.of(request)).set('x', 1));
    assert.match(visitor.lines.join(), /^__Host-sid=.*; Secure; /);
  });

  it('say what is wrong with their options', () => {
    for (const [options, message] of [
      [{ lifetim: 1 }, /lifetime was meant/],
      [{ lifetime: 0 }, /above 0/],
      [{ maxSize: -1 }, /above 0/],
      [{ name: 'a b' }, /is not a name/],
      [{ name: '__Host-sid' }, /needs secure/],
      [{ sameSite: 'None' }, /needs secure/],
    ] as const)
      assert.throws(() => new Sessions({ store, ...options } as never), { message });
    new Sessions({ store, name: '__Host-sid', secure: true });
  });
});

async function ask<Result>(what: string, act: () => Promise<Result>): Promise<Result> {
  asked.push(what);
  if (failing) throw new Error('the store is down');
  return act();
}

/** Waits until as many are there; says to the first that it is the first. */
function gate(count: number): () => Promise<boolean> {
  const waiting: (() => void)[] = [];
  return async () => {
    const isFirst = waiting.length === 0;
    const all = new Promise<void>((resolve) => waiting.push(resolve));
    if (waiting.length === count) for (const open of waiting) open();
    await all;
    return isFirst;
  };
}

/** What was to be saved by itself was: all of it is a matter of microtasks. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function made(): Request {
  return new Request({
    method: 'GET',
    target: '/',
    resource: '/',
    version: '1.1',
    headers: new Headers(),
  });
}

function keyOf(id: string): string {
  return createHash('sha256').update(id).digest('hex');
}
