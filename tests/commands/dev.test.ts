import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:https';
import { after, describe, it } from 'node:test';
import { WebSocket } from 'ws';
import { freePort } from '../fixtures/free-port.ts';
import { ask, gone, Project, type Running, service } from '../master/launch/project.ts';

const projects: Project[] = [];
after(() => Promise.all(projects.map((one) => one.end())));

function develop(
  files: Readonly<Record<string, string>>,
  words: readonly string[] = ['dev', 'server.js'],
): { made: Project; running: Running } {
  const made = new Project(files);
  projects.push(made);
  return { made, running: made.start(words) };
}

describe('usta dev', () => {
  for (const words of [
    ['dev', 'server.js'],
    ['dev', 'server.js', '--poll'],
  ]) {
    it(`starts anew when a file is saved, the script or what it imports: ${words.join(' ')}`, async () => {
      const port = await freePort();
      const script = service(
        port,
        "import { text } from './lib/text.js';\nworker.onMessage = (connection) => connection.send(text);",
      );
      const { made, running } = develop(
        { 'server.js': script, 'lib/text.js': "export const text = 'one';" },
        words,
      );
      await running.says(/worker web/);
      assert.equal(await ask(port), 'one');
      made.write('lib/text.js', "export const text = 'number two';");
      await running.says(/usta dev lib\/text\.js saved: starting anew/);
      await running.says(/worker web/, 2);
      assert.equal(await ask(port), 'number two');
      made.write('server.js', `${script}// saved\n`);
      await running.says(/worker web/, 3);
      assert.equal((await running.end('SIGINT')).code, 0);
    });
  }

  it('shows why it does not start, with the stack, and waits for the next save', async () => {
    const port = await freePort();
    const { made, running } = develop({ 'server.js': service(port) });
    await running.says(/worker web/);
    made.write('server.js', "\nthrow new Error('half an edit');");
    await running.says(/usta dev server\.js:2: half an edit\nError: half an edit\n {4}at /);
    await running.says(/usta dev waiting for the next save/);
    made.write('server.js', service(port));
    await running.says(/worker web/, 2);
    assert.match(await ask(port), /^\d+/);
  });

  it('begins with a script that does not start yet', async () => {
    const port = await freePort();
    const { made, running } = develop({ 'server.js': 'const a = ;' });
    await running.says(/usta dev server\.js:1: SyntaxError: Unexpected token ';'/);
    await running.says(/waiting for the next save/);
    made.write('server.js', service(port));
    await running.says(/worker web/);
  });

  it('does not start anew for packages, for what is built, and for data', async () => {
    const port = await freePort();
    const { made, running } = develop({ 'server.js': service(port), 'data.json': '{}' });
    await running.says(/worker web/);
    for (const name of [
      'node_modules/x/index.js',
      'dist/server.js',
      '.git/x.js',
      'data.json',
      'server.log',
    ]) {
      made.write(name, 'changed');
    }
    made.write('lib.js', '');
    const [said] = await running.says(/usta dev .* saved: starting anew/);
    assert.equal(said, 'usta dev lib.js saved: starting anew');
  });

  it('leaves nothing behind on SIGTERM, and when it is killed', async () => {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const port = await freePort();
      const { running } = develop({ 'server.js': service(port) });
      const [, pid] = await running.says(/pid:(\d+) worker web/);
      const slot = Number.parseInt(await ask(port), 10);
      await running.end(signal);
      await gone(Number(pid));
      await gone(slot);
    }
  });

  it('has a certificate for development where TLS has none', async () => {
    const port = await freePort();
    const { made, running } = develop({ 'server.js': service(port).replace('http://', 'https://') });
    await running.says(/worker web has a certificate for development/);
    await running.says(/worker web: https on 127\.0\.0\.1/);
    const request = get({
      host: '127.0.0.1',
      port,
      servername: 'localhost',
      ca: made.read('ca/ca.pem'),
      agent: false,
    });
    const [answer] = await once(request, 'response');
    assert.equal(answer.statusCode, 200);
    answer.destroy();
  });

  it('is strict about origins: pages of this machine only, on any port', async () => {
    const port = await freePort();
    const script = `import { Worker } from 'usta';
new Worker('websocket://127.0.0.1:${port}', { name: 'web', drainTimeout: 1 });
Worker.runAll();
`;
    const { running } = develop({ 'server.js': script });
    await running.says(/worker web/);
    const statuses = await Promise.all(
      ['http://localhost:5173', 'https://127.0.0.1', 'http://evil.com', 'null'].map((origin) =>
        upgrade(port, origin),
      ),
    );
    assert.deepEqual(statuses, [101, 101, 403, 403]);
  });
});

/** The status of the answer to a handshake of a page of that origin, which has led its own name here. */
async function upgrade(port: number, origin: string): Promise<number> {
  const host = origin.startsWith('http') ? new URL(origin).host : 'evil.com';
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { Origin: origin, Host: host } });
  socket.on('error', () => {});
  return new Promise((resolve) => {
    socket.once('open', () => {
      socket.terminate();
      resolve(101);
    });
    socket.once('unexpected-response', (request, { statusCode = 0 }) => {
      request.destroy();
      resolve(statusCode);
    });
  });
}
