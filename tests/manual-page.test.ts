/**
 * The manual page on wss services, as one executable file and in its order: its server in our words, its
 * browser snippet, its notes. Way 1 (a proxy in front) is run with its plain half here; the proxies
 * themselves need programs that npm cannot install.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { connect } from 'node:tls';
import { type TcpConnection, Worker } from 'usta';
import { WebSocket } from 'ws';
import type { ExamineOptions } from '../src/doctor/examination.ts';
import { examine } from '../src/doctor/examine.ts';
import { readTarget } from '../src/doctor/target.ts';
import { configurationFor } from '../src/front/configuration.ts';
import { planProxy } from '../src/front/plan.ts';
import { cannotListen } from '../src/transport/listen-error.ts';
import { Site } from './doctor/site.ts';
import { testCertificate } from './fixtures/certificate.ts';
import { Script } from './fixtures/script.ts';

const SILENT = { began: (): void => undefined, ended: (): void => undefined };

describe('way 1: nginx or Apache ends TLS, the worker speaks ws on 8282', () => {
  it('serves the plain half that the proxy is pointed at', async () => {
    const example = new Script('examples/ws-behind-proxy.js', [], { PORT: '0' });
    const [, port] = await example.printed(/websocket on 127\.0\.0\.1:(\d+)/);
    assert.deepEqual(await snippet(`ws://127.0.0.1:${port}/wss`), [
      'Sending a string to the server: tom',
      'Message from the server: ok',
    ]);
    await example.end('SIGTERM');
  });
});

describe('way 2: TLS in the server', () => {
  let certificate: { cert: string; key: string };
  let worker: Worker;

  before(async () => {
    certificate = await testCertificate(['localhost']);
    const context = {
      ssl: {
        local_cert: certificate.cert,
        local_pk: certificate.key,
        verify_peer: false,
        allow_self_signed: true,
      },
    };
    worker = new Worker('websocket://0.0.0.0:0', context);
    worker.transport = 'ssl';
    worker.onMessage = (con: TcpConnection, msg) => con.send(msg.length > 0 ? 'ok' : 'empty');
    await worker.listen();
  });

  after(() => worker.stop());

  it("answers the page's own snippet", async () => {
    assert.deepEqual(await snippet(`wss://localhost:${worker.port}`, certificate.cert), [
      'Sending a string to the server: tom',
      'Message from the server: ok',
    ]);
  });

  it('note 2: a wss port is for wss; ws gets an answer that says so instead of a reset', async () => {
    const socket = new WebSocket(`ws://localhost:${worker.port}`);
    const [request, response] = await once(socket, 'unexpected-response');
    let text = '';
    for await (const chunk of response) text += chunk;
    request.destroy();
    assert.equal(response.statusCode, 400);
    assert.match(
      text,
      new RegExp(
        `this port speaks TLS; use https://localhost:${worker.port}/ or wss://localhost:${worker.port}/`,
      ),
    );
  });

  it('note 2, the reverse: wss on a ws port fails, and the port lives on', async () => {
    const plain = new Worker('websocket://127.0.0.1:0');
    plain.onMessage = (connection) => connection.send('ok');
    await plain.listen();
    const socket = new WebSocket(`wss://127.0.0.1:${plain.port}`, { rejectUnauthorized: false });
    await once(socket, 'error');
    assert.deepEqual((await snippet(`ws://127.0.0.1:${plain.port}`)).at(-1), 'Message from the server: ok');
    await plain.stop();
  });

  it('note 3: the certificate belongs to a name; by address the client refuses', async () => {
    const socket = new WebSocket(`wss://127.0.0.1:${worker.port}`, { ca: certificate.cert });
    const [error] = await once(socket, 'error');
    assert.equal(error.code, 'ERR_TLS_CERT_ALTNAME_INVALID');
  });

  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`note 5: WeChat mini programs need TLS 1.2: ${version} is spoken`, async () => {
      const socket = connect({
        port: worker.port,
        host: 'localhost',
        ca: certificate.cert,
        minVersion: version,
        maxVersion: version,
      });
      await once(socket, 'secureConnect');
      assert.equal(socket.getProtocol(), version);
      socket.destroy();
    });
  }

  for (const version of ['TLSv1', 'TLSv1.1'] as const) {
    it(`note 5: ${version} is refused`, async () => {
      const ciphers = 'DEFAULT@SECLEVEL=0';
      const socket = connect({
        port: worker.port,
        host: 'localhost',
        ca: certificate.cert,
        minVersion: version,
        maxVersion: version,
        ciphers,
      });
      const [error] = await once(socket, 'error');
      assert.match(String(error.code), /ERR_SSL|ECONNRESET/);
    });
  }

  it('serves pages on the same port', async () => {
    worker.onRequest = (connection, request) => connection.send(`you asked for ${request.path}`);
    const socket = connect({ port: worker.port, host: 'localhost', ca: certificate.cert });
    await once(socket, 'secureConnect');
    socket.end('GET /page HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    let answer = '';
    for await (const chunk of socket) answer += chunk;
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n[\s\S]*you asked for \/page$/);
  });
});

describe('its five notes, and that the doctor knows them', () => {
  let certificate: { cert: string; key: string };
  let worker: Worker;
  const site = new Site();
  before(async () => {
    certificate = await testCertificate(['shop.example']);
    worker = new Worker('wss://127.0.0.1:0', { ssl: certificate });
    await worker.listen();
  });
  after(async () => {
    await worker.stop();
    await site.close();
  });

  const verdict = async (url: string, options: ExamineOptions = {}): Promise<string | undefined> =>
    (await examine(readTarget(url), { authorities: [certificate.cert], ...options }, SILENT)).verdict?.code;

  it('note 1: port 443 is for a proxy, whose configuration we print, or for the server itself as root', () => {
    const text = configurationFor(
      planProxy('nginx', { domain: 'domain.com', path: '/wss', version: '1.22.1' }),
    );
    assert.match(text, /listen 443 ssl;/);
    assert.match(text, /server 127\.0\.0\.1:8282;/);
    const denied = cannotListen({ kind: 'ip', host: '0.0.0.0', port: 443 }, 'EACCES');
    assert.match(denied.message, /0\.0\.0\.0:443: not permitted; ports below 1024 need root/);
  });

  it('note 2: ws does not get into a wss port', async () => {
    assert.equal(await verdict(`ws://127.0.0.1:${worker.port}/`), 'tls-on-ws-port');
  });

  it('note 3: the certificate is for the domain, not for the address', async () => {
    const address = '127.0.0.1';
    assert.equal(await verdict(`wss://shop.example:${worker.port}/`, { address }), undefined);
    assert.equal(await verdict(`wss://127.0.0.1:${worker.port}/`), 'certificate-wrong-name');
  });

  it('note 4: a firewall is told from a port on which nothing listens', async () => {
    assert.equal(await verdict(`wss://127.0.0.1:${await site.filtered()}/`, { timeout: 1 }), 'port-filtered');
    const { port } = worker;
    const gone = new Worker('ws://127.0.0.1:0');
    await gone.listen();
    const { port: closed } = gone;
    await gone.stop();
    assert.equal(await verdict(`wss://127.0.0.1:${closed}/`), 'port-refused');
    assert.notEqual(port, closed);
  });

  it('note 5: WeChat mini programs need TLS 1.2', async () => {
    const newest = new Worker('wss://127.0.0.1:0', { ssl: { ...certificate, profile: 'modern' } });
    await newest.listen();
    const address = '127.0.0.1';
    const report = await examine(
      readTarget(`wss://shop.example:${newest.port}/`),
      { address, authorities: [certificate.cert], client: 'wechat' },
      SILENT,
    );
    await newest.stop();
    assert.ok([report.verdict, ...report.also].some((one) => one?.code === 'wechat-tls12'));
  });
});

describe('what the page warns of', () => {
  it('a plain request to a ws port is told what the port is for', async () => {
    const worker = new Worker('websocket://127.0.0.1:0');
    await worker.listen();
    const [response] = await once(get(`http://127.0.0.1:${worker.port}/`), 'response');
    assert.equal(response.statusCode, 426);
    assert.equal(response.headers.upgrade, 'websocket');
    response.destroy();
    await worker.stop();
  });

  it('TLS without a certificate is one clear error before anything listens', async () => {
    const worker = new Worker('websocket://127.0.0.1:0', { transport: 'ssl' });
    await assert.rejects(worker.listen(), { code: 'E_SSL_NO_CERTIFICATE' });
  });

  it('a certificate file that is not there is named', async () => {
    const worker = new Worker('wss://127.0.0.1:0', {
      ssl: { local_cert: '/nowhere/server.pem', local_pk: '/nowhere/server.key' },
    });
    await assert.rejects(worker.listen(), { message: 'ssl.local_cert: /nowhere/server.pem does not exist' });
  });
});

/** The page's browser code, with what it would have shown. */
function snippet(url: string, ca?: string): Promise<string[]> {
  const alerts: string[] = [];
  const ws = new WebSocket(url, ca === undefined ? {} : { ca });
  return new Promise((resolve, reject) => {
    ws.onopen = () => {
      alerts.push('Sending a string to the server: tom');
      ws.send('tom');
    };
    ws.onmessage = (e) => {
      alerts.push(`Message from the server: ${e.data}`);
      ws.close();
    };
    ws.onclose = () => resolve(alerts);
    ws.onerror = (e) => reject(new Error(e.message));
  });
}
