/** The corpus over real sockets: what the codec refuses, the worker answers, closes, and reads no further. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Worker } from 'usta';
import { HOSTILE, ODD, POISON } from '../protocol/http/corpus.ts';
import { eachOf, exchange } from './exchange.ts';
import { upgradeRequest } from './peer.ts';

const WITHIN_MS = 10_000;
const HANDSHAKE = upgradeRequest();

describe('the corpus, over sockets', () => {
  const worker = new Worker('http://127.0.0.1:0');
  /** Method, target and body of what was served, by the client's port. */
  const served = new Map<number, string[]>();
  before(async () => {
    worker.onMessage = (connection, { method, target, body }) => {
      const list = served.get(connection.remotePort) ?? [];
      served.set(connection.remotePort, list);
      list.push(`${method} ${target} ${body.toString('latin1')}`);
      connection.send(`${list.length}\n`);
    };
    await worker.listen();
  });
  after(() => worker.stop());

  function taken(port: number): string[] {
    const list = served.get(port) ?? [];
    served.delete(port);
    return list;
  }

  it('refuses each hostile request, closes, and serves nothing behind it', { timeout: WITHIN_MS }, () =>
    eachOf(HOSTILE, async ({ name, bytes, status, served: complete }) => {
      const { answers, port } = await exchange(worker.port, bytes + POISON);
      assert.deepEqual(taken(port), complete, name);
      assert.deepEqual(statusesIn(answers), [...complete.map(() => 200), status], name);
      const last = answers.slice(answers.lastIndexOf(`HTTP/1.1 ${status} `));
      assert.match(last, /\r\nConnection: close\r\n/, name);
    }),
  );

  it('serves what is odd', { timeout: WITHIN_MS }, () =>
    eachOf(ODD, async ({ name, bytes, requests }) => {
      const { port } = await exchange(worker.port, bytes, { finish: true });
      assert.deepEqual(taken(port), requests, name);
    }),
  );
});

/** A proxy that does not look at the answer takes the connection for a WebSocket: it must be over then (shown in 2019). */
describe('handshakes that fail, with a request behind them', () => {
  const worker = new Worker('websocket://127.0.0.1:0', { origins: [] });
  let served = 0;
  before(async () => {
    worker.onRequest = (connection) => {
      served++;
      connection.send('');
    };
    await worker.listen();
  });
  after(() => worker.stop());

  const failing: readonly (readonly [name: string, status: number, handshake: string])[] = [
    ['another version', 426, HANDSHAKE.replace('Version: 13', 'Version: 777')],
    ['no version', 426, HANDSHAKE.replace(/Sec-WebSocket-Version.*\r\n/, '')],
    ['a bad key', 400, HANDSHAKE.replace('dGhl', '')],
    ['no key', 400, HANDSHAKE.replace(/Sec-WebSocket-Key.*\r\n/, '')],
    ['another method', 405, HANDSHAKE.replace('GET', 'POST')],
    ['no Upgrade', 426, HANDSHAKE.replace(/Upgrade: .*\r\n/, '')],
    ['Connection without Upgrade', 400, HANDSHAKE.replace('Connection: Upgrade', 'Connection: x')],
    ['HTTP/1.0', 400, HANDSHAKE.replace('HTTP/1.1', 'HTTP/1.0')],
    [
      'a foreign origin with a cookie',
      403,
      HANDSHAKE.replace(/^Host/m, 'Origin: http://b\r\nCookie: a\r\nHost'),
    ],
  ];
  for (const [name, status, handshake] of failing) {
    it(`${name}: ${status}, and the connection is over`, { timeout: WITHIN_MS }, async () => {
      const { answers } = await exchange(worker.port, handshake + POISON);
      assert.deepEqual(statusesIn(answers), [status]);
      assert.match(answers, /^Connection: (?:.*, )?close\r$/m);
      assert.equal(served, 0);
    });
  }
});

/** Of answers whose bodies end with a line end. */
function statusesIn(answers: string): number[] {
  return [...answers.matchAll(/^HTTP\/1\.1 (\d+) /gm)].map(([, code]) => Number(code));
}
