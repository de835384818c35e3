/**
 * The echo server for load generators and conformance suites; its options are kept stable.
 *
 *   npm run -s echo -- [--ws PORT] [--text PORT] [--wss PORT --cert FILE --key FILE] [--deflate] [--max-message BYTES] [--count N]
 *
 * On `/` every message comes back with its type; on `/b` it goes to all connections of `/b` in the same
 * process, the sender included. On the port of `--text` every line comes back. `GET /` answers `Hello, World!`, `GET /ip` the client's address.
 */
import { resolve } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { type Request, Response, type TcpConnection, type WebSocketData, Worker } from 'usta';

type Context = { inRoom: boolean };

const { values } = readOptions();
const workers = [plainWorker(), textWorker(), tlsWorker()].filter((worker) => worker !== undefined);
if (workers.length === 0)
  fail('give --ws PORT, --text PORT, or --wss PORT --cert FILE --key FILE, or several');

if (values.count === undefined) await serveHere();
else await Worker.runAll();
sayReady();

function plainWorker() {
  return values.ws === undefined ? undefined : echoWorker(`websocket://0.0.0.0:${port('ws', values.ws)}`);
}

function textWorker() {
  if (values.text === undefined) return undefined;
  const address: `text://${string}` = `text://0.0.0.0:${port('text', values.text)}`;
  const worker = new Worker(address, {
    count: number('count', values.count ?? '1'),
    maxPackageSize: number('max-message', values['max-message'] ?? '1048576'),
  });
  worker.onMessage = (connection, line) => connection.send(line);
  return worker;
}

function tlsWorker() {
  const { wss, cert, key } = values;
  if (wss === undefined) return undefined;
  if (cert === undefined || key === undefined) return fail('--wss needs --cert FILE and --key FILE');
  return echoWorker(`wss://0.0.0.0:${port('wss', wss)}`, {
    local_cert: resolve(cert),
    local_pk: resolve(key),
  });
}

function echoWorker(address: string, ssl?: { local_cert: string; local_pk: string }) {
  const room = new Set<TcpConnection<WebSocketData, Context>>();
  const worker = new Worker(address, {
    context: () => ({ inRoom: false }),
    count: number('count', values.count ?? '1'),
    deflate: values.deflate,
    maxPackageSize: number('max-message', values['max-message'] ?? '1048576'),
    ...(ssl ? { ssl } : {}),
  });
  worker.onWebSocketConnected = (connection, request) => {
    if (request.path !== '/b') return;
    connection.context.inRoom = true;
    room.add(connection);
  };
  worker.onMessage = (connection, message) => {
    if (connection.context.inRoom) worker.broadcast(message, room);
    else connection.send(message);
  };
  worker.onClose = (connection) => room.delete(connection);
  worker.onRequest = (connection, request) => connection.send(page(connection.remoteIp, request));
  return worker;
}

function page(remoteIp: string, request: Request): Response {
  if (request.path === '/') return text(200, 'Hello, World!');
  if (request.path === '/ip') return text(200, remoteIp);
  return text(404, 'not found');
}

function text(status: number, body: string): Response {
  return new Response(status, { 'Content-Type': 'text/plain' }, body);
}

async function serveHere(): Promise<void> {
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
  try {
    for (const worker of workers) await worker.listen();
  } catch (error) {
    fail((error as Error).message);
  }
}

function sayReady(): void {
  const portOf = (scheme: string) => workers.find(({ address }) => address?.scheme === scheme)?.port ?? '-';
  const text = values.text === undefined ? '' : ` text=${portOf('text')}`;
  console.log(`ready pid=${process.pid} ws=${portOf('websocket')} wss=${portOf('wss')}${text}`);
}

async function stop(): Promise<void> {
  await Promise.all(workers.map((worker) => worker.stop()));
  process.exit(0);
}

function readOptions() {
  const option = { type: 'string' } as const;
  try {
    return parseArgs({
      options: {
        ws: option,
        text: option,
        wss: option,
        cert: option,
        key: option,
        deflate: { type: 'boolean', default: false },
        'max-message': option,
        count: option,
      },
    });
  } catch (error) {
    return fail((error as Error).message);
  }
}

function port(name: string, value: string): number {
  const given = number(name, value);
  return given <= 65_535 ? given : fail(`--${name} ${value} is no port: 0 to 65535`);
}

function number(name: string, value: string): number {
  return /^\d+$/.test(value) ? Number(value) : fail(`--${name} ${value} is not a number`);
}

function fail(message: string): never {
  console.error(`echo: ${message}`);
  process.exit(1);
}
