import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { Script } from '../fixtures/script.ts';
import { Project } from '../master/launch/project.ts';
import { ensure } from './debian.ts';
import { type Pebble, startPebble } from './pebble.ts';
import { freePort } from './services.ts';

const DOMAIN = 'chat.usta.test';
/** Seconds that a certificate lives: it is renewed when a third is left. */
const VALIDITY = 15;

describe('a service of two processes that gets its certificate itself', { timeout: 90_000 }, () => {
  let pebble: Pebble;
  before(async () => {
    ensure('pebble');
    pebble = await startPebble({ validity: VALIDITY });
  });
  after(() => pebble?.stop());

  for (const challenge of ['tls-alpn-01', 'http-01'] as const) {
    it(`by ${challenge}: the first, and the one that follows, in both processes and without a restart`, async () => {
      // The authority asks for tls-alpn-01 on one port only: where it is not ours, http-01 is what is left.
      const ports =
        challenge === 'tls-alpn-01'
          ? { PORT: `${pebble.tlsPort}` }
          : { PORT: `${await freePort()}`, REDIRECT_PORT: `${pebble.httpPort}` };
      const script = new Script('tests/master/acme-service.js', [], {
        ...{ DOMAIN, DIRECTORY: pebble.directory, ROOT: pebble.directoryRoot },
        ...{ STORAGE: join(pebble.folder, challenge), ...ports },
      });
      try {
        const [, found] = await script.printed(
          /worker test: wss on 127\.0\.0\.1:(\d+) with TLS, 2 processes/,
        );
        const port = Number(found);
        await script.printed(/certificate for chat\.usta\.test: issued: in service until/);
        const ca = await pebble.root();
        const first = await everywhere(port, ca);
        const open = await visit(port, ca);
        await script.printed(/(certificate for chat\.usta\.test: issued[\s\S]*){2}/);
        const second = await everywhere(port, ca);
        assert.notEqual(first, second);
        open.socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
        await once(open.socket, 'data');
        if (challenge === 'http-01') await leadsToHttps(pebble.httpPort, port);
      } finally {
        await script.end('SIGTERM');
      }
    });
  }
});

describe('usta start --domain', { timeout: 60_000 }, () => {
  it('is all it takes', async () => {
    ensure('pebble');
    const pebble = await startPebble();
    const project = new Project({
      'root.pem': pebble.directoryRoot,
      'server.js': `import { Worker } from 'usta';
const worker = new Worker('wss://127.0.0.1:${pebble.tlsPort}', { drainTimeout: 1 });
worker.onRequest = (connection) => connection.send('hello');
Worker.runAll();
`,
    });
    try {
      const words = ['--domain', DOMAIN, '--agree', '--directory', pebble.directory];
      const running = project.start(['start', 'server.js', ...words], {
        NODE_EXTRA_CA_CERTS: project.path('root.pem'),
        USTA_ACME_DIRECTORY: project.path('acme'),
      });
      await running.says(/certificate for chat\.usta\.test: issued/);
      const { socket } = await visit(pebble.tlsPort, await pebble.root());
      socket.destroy();
      assert.equal((await running.end()).code, 0);
    } finally {
      await project.end();
      await pebble.stop();
    }
  });
});

async function visit(port: number, ca: string): Promise<{ socket: TLSSocket; pid: string; serial: string }> {
  const socket = connect({ host: '127.0.0.1', port, ca, servername: DOMAIN });
  await once(socket, 'secureConnect');
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const [answer] = await once(socket, 'data');
  const pid = String(answer).split('\r\n\r\n')[1] ?? '';
  return { socket, pid, serial: socket.getPeerCertificate().serialNumber };
}

/** @returns the serial number of the one certificate that both processes serve. */
async function everywhere(port: number, ca: string): Promise<string> {
  const serials = new Set<string>();
  const pids = new Set<string>();
  while (pids.size < 2) {
    const { socket, pid, serial } = await visit(port, ca);
    pids.add(pid);
    serials.add(serial);
    socket.destroy();
  }
  assert.equal(serials.size, 1);
  return [...serials].join();
}

async function leadsToHttps(plainPort: number, port: number): Promise<void> {
  const sent = request({ host: '127.0.0.1', port: plainPort, path: '/room?a=1', headers: { Host: DOMAIN } });
  sent.end();
  const [answer] = await once(sent, 'response');
  answer.resume();
  assert.equal(answer.statusCode, 308);
  assert.match(
    answer.headers.location,
    new RegExp(`^https://${DOMAIN.replaceAll('.', '\\.')}:${port}/room\\?a=1$`),
  );
}
