/** A client that comes back resumes its TLS session, on the same terms and no others. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls';
import { subscribe } from 'usta';
import { useClock } from '../../src/clock.ts';
import { ClientSession } from '../../src/transport/client-session.ts';
import { make, tree } from '../fixtures/pki.ts';
import { Ear, echo, owned } from './stage.ts';

const LIMIT = { timeout: 8_000 };
const { root, upper, lower, leaf } = tree(['localhost']);
const ssl = { cert: leaf.cert + lower.cert + upper.cert, key: leaf.key };
const trusting = { cafile: root.cert };

/** A server, and whether each handshake with it has resumed a session. */
async function server(options: object = ssl): Promise<{ address: string; resumed: boolean[] }> {
  const resumed: boolean[] = [];
  owned(subscribe('usta:tls:opened', (told) => resumed.push(told.resumed)));
  const { port } = await echo({ ssl: options }, 'wss');
  return { address: `wss://localhost:${port}`, resumed };
}

/** Connects, hears an answer, and leaves. */
async function visit(address: string, options: object = trusting): Promise<void> {
  const ear = Ear.connect(address, { ssl: options });
  await ear.until('open');
  ear.connection.close();
  await ear.until('close');
}

describe('a session of TLS', LIMIT, () => {
  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`is resumed, with ${maxVersion}`, async () => {
      const { address, resumed } = await server({ ...ssl, maxVersion });
      for (let times = 0; times < 3; times++) await visit(address);
      assert.deepEqual(resumed, [false, true, true]);
    });
  }

  it('is resumed when a lost connection comes back by itself', async () => {
    const { address, resumed } = await server();
    const ear = Ear.connect(address, { ssl: trusting, reconnect: { delay: 0.01 } });
    await ear.until('open');
    ear.connection.reconnect();
    await ear.until('open', 2);
    assert.deepEqual(resumed, [false, true]);
  });

  it('is not resumed on other terms: another authority, another name, another certificate of ours', async () => {
    const { address, resumed } = await server();
    const mine = make({ name: 'me', by: root });
    await visit(address, { verify_peer: false });
    const strict = Ear.connect(address);
    await strict.until('close');
    assert.match(strict.errors[0] ?? '', /not trusted/);
    await visit(address, trusting);
    await visit(address, { ...trusting, verify_peer_name: false });
    await visit(address, { ...trusting, local_cert: mine.cert, local_pk: mine.key });
    await visit(address, { ...trusting, maxVersion: 'TLSv1.2' });
    const wrong = Ear.connect(address, { ssl: { ...trusting, peer_name: 'other.example' } });
    await wrong.until('close');
    assert.match(wrong.errors[0] ?? '', /another name/);
    assert.ok(!resumed.includes(true), resumed.join());
    await visit(address, trusting);
    assert.equal(resumed.at(-1), true);
  });

  it('is not resumed with another server on the same host', async () => {
    const [one, two] = [await server(), await server()];
    await visit(one.address);
    await visit(two.address);
    assert.deepEqual(one.resumed, [false, false]);
  });

  it('does not outlive the certificate', async () => {
    const { address, resumed } = await server();
    await visit(address);
    const later = Date.parse('2200-01-01T00:00:00Z');
    const wait = (milliseconds: number, callback: () => void): (() => void) => {
      const timer = setTimeout(callback, milliseconds);
      return () => clearTimeout(timer);
    };
    owned(useClock({ now: () => performance.now(), date: () => later, schedule: wait }));
    await visit(address);
    assert.deepEqual(resumed, [false, false]);
  });

  it('knows the certificate of the server all the same', async () => {
    const { address, resumed } = await server();
    const pinned = { ...trusting, peer_fingerprint: new X509Certificate(leaf.cert).fingerprint256 };
    await visit(address, pinned);
    const ear = Ear.connect(address, { ssl: pinned });
    await ear.until('open');
    assert.deepEqual(resumed, [false, true]);
    for (const _ of [1, 2]) assert.equal(ear.connection.peerCertificate?.subjectAltName, 'DNS:localhost');
  });
});

describe('what is kept', () => {
  const shown = { valid_to: 'Jan  1 00:00:00 2200 GMT' } as DetailedPeerCertificate;
  const socket = (): TLSSocket =>
    Object.assign(new EventEmitter(), {
      isSessionReused: () => false,
    }) as unknown as TLSSocket;
  const session = (port: number): ClientSession =>
    new ClientSession({ kind: 'ip', host: 'a', port }, { terms: 'ours' });
  const had = (port: number): void => {
    const one = socket();
    const ours = session(port);
    ours.follow(one);
    ours.trust(one, shown);
    one.emit('session', Buffer.from(`${port}`));
  };

  it('is offered to one connection at a time, and is no more than 256', () => {
    for (let port = 1; port <= 300; port++) had(port);
    assert.deepEqual(session(1).offer(), {});
    assert.deepEqual(session(44).offer(), {});
    assert.equal(String(session(45).offer().session), '45');
    assert.deepEqual(session(45).offer(), {});
    assert.equal(String(session(300).offer().session), '300');
  });

  it('is not used up by a server that is not there', () => {
    had(3_000);
    const attempt = (): EventEmitter => {
      const one = Object.assign(socket(), { connecting: true });
      const ours = session(3_000);
      assert.ok(ours.offer().session);
      ours.follow(one);
      return one as unknown as EventEmitter;
    };
    attempt().emit('close');
    const met = attempt();
    met.emit('connect');
    met.emit('close');
    assert.deepEqual(session(3_000).offer(), {});
  });

  it('is nothing of a server that was not accepted, nor where nobody says on which terms', () => {
    const one = socket();
    const ours = session(1_000);
    ours.follow(one);
    one.emit('session', Buffer.from('x'));
    assert.deepEqual(session(1_000).offer(), {});
    const careless = new ClientSession({ kind: 'ip', host: 'a', port: 1 }, {});
    careless.follow(one);
    careless.trust(one, shown);
    assert.deepEqual(careless.offer(), {});
  });

  it('is offered for an hour', () => {
    had(2_000);
    const schedule = (): (() => void) => () => {};
    const back = useClock({ now: () => performance.now() + 3_600_000, date: () => Date.now(), schedule });
    try {
      assert.deepEqual(session(2_000).offer(), {});
    } finally {
      back();
    }
  });
});
