/** What a client says when it cannot connect, in sentences that help; and that no wait is without an end. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AsyncTcpConnection, Worker } from 'usta';
import { freePort } from '../fixtures/free-port.ts';
import { make, tree } from '../fixtures/pki.ts';
import { bare, Ear, echo, serving } from './stage.ts';

const LIMIT = { timeout: 8_000 };
const { root, upper, lower, leaf } = tree(['localhost']);
const ssl = { cert: leaf.cert + lower.cert + upper.cert, key: leaf.key };

/** Connects in vain: `onError` with code 1, then `onClose`. @returns the sentence, and the client. */
async function inVain(address: string, options: object = {}): Promise<Ear> {
  const ear = Ear.connect(address, options);
  await ear.until('close');
  assert.deepEqual(ear.heard.slice(-2), ['error 1', 'close']);
  assert.equal(ear.causes[0]?.reason, ear.errors[0]);
  return ear;
}

async function secureEcho(certificate: object = ssl): Promise<string> {
  const server = await echo({ ssl: certificate }, 'wss');
  return `wss://localhost:${server.port}`;
}

describe('the server is verified', LIMIT, () => {
  it('with its authority named, it is taken', async () => {
    await Ear.connect(await secureEcho(), { ssl: { cafile: root.cert } }).until('open');
  });

  it('an unknown authority is refused', async () => {
    const ear = await inVain(await secureEcho());
    assert.match(ear.errors[0] ?? '', /wss:\/\/localhost:\d+: the authority .* not trusted .* ssl\.cafile/);
    assert.deepEqual([ear.causes[0]?.by, ear.causes[0]?.how], ['us', 'refused']);
  });

  it('one that signs itself is refused, and taken with cafile or allow_self_signed', async () => {
    const own = make({ name: 'localhost' });
    const address = await secureEcho({ cert: own.cert, key: own.key });
    assert.match((await inVain(address)).errors[0] ?? '', /signs itself; name it in ssl\.cafile/);
    await Ear.connect(address, { ssl: { allow_self_signed: true } }).until('open');
    await Ear.connect(address, { ssl: { cafile: own.cert } }).until('open');
  });

  it('allow_self_signed is no leave for another name, nor for an unknown authority', async () => {
    const other = make({ name: 'other.example' });
    const address = await secureEcho({ cert: other.cert, key: other.key });
    const lax = { ssl: { allow_self_signed: true } };
    assert.match((await inVain(address, lax)).errors[0] ?? '', /for another name/);
    assert.match((await inVain(await secureEcho(), lax)).errors[0] ?? '', /authority/);
    const shop = { ssl: { allow_self_signed: true, peer_name: 'other.example' } };
    await Ear.connect(address, shop).until('open');
  });

  it('a wrong name is refused; peer_name says which is right, and is asked for', async () => {
    const shop = make({ name: 'shop.example', by: root });
    const address = await secureEcho({ ...ssl, SNI_server_certs: { 'shop.example': shop.cert + shop.key } });
    const [, port] = /:(\d+)$/.exec(address) ?? [];
    const byIp = `wss://127.0.0.1:${port}`;
    const known = { cafile: root.cert };
    assert.match((await inVain(byIp, { ssl: known })).errors[0] ?? '', /another name: .* ssl\.peer_name/);
    await Ear.connect(byIp, { ssl: { ...known, peer_name: 'shop.example' } }).until('open');
    await Ear.connect(byIp, { ssl: { ...known, verify_peer_name: false } }).until('open');
    await Ear.connect(byIp, { ssl: { verify_peer: false } }).until('open');
  });

  it('an expired one is refused; peer_fingerprint takes one alone', async () => {
    const old = make({ name: 'localhost', by: root, from: -9, to: -2 });
    const past = await secureEcho({ cert: old.cert, key: old.key });
    assert.match((await inVain(past, { ssl: { cafile: root.cert } })).errors[0] ?? '', /has expired/);
    const wrong = { ssl: { cafile: root.cert, peer_fingerprint: 'ab'.repeat(32) } };
    assert.match((await inVain(await secureEcho(), wrong)).errors[0] ?? '', /the server's certificate/);
  });

  it('a server that wants a certificate of ours gets it', async () => {
    const address = await secureEcho({ ...ssl, verify_peer: true, cafile: root.cert });
    const mine = make({ name: 'me', by: root });
    const files = { cafile: root.cert, local_cert: mine.cert, local_pk: mine.key };
    await Ear.connect(address, { ssl: files }).until('open');
    const without = Ear.connect(address, { ssl: { cafile: root.cert } });
    await without.until('close');
    assert.ok(!without.heard.includes('open'));
  });
});

describe('sentences', LIMIT, () => {
  it('nobody listens; no such socket; no such name', async () => {
    const ear = await inVain(`ws://127.0.0.1:${await freePort()}/path?token=secret`);
    assert.match(ear.errors[0] ?? '', /^cannot connect to ws:\/\/127\.0\.0\.1:\d+: nobody listens/);
    assert.match((await inVain('unix:///nowhere/at-all')).errors[0] ?? '', /no such socket/);
    const named = await inVain('ws://name.invalid');
    assert.match(named.errors[0] ?? '', /name\.invalid:80: (the name name\.invalid is not known|DNS)/);
  });

  it('TLS to a plain port, plain to a TLS port', async () => {
    const { port } = await echo();
    assert.match((await inVain(`wss://127.0.0.1:${port}`)).errors[0] ?? '', /does not speak TLS; use ws/);
    const secure = (await secureEcho()).replace('wss', 'ws');
    assert.match((await inVain(secure)).errors[0] ?? '', /answered 400 .*this port speaks TLS/);
  });

  it('a refused upgrade is told with its status and its text', async () => {
    const server = await echo({ path: '/chat' });
    server.onWebSocketConnect = (connection) => connection.reject(401, 'sign in first');
    const address = `ws://127.0.0.1:${server.port}`;
    assert.match(
      (await inVain(`${address}/x`)).errors[0] ?? '',
      /answered 404 .*: no WebSocket is served on/,
    );
    const ear = await inVain(`${address}/chat`);
    assert.match(ear.errors[0] ?? '', /answered 401 Unauthorized .*: sign in first$/);
    assert.deepEqual(ear.heard, ['connect', 'error 1', 'close']);
    assert.deepEqual([ear.causes[0]?.by, ear.causes[0]?.how], ['peer', 'refused']);
  });

  it('what answers is no HTTP; an answer to another key', async () => {
    const ssh = await bare((socket) => socket.write('SSH-2.0-OpenSSH_9.9\r\n\r\n'));
    assert.match((await inVain(`ws://127.0.0.1:${ssh.port}`)).errors[0] ?? '', /no HTTP or WebSocket server/);
    const head =
      'HTTP/1.1 101 x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n';
    const liar = await bare((socket) => socket.write(head));
    assert.match((await inVain(`ws://127.0.0.1:${liar.port}`)).errors[0] ?? '', /does not answer our key/);
    const mute = await bare((socket) => socket.end());
    assert.match((await inVain(`ws://127.0.0.1:${mute.port}`)).errors[0] ?? '', /hung up instead/);
  });

  it('an option that cannot be used throws at once, and says which', () => {
    const throws = (make: () => unknown, said: RegExp): void => assert.throws(make, said);
    throws(() => new AsyncTcpConnection('wsss://x' as string), /did you mean wss/);
    throws(() => new AsyncTcpConnection('http://x' as string), /fetch/);
    throws(() => new AsyncTcpConnection('ws://me:secret@x'), /Authorization/);
    throws(() => new AsyncTcpConnection('tcp://x'), /tcp:\/\/host:port/);
    throws(() => new AsyncTcpConnection('ws://x/#y'), /fragment/);
    throws(() => new AsyncTcpConnection('ws://x', { reconnect: { jitter: 2 } }), /reconnect\.jitter/);
    throws(() => new AsyncTcpConnection('ws://x', { socket: { bindto: 'x' } }), /ip:port/);
    throws(() => new AsyncTcpConnection('wss://x', { ssl: { cafile: '/no' } }).connect(), /ssl\.cafile/);
    throws(
      () => new AsyncTcpConnection('wss://x', { ssl: { verify_pear: true } as object }).connect(),
      /verify_peer/,
    );
  });

  it('a header that cannot be sent is told when the connection is there', async () => {
    const { port } = await echo();
    const ear = await inVain(`ws://127.0.0.1:${port}`, { headers: { 'X-A': 'a\r\nb' } });
    assert.match(ear.errors[0] ?? '', /X-A/);
  });
});

describe('no wait is without an end', LIMIT, () => {
  it('for TLS, for the answer, for the close frame', async () => {
    const deaf = await bare(() => {});
    const [tls, ws] = await Promise.all([
      inVain(`wss://127.0.0.1:${deaf.port}`, { connectTimeout: 0.3 }),
      inVain(`ws://127.0.0.1:${deaf.port}`, { upgradeTimeout: 0.3 }),
    ]);
    assert.match(tls.errors[0] ?? '', /the connection did not come within 0\.3 s/);
    assert.match(ws.errors[0] ?? '', /the answer .* within 0\.3 s; is it a WebSocket server/);
    assert.deepEqual([ws.causes[0]?.by, ws.causes[0]?.how], ['us', 'deadline']);
  });

  it('a peer that sends nothing and answers no ping is dead; pings keep a quiet one alive', async () => {
    const server = await serving(
      new Worker('websocket://127.0.0.1:0', { drainTimeout: 0.1, closeTimeout: 0.1 }),
    );
    const quick = { pingInterval: 0.3, idleTimeout: 1.5 };
    const lively = Ear.connect(`ws://127.0.0.1:${server.port}`, quick);
    let pings = 0;
    server.onWebSocketPing = () => pings++;
    await lively.until('open');
    const paused = new Ear(`ws://127.0.0.1:${server.port}`, quick);
    server.onWebSocketConnected = (connection) => connection.pauseRecv();
    paused.connection.connect();
    await paused.until('close');
    assert.equal(paused.causes[0]?.how, 'deadline');
    assert.match(paused.causes[0]?.reason ?? '', /nothing heard for 1\.5 s/);
    assert.ok(pings >= 2, `${pings} pings`);
    assert.equal(lively.connection.getStatus(), 2);
  });

  it('a server that does not answer our close frame, or does not end TCP after its own', async () => {
    const server = await serving(
      new Worker('websocket://127.0.0.1:0', { drainTimeout: 0.1, closeTimeout: 0.1 }),
    );
    server.onWebSocketConnected = (connection) => connection.pauseRecv();
    const ear = Ear.connect(`ws://127.0.0.1:${server.port}`, { closeTimeout: 0.2 });
    await ear.until('open');
    ear.connection.close();
    await ear.until('close');
    assert.equal(ear.causes[0]?.how, 'deadline');
  });
});
