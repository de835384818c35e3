import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, type TlsOptions } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { type ServerOptions, WebSocketServer } from 'ws';
import { acceptKey } from '../../src/protocol/websocket/handshake.ts';
import { type Made, make, type Wishes } from '../fixtures/pki.ts';

/** What a server does with one connection. */
export type Conduct = (stream: Duplex) => void;

/** A certificate with its key, as node:tls takes them. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** Servers of one set-up on loopback, right or broken; all gone after `close()`. */
export class Site {
  /** Signs `pair()`; trusted where a fixture says so. */
  readonly authority: Made = make({ name: 'Test Root', authority: true, to: 4000 });
  readonly #closers: (() => unknown)[] = [];
  readonly #open = new Set<Duplex>();

  /** A certificate for 127.0.0.1 and shop.example, signed by `authority`. */
  pair(wishes: Partial<Wishes> = {}): Pair {
    const names = ['shop.example', '127.0.0.1', '127.0.0.2', 'localhost'];
    return make({ name: 'shop.example', names, by: this.authority, ...wishes });
  }

  async plain(conduct: Conduct, host: string = '127.0.0.1', port: number = 0): Promise<number> {
    return this.#listening(
      createServer((socket) => this.#take(socket, conduct)),
      host,
      port,
    );
  }

  async secure(options: TlsOptions, conduct: Conduct): Promise<number> {
    const server = createTlsServer({ ALPNProtocols: ['http/1.1'], ...options });
    server.on('secureConnection', (socket) => this.#take(socket, conduct));
    server.on('connection', (socket: Socket) => this.#keep(socket));
    return this.#listening(server);
  }

  /** A WebSocket server that echoes, over TLS when a pair is given. */
  async echo(
    pair?: TlsOptions,
    options: ServerOptions = {},
    onRequest: RequestListener = (_request, response) => response.writeHead(426).end('Upgrade Required'),
  ): Promise<number> {
    const server = pair ? createHttpsServer(pair, onRequest) : createHttpServer(onRequest);
    const sockets = new WebSocketServer({ server, ...options });
    sockets.on('connection', (socket) => {
      socket.on('error', () => undefined);
      socket.on('message', (message, isBinary) => socket.send(message, { binary: isBinary }));
    });
    server.on('connection', (socket: Socket) => this.#keep(socket));
    return this.#listening(server);
  }

  /** A server that speaks HTTP/2 and nothing else. */
  async http2(pair: Pair): Promise<number> {
    const server = createSecureServer({ ...pair, allowHTTP1: false });
    server.on('connection', (socket: Socket) => this.#keep(socket));
    return this.#listening(server as unknown as Server);
  }

  /** A port whose queue is full: what comes is dropped, as behind a firewall. */
  async filtered(): Promise<number> {
    const awake = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(BLOCKED, { eval: true, workerData: awake });
    this.#closers.push(() => {
      Atomics.store(awake, 0, 1);
      Atomics.notify(awake, 0);
      return worker.terminate();
    });
    const [port] = (await once(worker, 'message')) as [number];
    for (let index = 0; index < 4; index++) {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined);
      this.#keep(socket);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    return port;
  }

  /** A name server that gives every question the same answer. @returns `127.0.0.1:port`. */
  async names(answer: NameAnswer): Promise<string> {
    const socket = createSocket('udp4');
    socket.on('message', (question, { port, address }) => {
      const reply = nameReply(question, answer);
      if (reply) socket.send(reply, port, address);
    });
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    this.#closers.push(() => socket.close());
    return `127.0.0.1:${socket.address().port}`;
  }

  async close(): Promise<void> {
    for (const stream of this.#open) stream.destroy();
    for (const close of this.#closers) await close();
  }

  #take(stream: Duplex, conduct: Conduct): void {
    this.#keep(stream);
    conduct(stream);
  }

  #keep(stream: Duplex): void {
    this.#open.add(stream);
    stream.on('error', () => undefined).on('close', () => this.#open.delete(stream));
  }

  async #listening(server: Server, host: string = '127.0.0.1', port: number = 0): Promise<number> {
    server.on('tlsClientError', () => undefined);
    server.listen(port, host);
    await once(server, 'listening');
    this.#closers.push(() => server.close());
    return (server.address() as AddressInfo).port;
  }
}

/** Listens, tells its port, and never accepts. */
const BLOCKED = `
  const { workerData, parentPort } = require('node:worker_threads');
  const server = require('node:net').createServer();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    parentPort.postMessage(server.address().port);
    setImmediate(() => Atomics.wait(workerData, 0, 0));
  });`;

/** `silence`, an error of DNS, or addresses (none: the name exists without). */
export type NameAnswer = 'silence' | 'unknown' | 'failure' | readonly string[];

/** @see RFC 1035 §4.1 */
function nameReply(question: Buffer, answer: NameAnswer): Buffer | undefined {
  if (answer === 'silence') return undefined;
  const end = question.indexOf(0, 12) + 5;
  const asksIpv4 = question.readUInt16BE(end - 4) === 1;
  const addresses = typeof answer === 'string' || !asksIpv4 ? [] : answer;
  const code = answer === 'unknown' ? 3 : answer === 'failure' ? 2 : 0;
  const head = Buffer.alloc(12);
  question.copy(head, 0, 0, 2);
  head.writeUInt16BE(0x8180 | code, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(addresses.length, 6);
  const records = addresses.map((address) =>
    Buffer.concat([
      Buffer.from('c00c00010001000000010004', 'hex'),
      Buffer.from(address.split('.').map(Number)),
    ]),
  );
  return Buffer.concat([head, question.subarray(12, end), ...records]);
}

/** Waits for a request, answers with these bytes and closes. */
export function answering(text: string | Buffer): Conduct {
  return (stream) => stream.once('data', () => stream.end(text));
}

/** A page with this status; `head` holds further header lines. */
export function page(status: string, body: string, head: readonly string[] = []): Conduct {
  const lines = [`HTTP/1.1 ${status}`, ...head, `Content-Length: ${Buffer.byteLength(body)}`, '', body];
  return answering(lines.join('\r\n'));
}

/** Answers the handshake with 101 and these header lines besides, then goes on. */
export function opening(then: Conduct = () => undefined, head: readonly string[] = []): Conduct {
  return (stream) => {
    stream.once('data', (request: Buffer) => {
      const key = /sec-websocket-key: (\S+)/i.exec(request.toString('latin1'))?.[1] ?? '';
      const accept = `Sec-WebSocket-Accept: ${acceptKey(key)}`;
      const lines = [
        'HTTP/1.1 101 Switching Protocols',
        'Upgrade: websocket',
        'Connection: Upgrade',
        accept,
        ...head,
      ];
      stream.write(`${lines.join('\r\n')}\r\n\r\n`);
      then(stream);
    });
  };
}

/** nginx's own error page. */
export function nginxPage(title: string): string {
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;
}
