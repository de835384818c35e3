/** What users write must compile under strict: this file is compiled with the tests and never run. */
import { Readable } from 'node:stream';
import {
  Chunk,
  type CloseCause,
  Response,
  ServerSentEvents,
  staticFiles,
  type TcpConnection,
  Worker,
} from 'usta';

export function manualPage(): void {
  const worker = new Worker('websocket://0.0.0.0:8282', {
    ssl: { local_cert: 'server.pem', local_pk: 'server.key', verify_peer: false, allow_self_signed: true },
  });
  worker.transport = 'ssl';
  worker.count = 4;
  worker.onMessage = (con: TcpConnection, msg) => con.send('ok');
  worker.onMessage = (_connection, message: string | Buffer) => message.length;
  worker.onMessage = undefined;
  worker.onMessage = null;
  Worker.runAll();
}

export function addressFromTheEnvironment(): void {
  const worker = new Worker(process.env.ADDRESS ?? 'websocket://0.0.0.0:8282');
  worker.onMessage = (connection, message) => connection.send(message);
  const given: string = 'http://0.0.0.0:80';
  const http = new Worker<'http://'>(given as 'http://');
  http.onMessage = (connection, request) => connection.send(new Response(200, {}, request.path));
}

export function onlyText(): void {
  const worker = new Worker('ws://0.0.0.0:0', { accept: 'text' });
  worker.onMessage = (connection, message) => {
    const order: unknown = JSON.parse(message);
    connection.send(JSON.stringify(order));
  };
}

export function httpAndSockets(): void {
  const http = new Worker('https://0.0.0.0:443', { ssl: { cert: 'PEM', key: 'PEM' }, name: 'web' });
  http.onMessage = (connection, request) => connection.send(new Response(404, {}, request.path));
  http.onWebSocketMessage = (connection, message) => connection.send(message);
  http.onWebSocketConnect = async (connection, request) => {
    if (request.header('authorization') === undefined) connection.reject(401, 'who are you?');
  };
  const ws = new Worker('websocket://0.0.0.0:0');
  ws.onRequest = (connection, request) => connection.send(new Response(200, {}, request.target));
}

export function streamsAndFiles(): void {
  const worker = new Worker('http://0.0.0.0:80', { streamBody: (request) => request.method === 'PUT' });
  worker.onMessage = async (connection, request) => {
    for await (const piece of request) connection.send(new Response(200, {}, piece.subarray(1)));
    connection.send(new Response(200, {}, Readable.from(['a'])));
    connection.send(new Response(200, {}, request));
    connection.send(new Chunk('a'));
    connection.send(new ServerSentEvents({ data: 'a' }));
    const sent: boolean = connection.openStream(new Response()).write('a');
    connection.openEventStream({ heartbeat: 1 }).event({ data: String(sent) });
    connection.send(Response.file('a', { download: true }));
  };
  worker.onMessage = staticFiles('public');
  const sockets = new Worker('websocket://0.0.0.0:0', { context: () => ({ user: '' }) });
  sockets.onRequest = staticFiles('public');
  // @ts-expect-error: a WebSocket has no answers
  sockets.onMessage = (connection) => connection.openStream();
}

export function typedContext(): void {
  const worker = new Worker('websocket://0.0.0.0:0', {
    context: () => ({ user: '', rooms: new Set<string>() }),
  });
  worker.onMessage = (connection) => connection.context.rooms.add(connection.context.user);
  worker.onClose = (connection, cause: CloseCause) => [connection.context.user.length, cause.code];
  // @ts-expect-error: the context has no such field
  worker.onError = (connection) => connection.context.password;
}

export function everyPropertyIsAnOption(): void {
  new Worker('tcp://0.0.0.0:0', {
    count: 2,
    onMessage: (connection, message) => connection.send(message.subarray(1)),
  });
  new Worker('websocket://0.0.0.0:0', { onMessage: (connection, message) => connection.send(message) });
}

export function mistakes(): void {
  // @ts-expect-error: unknown scheme
  new Worker('webscoket://0.0.0.0:8282');
  // @ts-expect-error: no scheme
  new Worker('0.0.0.0:8282');
  // @ts-expect-error: a message is text or bytes
  new Worker('websocket://0.0.0.0:0').onMessage = (connection) => connection.send(1);
  // @ts-expect-error: no such option
  new Worker('websocket://0.0.0.0:0', { maxPackagesize: 1 });
}
