import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { Exchange } from '../../../src/certificates/acme/exchange.ts';
import { testCertificate } from '../../fixtures/certificate.ts';

const answers: Readonly<Record<string, (response: ServerResponse) => void>> = {
  '/small': (response) => response.setHeader('X-Kind', 'small').end('ok'),
  '/moved': (response) => response.writeHead(302, { Location: '/small' }).end(),
  '/silent': () => undefined,
  '/head': (response) => response.writeHead(200).flushHeaders(),
  '/drip': (response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write('x'), 20);
    response.on('close', () => clearInterval(timer));
  },
  '/huge': (response) => {
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', more);
    more();
  },
  '/inflated': (response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('not unpacked'),
  '/cut': (response) => {
    response.writeHead(200, { 'Content-Length': 100 });
    response.write('half', () => response.destroy());
  },
  '/fields': (response) => response.writeHead(200, { 'X-Long': 'x'.repeat(20_000) }).end(),
};

describe('Exchange', () => {
  const server: Server = createServer((request, response) => answers[request.url ?? '']?.(response));
  let base = '';
  before(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  const ask = async (path: string, more: object = {}): Promise<{ status: number; text: string }> => {
    const exchange = new Exchange({ plainLoopback: true, deadlineMs: 150, ...more });
    try {
      const { status, body } = await exchange.ask(`${base}${path}`, { method: 'GET' });
      return { status, text: String(body) };
    } finally {
      exchange.close();
    }
  };

  it('gives what was answered, as it came, redirects too', async () => {
    assert.deepEqual(await ask('/small'), { status: 200, text: 'ok' });
    assert.deepEqual(await ask('/moved'), { status: 302, text: '' });
    assert.deepEqual(await ask('/inflated'), { status: 200, text: 'not unpacked' });
  });

  for (const path of ['/silent', '/head', '/drip']) {
    it(`gives up at its deadline: ${path}`, async () => {
      const started = performance.now();
      await assert.rejects(ask(path), {
        problem: 'timedOut',
        message: /did not answer within 0\.15 s; it is tried again/,
      });
      assert.ok(performance.now() - started < 2000);
    });
  }

  it('stops reading at its limit', async () => {
    await assert.rejects(ask('/huge', { deadlineMs: 10_000 }), {
      problem: 'tooLarge',
      message: /more than 65536 bytes/,
    });
  });

  it('takes half an answer, and fields without end, for none', async () => {
    await assert.rejects(ask('/cut'), { problem: 'unreachable' });
    await assert.rejects(ask('/fields'), { problem: 'unreachable' });
  });

  it('says who cannot be reached', async () => {
    const exchange = new Exchange({ plainLoopback: true });
    await assert.rejects(exchange.ask('http://127.0.0.1:1/', { method: 'GET' }), {
      problem: 'unreachable',
      message: /^127\.0\.0\.1:1 cannot be reached: connect ECONNREFUSED/,
    });
  });

  it('ends when told to', async () => {
    const stop = new AbortController();
    const asked = ask('/silent', { signal: stop.signal, deadlineMs: 10_000 });
    setImmediate(() => stop.abort(new Error('enough')));
    await assert.rejects(asked, /enough/);
    await assert.rejects(ask('/small', { signal: stop.signal }), /enough/);
  });

  it('RFC 8555 §6.1 asks over https alone; over http this machine, when it was named by the person', async () => {
    for (const url of [
      'http://ca.usta.dev/',
      'http://127.0.0.1.ca.usta.dev/',
      'file:///etc/passwd',
      'ftp://localhost/',
    ]) {
      const exchange = new Exchange({ plainLoopback: true });
      await assert.rejects(exchange.ask(url, { method: 'GET' }), {
        problem: 'badAnswer',
        message: /is not https/,
      });
    }
    await assert.rejects(ask('/small', { plainLoopback: false }), /is not https/);
  });

  it('RFC 8555 §6.1 verifies the authority: by the public roots, or by the one that was given', async () => {
    const own = await testCertificate(['localhost']);
    const other = await testCertificate(['localhost']);
    const secure = createSecureServer({ ...own }, (_, response) => response.end('ok')).listen(0, '127.0.0.1');
    secure.on('tlsClientError', () => undefined);
    await once(secure, 'listening');
    const { port } = secure.address() as AddressInfo;
    const verdict = async (host: string, root?: string): Promise<string> => {
      const exchange = new Exchange({ root });
      try {
        return String((await exchange.ask(`https://${host}:${port}/`, { method: 'GET' })).body);
      } catch (error) {
        return (error as { problem?: string }).problem ?? String(error);
      } finally {
        exchange.close();
      }
    };
    try {
      assert.equal(await verdict('localhost', own.cert), 'ok');
      assert.equal(await verdict('localhost'), 'untrusted');
      assert.equal(await verdict('localhost', other.cert), 'untrusted');
      assert.equal(await verdict('127.0.0.1', own.cert), 'untrusted', 'another name');
    } finally {
      secure.closeAllConnections();
      secure.close();
    }
  });
});
