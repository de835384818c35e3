import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { testCertificate } from '../fixtures/certificate.ts';
import type { Endpoint } from './raw-client.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

const READY_WITHIN_MS = 20_000;

/** The largest message of the suite is 16 MiB. */
const MAX_MESSAGE = 16 * 1024 * 1024;

/** The product's echo server, in a process of its own. */
export interface EchoServer {
  readonly ws: Endpoint;
  readonly wss: Endpoint;
  /** @returns the exit code of the process. */
  stop(): Promise<number | null>;
}

/** @throws when the server ends before it is ready, or is not ready in time. */
export async function startEchoServer(): Promise<EchoServer> {
  const folder = await mkdtemp(join(tmpdir(), 'usta-autobahn-'));
  const { cert, key } = await testCertificate();
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
  await Promise.all([writeFile(files.cert, cert), writeFile(files.key, key)]);

  const ports = ['--ws', '0', '--wss', '0', '--cert', files.cert, '--key', files.key];
  const limits = ['--deflate', '--max-message', String(MAX_MESSAGE)];
  const child = spawn(process.execPath, ['dist/bench/echo.js', ...ports, ...limits], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = (once(child, 'exit') as Promise<[number | null]>).finally(() =>
    rm(folder, { recursive: true }),
  );
  process.once('exit', () => child.kill());
  const ready = await readyLine(child, exited);
  return {
    ws: { port: portOf('ws', ready) },
    wss: { port: portOf('wss', ready), ca: cert },
    async stop() {
      child.kill('SIGTERM');
      const [code] = await exited;
      return code;
    },
  };
}

/** Resolves with `ready pid=… ws=… wss=…`. */
function readyLine(child: ChildProcess, exited: Promise<[number | null]>): Promise<string> {
  const deadline = setTimeout(() => child.kill(), READY_WITHIN_MS);
  return new Promise<string>((resolve, reject) => {
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk;
      const line = /^ready .*\n/m.exec(output)?.[0];
      if (line) resolve(line);
    });
    exited.then(([code]) => reject(new Error(`the echo server ended (${code}): ${output}`)), reject);
  }).finally(() => clearTimeout(deadline));
}

function portOf(scheme: 'ws' | 'wss', line: string): number {
  const port = Number(new RegExp(` ${scheme}=(\\d+)`).exec(line)?.[1]);
  if (!port) throw new Error(`no ${scheme} port in "${line}"`);
  return port;
}
