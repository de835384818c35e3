import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { type DevelopmentCertificate, developmentCertificate } from '../../src/certificates/development.ts';

const DEADLINE_MS = 15_000;

/** What people run, running: `npm start` and both examples, with one development CA between them. */
export interface Services {
  readonly certificate: DevelopmentCertificate;
  /** Folder for the test's own files, gone after `stop()`. */
  readonly directory: string;
  /** Origins of the served page. */
  readonly http: string;
  readonly https: string;
  /** Addresses of `examples/wss.ts` and `examples/ws-behind-proxy.ts`. */
  readonly wss: string;
  readonly ws: string;
  /** @throws when one of them did not end with 0. */
  stop(): Promise<void>;
}

export async function startServices(): Promise<Services> {
  const directory = await mkdtemp(join(tmpdir(), 'usta-real-'));
  const certificate = await developmentCertificate({ directory: join(directory, 'ca') });
  const files = { CERT: join(directory, 'server.pem'), KEY: join(directory, 'server.key') };
  await writeFile(files.CERT, certificate.cert);
  await writeFile(files.KEY, certificate.key, { mode: 0o600 });

  const [wss, ws] = await Promise.all([freePort(), freePort()]);
  const page = run('start/start.js', { USTA_CA_DIRECTORY: join(directory, 'ca') }, [
    '--ws',
    '0',
    '--wss',
    '0',
  ]);
  const secure = run('examples/wss.js', { ...files, PORT: `${wss}` });
  const plain = run('examples/ws-behind-proxy.js', { PORT: `${ws}` });
  const children = [page, secure, plain];
  const stop = async (): Promise<void> => {
    const statuses = await Promise.all(children.map(ended));
    await rm(directory, { recursive: true });
    if (statuses.some((status) => status !== 0)) throw new Error(`ended with ${statuses}`);
  };
  try {
    const [output] = await Promise.all([proven(page), accepting(secure, wss), accepting(plain, ws)]);
    const port = (scheme: string): string =>
      new RegExp(`✓ ${scheme}://localhost:(\\d+)`).exec(output)?.[1] ?? '';
    return {
      certificate,
      directory,
      http: `http://localhost:${port('ws')}`,
      https: `https://localhost:${port('wss')}`,
      wss: `wss://localhost:${wss}`,
      ws: `ws://localhost:${ws}`,
      stop,
    };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

function run(script: string, env: Record<string, string>, words: readonly string[] = []): ChildProcess {
  const path = fileURLToPath(new URL(`../../${script}`, import.meta.url));
  return spawn(process.execPath, [path, ...words], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  child.kill('SIGTERM');
  const [status] = await once(child, 'exit');
  return status;
}

/** Resolves with its output when `npm start` has proven its wss service to itself. */
function proven(child: ChildProcess): Promise<string> {
  let output = '';
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (chunk: Buffer) => {
      output += chunk;
      if (/✓ wss:.*\n/.test(output)) resolve(output);
    });
    child.once('exit', (status) => reject(new Error(`npm start ended with ${status}: ${output}`)));
  });
}

async function accepting(child: ChildProcess, port: number): Promise<void> {
  for (const deadline = Date.now() + DEADLINE_MS; Date.now() < deadline; ) {
    if (await accepts(port)) return;
    if (child.exitCode !== null) throw new Error(`${child.spawnargs[1]} ended with ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port} after ${DEADLINE_MS / 1000} s`);
}

function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  }).finally(() => socket.destroy()) as Promise<boolean>;
}

/** A port on which nothing listens, a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
