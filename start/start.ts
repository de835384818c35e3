/**
 * `npm start`: a development server that proves itself. Serves ws and wss with a certificate made on
 * first start, and the browser test on the same ports.
 *
 *   npm start [-- [--once] [--ws PORT] [--wss PORT]]
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { Response, Worker } from 'usta';
import { type DevelopmentCertificate, developmentCertificate } from '../src/certificates/development.ts';
import { PAGE_HEADERS, page, type Service } from './page.ts';
import { reasonOf, selfTest } from './self-test.ts';

/** How many ports are tried when the first is taken. */
const PORTS_TRIED = 100;

try {
  await main();
} catch (error) {
  console.error(`✗ ${reasonOf(error)}`);
  process.exit(1);
}

async function main(): Promise<void> {
  const { once, ports } = options();
  const certificate = await developmentCertificate();
  const service = { ws: 0, wss: 0, names: certificate.names };
  const plain = await listen(ports.ws, (port) => plainWorker(port), answers(service, certificate));
  const secure = await listen(
    ports.wss,
    (port) => secureWorker(port, certificate),
    answers(service, certificate),
  );
  Object.assign(service, { ws: plain.port, wss: secure.port });

  const stop = async (status: number): Promise<never> => {
    await Promise.all([plain.stop(), secure.stop()]);
    process.exit(status);
  };
  if (!once) for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop(0));

  introduce(service, certificate);
  const urls = [`ws://localhost:${plain.port}`, `wss://localhost:${secure.port}`];
  const proven = await selfTest(urls, certificate.ca, console.log);
  if (once) await stop(proven ? 0 : 1);
}

type Answer = NonNullable<Worker['onRequest']>;

/** A service on the first free port from `first` on. */
async function listen(first: number, make: (port: number) => Worker, onRequest: Answer): Promise<Worker> {
  for (let port = first; ; port += 1) {
    const worker = make(port);
    worker.onMessage = (connection) => connection.send('ok');
    worker.onRequest = onRequest;
    try {
      await worker.listen();
      if (port !== first) console.log(`port ${first} is taken: using ${worker.port}`);
      return worker;
    } catch (error) {
      const taken = (error as { code?: string }).code === 'EADDRINUSE';
      if (!taken || port - first >= PORTS_TRIED) throw error;
    }
  }
}

/** The address is typed as any other from a variable: a worker of one type for every port. */
function addressOf(port: number): string {
  return `websocket://0.0.0.0:${port}`;
}

function plainWorker(port: number): Worker {
  return new Worker(addressOf(port));
}

function secureWorker(port: number, { cert, key }: DevelopmentCertificate): Worker {
  const worker = new Worker(addressOf(port), { ssl: { cert, key } });
  worker.transport = 'ssl';
  return worker;
}

/** The page, the CA's certificate for whoever wants to trust it, and nothing else. */
function answers(service: Service, { ca, caFile }: DevelopmentCertificate): Answer {
  return (connection, request) => {
    const here = /^(127\.|::1$|::ffff:127\.)/.test(connection.remoteIp);
    const pages: Record<string, () => Response> = {
      '/': () => new Response(200, PAGE_HEADERS, page(here ? { ...service, caFile } : service)),
      '/ca.pem': () => new Response(200, { 'content-type': 'application/x-x509-ca-cert' }, ca),
    };
    const answer =
      pages[request.path] ?? (() => new Response(404, { 'content-type': 'text/plain' }, 'not here\n'));
    connection.send(answer());
  };
}

function introduce({ ws, wss }: Service, { caFile, made, reason }: DevelopmentCertificate): void {
  console.log(`page  http://localhost:${ws}  https://localhost:${wss}`);
  console.log(`CA    ${caFile}${made ? `  (made now: ${reason})` : ''}`);
}

function options(): { once: boolean; ports: { ws: number; wss: number } } {
  const { values } = parseArgs({
    options: {
      once: { type: 'boolean', default: false },
      ws: { type: 'string', default: '8282' },
      wss: { type: 'string', default: '8443' },
    },
  });
  return { once: values.once, ports: { ws: portIn(values.ws), wss: portIn(values.wss) } };
}

function portIn(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new Error(`not a port: ${text}`);
  return port;
}
