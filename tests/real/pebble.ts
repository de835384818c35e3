import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createSecureContext, createServer as createTlsServer } from 'node:tls';
import {
  type Challenges,
  HTTP_01_PATH,
  TLS_ALPN_01_PROTOCOL,
} from '../../src/certificates/acme/challenges.ts';
import { placeholderCertificate } from '../../src/certificates/acme/self-signed.ts';
import { testCertificate } from '../fixtures/certificate.ts';
import { freePort } from './services.ts';

/** An authority of Debian's package, running on ports of its own, with a DNS that leads every name to 127.0.0.1. */
export interface Pebble {
  /** Options for it. */
  readonly directory: string;
  readonly directoryRoot: string;
  /** Where it looks for answers. */
  readonly httpPort: number;
  readonly tlsPort: number;
  /** A folder that is gone after `stop()`. */
  readonly folder: string;
  /** The root that its certificates lead to, PEM. */
  root(number?: number): Promise<string>;
  stop(): Promise<void>;
}

export interface PebbleOptions {
  /** Accounts that exist on its website; without any, none is asked for. */
  readonly externalAccounts?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Seconds that its certificates live. Five years by default. */
  readonly validity?: number;
}

export async function startPebble({
  externalAccounts,
  env = {},
  validity,
}: PebbleOptions = {}): Promise<Pebble> {
  const folder = await mkdtemp(join(tmpdir(), 'usta-pebble-'));
  const own = await testCertificate(['localhost', '127.0.0.1']);
  const [api, management, httpPort, tlsPort, dns, dnsManagement] = await Promise.all(
    Array.from({ length: 6 }, () => freePort()),
  );
  const file = (name: string): string => join(folder, name);
  await writeFile(file('api.pem'), own.cert);
  await writeFile(file('api.key'), own.key);
  const pebble = {
    listenAddress: `127.0.0.1:${api}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate: file('api.pem'),
    privateKey: file('api.key'),
    httpPort,
    tlsPort,
    ocspResponderURL: '',
    externalAccountBindingRequired: externalAccounts !== undefined,
    externalAccountMACKeys: externalAccounts ?? {},
    ...(validity === undefined ? {} : { certificateValidityPeriod: validity }),
  };
  await writeFile(file('config.json'), JSON.stringify({ pebble }));
  const names = run('pebble-challtestsrv', [
    ...['-dns01', `127.0.0.1:${dns}`, '-management', `127.0.0.1:${dnsManagement}`],
    ...['-defaultIPv4', '127.0.0.1', '-defaultIPv6', '', '-http01', '', '-https01', '', '-tlsalpn01', ''],
  ]);
  const authority = run('pebble', ['-config', file('config.json'), '-dnsserver', `127.0.0.1:${dns}`], {
    PEBBLE_VA_NOSLEEP: '1',
    ...env,
  });
  await Promise.all([
    printed(authority, /ACME directory available/),
    printed(names, /Starting management server/),
  ]);
  return {
    directory: `https://localhost:${api}/dir`,
    directoryRoot: own.cert,
    httpPort: httpPort ?? 0,
    tlsPort: tlsPort ?? 0,
    folder,
    root: (number = 0) => fetchText(`https://localhost:${management}/roots/${number}`, own.cert),
    stop: async () => {
      await Promise.all([ended(authority), ended(names)]);
      await rm(folder, { recursive: true });
    },
  };
}

/** Serves the answers on both ports as a service would. @returns how to stop it. */
export async function serveAnswers(
  { httpPort, tlsPort }: Pebble,
  challenges: Challenges,
): Promise<() => Promise<void>> {
  const http = createHttpServer((asked, answer) => {
    const path = asked.url ?? '';
    const body = path.startsWith(HTTP_01_PATH)
      ? challenges.http01(path.slice(HTTP_01_PATH.length))
      : undefined;
    answer
      .writeHead(body === undefined ? 404 : 200, { 'Content-Type': 'application/octet-stream' })
      .end(body);
  });
  const tls = createTlsServer({
    ...placeholderCertificate(['localhost']),
    ALPNProtocols: [TLS_ALPN_01_PROTOCOL],
    SNICallback: (name, give) => {
      const pair = challenges.tlsAlpn01(name);
      give(null, pair && createSecureContext(pair));
    },
  });
  tls
    .on('tlsClientError', () => undefined)
    .on('secureConnection', (socket) => socket.on('error', () => undefined).end());
  http.listen(httpPort, '127.0.0.1');
  tls.listen(tlsPort, '127.0.0.1');
  await Promise.all([once(http, 'listening'), once(tls, 'listening')]);
  return async () => {
    http.closeAllConnections();
    await Promise.all([http, tls].map((server) => new Promise((resolve) => server.close(resolve))));
  };
}

function run(
  program: string,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(`/usr/bin/${program}`, words, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function printed(child: ChildProcess, pattern: RegExp): Promise<void> {
  let output = '';
  return new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        output = (output + chunk).slice(-20_000);
        if (pattern.test(output)) resolve();
      });
    }
    child.once('error', reject);
    child.once('exit', (status) => reject(new Error(`${child.spawnfile} ended with ${status}: ${output}`)));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  await once(child, 'exit');
}

function fetchText(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { ca }, async (answer) => {
      let text = '';
      for await (const chunk of answer) text += chunk;
      resolve(text);
    })
      .on('error', reject)
      .end();
  });
}
