import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { freePort } from '../fixtures/free-port.ts';

const DEADLINE_MS = 15_000;

/** A program that serves on loopback until it is stopped. */
export class Running {
  readonly #child: ChildProcess;
  readonly #directory: string;

  private constructor(child: ChildProcess, directory: string) {
    this.#child = child;
    this.#directory = directory;
  }

  /** @param ports that it must listen on before it counts as started. */
  static async start(
    words: readonly string[],
    { directory, ports, environment = {} }: StartOptions,
  ): Promise<Running> {
    const [name = '', ...rest] = words;
    const child = spawn(name, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (said += chunk));
    const running = new Running(child, directory);
    try {
      for (const port of ports) await listening(port, child, () => said);
    } catch (error) {
      await running.stop();
      throw error;
    }
    return running;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill('SIGTERM');
      await once(this.#child, 'exit');
    }
    await rm(this.#directory, { recursive: true, force: true });
  }
}

interface StartOptions {
  readonly directory: string;
  readonly ports: readonly number[];
  readonly environment?: Readonly<Record<string, string>>;
}

/** Where a proxy listens. */
export interface Ports {
  readonly plain: number;
  readonly secure: number;
}

/** A folder for one program, which its own user may enter, with a certificate and its key in it. */
export async function folder(pair: { readonly cert: string; readonly key: string }): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'usta-doctor-'));
  await chmod(directory, 0o755);
  await writeFile(join(directory, 'cert.pem'), pair.cert);
  await writeFile(join(directory, 'key.pem'), pair.key);
  await writeFile(join(directory, 'both.pem'), pair.cert + pair.key);
  return directory;
}

export async function twoPorts(): Promise<Ports> {
  const [plain, secure] = await Promise.all([freePort(), freePort()]);
  return { plain, secure };
}

/** @param servers of its `http` block. */
export async function startNginx(
  directory: string,
  servers: string,
  { plain, secure }: Ports,
): Promise<Running> {
  const file = join(directory, 'nginx.conf');
  const text = `
    pid ${directory}/pid; error_log ${directory}/error.log; daemon off; worker_processes 1;
    events { worker_connections 64; }
    http {
      access_log off;
      client_body_temp_path ${directory}/a; proxy_temp_path ${directory}/b; fastcgi_temp_path ${directory}/c;
      uwsgi_temp_path ${directory}/d; scgi_temp_path ${directory}/e;
      ssl_certificate ${directory}/cert.pem; ssl_certificate_key ${directory}/key.pem;
      ${servers}
    }`;
  await writeFile(file, text);
  return Running.start(['/usr/sbin/nginx', '-p', directory, '-c', file], {
    directory,
    ports: [plain, secure],
  });
}

const MODULES = [
  'mpm_event',
  'ssl',
  'proxy',
  'proxy_http',
  'proxy_wstunnel',
  'socache_shmcb',
  'authz_core',
  'rewrite',
  'alias',
];

/** @param rules of its one virtual host with TLS. */
export async function startApache(directory: string, rules: string, secure: number): Promise<Running> {
  const file = join(directory, 'apache.conf');
  const modules = MODULES.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`);
  const text = `
    ${modules.join('\n')}
    ServerRoot ${directory}
    ServerName shop.example
    PidFile ${directory}/pid
    ErrorLog ${directory}/error.log
    DocumentRoot ${directory}
    User www-data
    Group www-data
    Mutex file:${directory}
    Listen 127.0.0.1:${secure}
    <VirtualHost 127.0.0.1:${secure}>
      SSLEngine on
      SSLCertificateFile ${directory}/cert.pem
      SSLCertificateKeyFile ${directory}/key.pem
      ${rules}
    </VirtualHost>
  `;
  await writeFile(file, text);
  const words = ['/usr/sbin/apache2', '-d', directory, '-f', file, '-D', 'FOREGROUND'];
  return Running.start(words, { directory, ports: [secure] });
}

/** The example of the manual's second way: a worker that has TLS itself. */
export async function startSecureWorker(directory: string, port: number): Promise<Running> {
  const script = fileURLToPath(new URL('../../examples/wss.js', import.meta.url));
  const environment = { CERT: join(directory, 'cert.pem'), KEY: join(directory, 'key.pem'), PORT: `${port}` };
  return Running.start([process.execPath, script], { directory, ports: [port], environment });
}

async function listening(port: number, child: ChildProcess, said: () => string): Promise<void> {
  for (const stop = Date.now() + DEADLINE_MS; Date.now() < stop; ) {
    if (child.exitCode !== null) throw new Error(`${child.spawnargs.join(' ')} ended: ${said()}`);
    if (await accepts(port)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on ${port}: ${said()}`);
}

function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  return new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  }).finally(() => socket.destroy());
}
