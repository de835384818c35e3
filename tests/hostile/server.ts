/**
 * The server that is attacked, in a process of its own: real workers, whose handlers do by the path of
 * the WebSocket what a test needs. It reports and is asked over IPC.
 */
import process from 'node:process';
import {
  type CloseCause,
  type Request,
  Response,
  type TcpConnection,
  type WebSocketData,
  Worker,
} from 'usta';
import { logTelemetry } from '../../src/worker/log.ts';
import { premises } from '../../src/worker/premises.ts';
import { memory, newBaseline } from './memory.ts';
import type { Plan, Question, Report, Standing } from './reports.ts';

interface Context {
  path: string;
}
type Connection = TcpConnection<WebSocketData, Context>;

const NAP_MS = 300;

const plan = JSON.parse(process.argv[2] ?? '{}') as Plan;
const room = new Set<Connection>();
let failNextConnect = false;
/** Answers that wait to be asked for. */
const later: (() => void)[] = [];
/** Messages that came on `/quiet`. */
let swallowed = 0;

const plain = serve('websocket://127.0.0.1:0');
const secure = plan.certificate ? serve('wss://127.0.0.1:0') : undefined;
const workers = secure ? [plain, secure] : [plain];

logTelemetry();
process.on('message', (question: Question) => void answer(question));
process.on('disconnect', () => process.exit());
for (const worker of workers) await worker.listen();
report({ kind: 'ready', ws: plain.port, wss: secure?.port ?? 0 });

function serve(address: string) {
  const { certificate: ssl, options } = plan;
  const worker = new Worker(address, {
    ...options,
    ...(ssl ? { ssl } : {}),
    context: (): Context => ({ path: '' }),
  });
  worker.onConnect = connected;
  worker.onWebSocketConnect = (connection, request) => decide(connection, request);
  worker.onWebSocketConnected = (connection, request) => {
    connection.context.path = request.path;
    if (request.path === '/b') room.add(connection);
  };
  worker.onMessage = (connection, message) =>
    respond(connection, message, (to) => worker.broadcast(message, to));
  worker.onRequest = (connection, request) =>
    page(request, (body) => connection.send(body), connection.remoteIp);
  worker.onClose = closed;
  worker.onError = ({ remotePort: port }, code, message) => report({ kind: 'error', port, code, message });
  worker.onBufferFull = ({ remotePort: port }) => report({ kind: 'full', port });
  worker.onBufferDrain = ({ remotePort: port }) => report({ kind: 'drained', port });
  return worker;
}

function connected(): void {
  if (!failNextConnect) return;
  failNextConnect = false;
  throw new Error('onConnect was told to fail');
}

function closed(connection: Connection, cause: CloseCause): void {
  const { context, remotePort: port } = connection;
  room.delete(connection);
  report({ kind: 'closed', port, path: context.path, cause });
  if (context.path === '/close-throws') throw new Error('onClose was told to fail');
}

function decide(_connection: Connection, { path }: Request): unknown {
  if (path === '/undecided') return new Promise(() => {});
  if (path === '/connect-throws') throw new Error('onWebSocketConnect was told to fail');
  if (path === '/connect-rejects') return Promise.reject(new Error('onWebSocketConnect was told to fail'));
  return undefined;
}

function respond(
  connection: Connection,
  message: string | Buffer,
  broadcast: (to: Set<Connection>) => void,
): unknown {
  switch (connection.context.path) {
    case '/b':
      return broadcast(room);
    case '/both':
      broadcast(new Set([connection]));
      return connection.send(message);
    case '/push':
      return push(connection, Number(message));
    case '/volley':
      return volley(connection, message.toString());
    case '/quiet':
      return swallowed++;
    case '/swallowed':
      return connection.send(String(swallowed));
    case '/closes':
      return connection.close(1000, 'as you wish');
    case '/throws':
      throw new Error('onMessage was told to fail');
    case '/rejects':
      return Promise.reject(new Error('onMessage was told to fail'));
    default:
      return connection.send(message === 'pid?' ? String(process.pid) : message);
  }
}

/** Sends messages of `size` bytes until one is refused; a turn of the loop lies between any two dozen. */
function push(connection: Connection, size: number, accepted = 0): void {
  const message = Buffer.alloc(size, accepted);
  for (let count = accepted; count < accepted + 24; count++) {
    if (connection.send(message)) continue;
    const { remotePort: port, bufferedBytes: queued } = connection;
    return report({ kind: 'refused', port, accepted: count, queued });
  }
  setImmediate(() => push(connection, size, accepted + 24));
}

/** @param wish `COUNTxSIZE`, sent in one turn; the first byte of each message is its number. */
function volley(connection: Connection, wish: string): void {
  const [count = 0, size = 0] = wish.split('x').map(Number);
  for (let index = 0; index < count; index++) {
    const message = Buffer.alloc(size, index);
    message.writeUInt32BE(index);
    connection.send(message);
  }
}

function page({ path, body }: Request, send: (body: Response | string) => void, remoteIp: string): void {
  if (path === '/later') return void later.push(() => send('at last'));
  if (path === '/ip') return send(remoteIp);
  if (path === '/length') return send(String(body.length));
  send(path === '/' ? 'Hello, World!' : new Response(404, {}, 'not found'));
}

async function answer({ number: to, ask }: Question): Promise<void> {
  report({ kind: 'answer', to, value: await reply(ask) });
  if (ask === 'stop') process.exit(0);
}

async function reply(ask: Question['ask']): Promise<unknown> {
  if (ask === 'baseline') return newBaseline();
  if (ask === 'memory') return memory();
  if (ask === 'standing') return standing();
  if (ask === 'fail-next-connect') failNextConnect = true;
  if (ask === 'answer-later') for (const send of later.splice(0)) send();
  if (ask === 'nap') setTimeout(nap, 0);
  if (ask === 'stop') await Promise.all(workers.map((worker) => worker.stop()));
  return undefined;
}

function standing(): Standing {
  const open = workers.flatMap((worker) => [...worker.connections.values()]);
  const queues = open.map((connection) => connection.bufferedBytes);
  return {
    connections: open.length,
    queued: queues.reduce((sum, size) => sum + size, 0),
    longest: Math.max(0, ...queues),
    read: open.reduce((sum, connection) => sum + connection.bytesRead, 0),
    waiting: later.length,
    held: premises.budget.held,
  };
}

/** Sees and hears nothing for a while, so that what comes meanwhile is all there at once. */
function nap(): void {
  const end = performance.now() + NAP_MS;
  while (performance.now() < end);
}

function report(message: Report): void {
  process.send?.(message);
}
