/** What docs/how-to/connect-to-others.md shows compiles and runs; types follow from the address. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { Worker } from 'usta';
import { Script } from '../fixtures/script.ts';
import { bare, echo, owned } from './stage.ts';

const ROOT = resolve(import.meta.dirname ?? '.', '..', '..', '..');
const PAGE = readFileSync(join(ROOT, 'docs/how-to/connect-to-others.md'), 'utf8');
const TIMERS = readFileSync(join(ROOT, 'docs/how-to/timers-and-cron.md'), 'utf8');
const blocks = blocksOf(PAGE);
const directory = mkdtempSync(join(ROOT, 'dist', 'clients-page-'));
after(() => rmSync(directory, { recursive: true }));

function blocksOf(page: string): string[] {
  return [...page.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);
}

const TYPES = `import { AsyncTcpConnection, AsyncUdpConnection, defineProtocol } from 'usta';
const tcp = new AsyncTcpConnection('tcp://a:1');
tcp.onMessage = (_, message) => message.readUInt8(0);
const text = new AsyncTcpConnection('wss://a', { accept: 'text', context: () => ({ count: 0 }) });
text.onMessage = (connection, message) => { connection.context.count += message.length; connection.reconnect(1); };
text.onMessage = (_, message) => JSON.parse(message);
const later = new AsyncTcpConnection(process.argv[2] ?? 'ws://a');
later.onMessage = (connection, message) => connection.send(message);
tcp.pipe(later);
const options = new AsyncTcpConnection('ssl://a:1', { onMessage: (connection, message) => connection.send(message) });
const lines = new AsyncTcpConnection('text://a:1');
lines.onMessage = (connection, line) => connection.send(line.trim());
const numbers = defineProtocol({ input: () => 1, decode: (byte) => Number(byte), encode: (one: number) => String(one) });
new AsyncTcpConnection('ssl://a:1', { protocol: numbers }).onMessage = (connection, one) => connection.send(one + 1);
new AsyncTcpConnection('unix:///a', { protocol: 'frame', onMessage: (connection, bytes) => connection.send(bytes.toString()) });
new AsyncUdpConnection('udp://a:1').onMessage = (connection, bytes) => connection.send(bytes.subarray(1));
new AsyncUdpConnection('udp://a:1', { protocol: numbers, onMessage: (connection, one) => connection.send(one + 1) });
// @ts-expect-error text is sent
new AsyncUdpConnection('udp://a:1', { protocol: 'text' }).send(1);
// @ts-expect-error datagrams are no stream
new AsyncUdpConnection('udp://a:1', { protocol: 'http' });
// @ts-expect-error the option protocol says what is spoken
new AsyncUdpConnection('text://a:1');
// @ts-expect-error numbers are sent
new AsyncTcpConnection('tcp://a:1', { protocol: numbers }).send('one');
// @ts-expect-error the scheme says it already
new AsyncTcpConnection('ws://a', { protocol: numbers });
// @ts-expect-error that is for fetch
new AsyncTcpConnection('http://a');
// @ts-expect-error no such scheme
new AsyncTcpConnection('wsss://a');
// @ts-expect-error a string or bytes are sent
tcp.send({});
// @ts-expect-error only servers decide on upgrades
later.reject(401);
`;

describe('the page', { timeout: 20_000 }, () => {
  it('shows what compiles, and types follow from the address', () => {
    const files = [...blocks, ...blocksOf(TIMERS), TYPES].map((code, index) => {
      const file = join(directory, `block-${index}.ts`);
      writeFileSync(file, `${code}\nexport {};\n`);
      return file;
    });
    const options = { strict: true, noEmit: true, module: 'nodenext', target: 'es2022', types: ['node'] };
    const config = { compilerOptions: { ...options, skipLibCheck: true }, files };
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(config));
    const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
    const { stdout } = spawnSync(process.execPath, [tsc, '-p', directory], { encoding: 'utf8' });
    assert.equal(stdout, '');
  });

  it('a client in a worker without an address', async () => {
    const server = await echo();
    const file = join(directory, 'service.mjs');
    writeFileSync(file, (blocks[0] ?? '').replace('wss://feed.example', `ws://127.0.0.1:${server.port}`));
    const script = new Script(relative(join(ROOT, 'dist'), file));
    owned(() => script.end());
    await script.printed(/^subscribe$/m);
  });

  it('a plain script that comes back by itself', async () => {
    const greeted: string[] = [];
    const server = await bare((socket) => {
      socket.on('data', (bytes) => {
        greeted.push(String(bytes));
        socket.end('welcome');
      });
    });
    const file = join(directory, 'script.mjs');
    writeFileSync(
      file,
      (blocks[2] ?? '').replace('127.0.0.1:7000', `127.0.0.1:${server.port}`).replace('(1)', '(0.05)'),
    );
    const script = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    script.stdout.on('data', (bytes) => {
      said += bytes;
      if (greeted.length > 1 && said.includes('closed by peer')) script.kill();
    });
    await once(script, 'exit');
    assert.match(said, /^welcome\nclosed by peer\nwelcome\n/);
    assert.deepEqual(greeted.slice(0, 2), ['hello', 'hello']);
  });

  it('moves over TCP, a line over UDP', async () => {
    const server = await bare((socket) => socket.on('data', () => socket.end('{"x":2}\n')));
    const clock = new Worker('udp://127.0.0.1:0', { protocol: 'text' });
    clock.onMessage = (connection) => connection.send('noon');
    await clock.listen();
    owned(() => clock.stop());
    for (const [index, port, printed] of [
      [1, server.port, '2\n'],
      [4, clock.port, 'noon\n'],
    ] as const) {
      const file = join(directory, `block-${index}.mjs`);
      const code = (blocks[index] ?? '').replace(':7000', `:${port}`);
      writeFileSync(file, code.replaceAll(/: \{ x: number \}/g, ''));
      const script = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
      let said = '';
      script.stdout.on('data', (bytes) => {
        said += bytes;
      });
      await once(script, 'close');
      assert.equal(said, printed);
    }
  });
});
