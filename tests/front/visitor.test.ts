import assert from 'node:assert/strict';
import { randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type WebSocket, WebSocketServer } from 'ws';
import { Visitor } from '../../src/front/visitor.ts';
import { testCertificate } from '../fixtures/certificate.ts';

describe('Visitor', () => {
  let server: Server;
  let sockets: WebSocketServer;
  let visitor: Visitor;
  let fingerprint: string;
  const requests: IncomingMessage[] = [];

  before(async () => {
    const pair = await testCertificate(['domain.com']);
    fingerprint = new X509Certificate(pair.cert).fingerprint256;
    server = createServer(pair, (request, response) => {
      requests.push(request);
      response.writeHead(200, { 'x-path': request.url, 'x-from': request.socket.remoteAddress }).end('hello');
    });
    sockets = new WebSocketServer({ noServer: true, maxPayload: 4_194_304 });
    server.on('upgrade', (request, socket, head) => {
      requests.push(request);
      if (request.url === '/none') return socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
      if (request.url === '/wrong') {
        return socket.end('HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
      }
      sockets.handleUpgrade(request, socket, head, serve);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    visitor = new Visitor(destination({ from: '127.0.0.2' }));
  });
  after(() => {
    for (const client of sockets.clients) client.terminate();
    server.close().closeAllConnections();
  });

  const destination = (more: object = {}) => ({
    domain: 'domain.com',
    address: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    fingerprint,
    ...more,
  });

  function serve(socket: WebSocket): void {
    socket.send('welcome');
    socket.on('message', (data, isBinary) => {
      if (isBinary) socket.send(data);
      else if (String(data) === 'ping') socket.ping(() => socket.send('pinged'));
      else if (String(data) === 'leave') socket.close(1001);
      else if (String(data) === 'cut') socket.terminate();
      else socket.send(`${data}!`);
    });
  }

  it('asks over https, by name, from the address it is given', async () => {
    const { status, headers, body } = await visitor.get('/page', { 'X-Real-IP': '6.6.6.6' });
    assert.deepEqual([status, headers['x-path'], body], [200, '/page', 'hello']);
    const [request] = requests.slice(-1);
    assert.equal(request?.headers.host, `domain.com:${destination().port}`);
    assert.equal(request?.headers['x-real-ip'], '6.6.6.6');
    assert.equal(headers['x-from'], '127.0.0.2');
  });

  it('opens a WebSocket: the first message may come with the 101', async () => {
    const visit = await visitor.open('/wss');
    assert.equal(await visit.next(), 'welcome');
    assert.equal(await visit.ask('tom'), 'tom!');
    visit.close();
    assert.equal(visit.isOpen, false);
  });

  it('takes 1 MiB back as it was sent', async () => {
    const visit = await visitor.open('/wss');
    await visit.next();
    const message = randomBytes(1_048_576);
    assert.deepEqual(await visit.ask(message), message);
    visit.close();
  });

  it('answers pings and counts them: RFC 6455 §5.5.3', async () => {
    const visit = await visitor.open('/wss');
    await visit.next();
    const [client] = [...sockets.clients].slice(-1);
    const pong = once(client as WebSocket, 'pong');
    assert.equal(await visit.ask('ping'), 'pinged');
    await pong;
    assert.equal(visit.pings, 1);
    visit.close();
  });

  it('tells a close frame from a cut', async () => {
    const left = await visitor.open('/wss');
    left.send('leave');
    assert.equal(await left.ended(), 1001);
    const cut = await visitor.open('/wss');
    await cut.next();
    cut.send('cut');
    assert.equal(await cut.ended(), undefined);
    await assert.rejects(cut.next(), /cut|reset/i);
  });

  it('says what the upgrade was answered instead', async () => {
    await assert.rejects(visitor.open('/none'), { message: 'the upgrade was answered 404 Not Found' });
    await assert.rejects(visitor.open('/wrong'), { message: 'the 101 does not answer our key' });
  });

  it('speaks with nobody but who has the certificate', async () => {
    const stranger = new Visitor(destination({ fingerprint: 'AB:CD' }));
    const before = requests.length;
    await assert.rejects(stranger.get('/secret'), { message: 'somebody else answers: another certificate' });
    await assert.rejects(stranger.open('/secret'), { message: 'somebody else answers: another certificate' });
    assert.equal(requests.length, before);
  });
});
