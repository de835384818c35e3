/** The code of docs/how-to/real-ip.md, run as it stands there, with ports and files of the test's own. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import { testCertificate } from '../fixtures/certificate.ts';
import { Project, type Running } from '../master/launch/project.ts';

const PAGE = join(import.meta.dirname ?? '.', '..', '..', '..', 'docs', 'how-to', 'real-ip.md');
const blocks = [...readFileSync(PAGE, 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(
  ([, code = '']) => code,
);
const projects: Project[] = [];
after(() => Promise.all(projects.map((project) => project.end())));

async function run(code: string): Promise<{ running: Running; port: number; cert: string }> {
  const { cert, key } = await testCertificate();
  const project = new Project({
    'server.js': `import { Worker } from 'usta';\n${code.replace(/:(8282|8443)'/, ":0'")}\nWorker.runAll();\n`,
    'server.pem': cert,
    'server.key': key,
  });
  projects.push(project);
  const running = project.start(['start', 'server.js']);
  const [, port] = await running.says(/worker none: \w+ on \S+:(\d+)/);
  return { running, port: Number(port), cert };
}

describe('docs/how-to/real-ip.md', { timeout: 30_000 }, () => {
  it('has two pieces of code', () => assert.equal(blocks.length, 2));

  it('the first tells the client that the proxy names', async () => {
    const { running, port } = await run(blocks[0] ?? '');
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { 'X-Forwarded-For': '192.0.2.1' } });
    await once(socket, 'open');
    await running.says(/^192\.0\.2\.1$/m);
    socket.terminate();
    assert.equal((await running.end()).code, 0);
  });

  it('the second wants a PROXY header from that peer, and refuses one from another', async () => {
    const code = blocks[1] ?? '';
    assert.match(code, /proxyProtocol: \['10\.0\.0\.5'\]/);
    const { running, port, cert } = await run(code.replace('10.0.0.5', '127.0.0.1'));
    const socket = connect(port, '127.0.0.1');
    socket.write('PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\n');
    const secure = connectTls({ socket, ca: cert, servername: 'localhost' });
    await once(secure, 'secureConnect');
    secure.destroy();
    await running.end();

    const other = await run(code);
    const stranger = connect(other.port, '127.0.0.1');
    stranger.on('error', () => {});
    stranger.write('PROXY TCP4 192.0.2.1 198.51.100.2 4711 443\r\n');
    await once(stranger, 'close');
    await other.running.says(/a PROXY header from a peer that is not in proxyProtocol/);
    await other.running.end();
  });
});
