import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer } from 'node:tls';

/** What a server does with one connection. */
export type Behaviour = (stream: Duplex) => void;

/** A server that means harm, on a port of this machine. */
export class HostileServer {
  readonly port: number;
  /** Connections that were ever made to it. */
  connections = 0;
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  private constructor(server: Server) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (socket) => {
      this.connections++;
      this.#open.add(socket);
      socket.on('error', () => {}).on('close', () => this.#open.delete(socket));
    });
  }

  static plain(behave: Behaviour): Promise<HostileServer> {
    return HostileServer.#listening(createServer(behave));
  }

  /** TLS with a certificate as it is given, and the behaviour inside of it. */
  static secure(pair: { cert: string; key: string }, behave: Behaviour): Promise<HostileServer> {
    const server = createTlsServer(pair, (stream) => {
      stream.on('error', () => {});
      behave(stream);
    });
    return HostileServer.#listening(server.on('tlsClientError', () => {}));
  }

  static async #listening(server: Server): Promise<HostileServer> {
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return new HostileServer(server);
  }

  close(): void {
    for (const socket of this.#open) socket.destroy();
    this.#server.close();
  }
}

/** After a request: sends this, and nothing more. */
export function answer(bytes: string | Buffer): Behaviour {
  return afterRequest((stream) => stream.write(bytes));
}

/** After a request: sends the first, then the second again and again, as fast as it is taken. */
export function endless(first: string, again: string | Buffer): Behaviour {
  return afterRequest((stream) => {
    stream.write(first);
    flood(stream, again);
  });
}

/** After a request: one byte each 200 ms. */
export function drip(text: string): Behaviour {
  return afterRequest((stream) => slowly(stream, Buffer.from(text)));
}

/** A right 101, then what is given. */
export function webSocket(then: Behaviour, fields: string = ''): Behaviour {
  return afterRequest((stream, request) => {
    stream.write(`${switching(request)}${fields}\r\n`);
    then(stream);
  });
}

export function afterRequest(then: (stream: Duplex, request: string) => void): Behaviour {
  return (stream) => {
    let request = '';
    let answered = false;
    stream.on('error', () => {});
    stream.on('data', (bytes: Buffer) => {
      if (answered) return;
      request += bytes.toString('latin1');
      answered = request.includes('\r\n\r\n');
      if (answered) then(stream, request);
    });
  };
}

/** Sends the same again and again until nobody is there. */
export function flood(stream: Duplex, bytes: string | Buffer, most: number = Number.POSITIVE_INFINITY): void {
  let sent = 0;
  const more = (): void => {
    while (!stream.destroyed && sent < most) {
      sent += bytes.length;
      if (!stream.write(bytes)) return void stream.once('drain', () => setImmediate(more));
    }
  };
  stream.on('error', () => {});
  more();
}

export function slowly(stream: Duplex, bytes: Buffer): void {
  let at = 0;
  const timer = setInterval(() => {
    if (stream.destroyed) clearInterval(timer);
    else stream.write(bytes.subarray(at % bytes.length, (at++ % bytes.length) + 1));
  }, 200);
  stream.on('error', () => {}).on('close', () => clearInterval(timer));
}

/** A frame of a server: not masked. @param first its first byte. */
export function frame(first: number, payload: Buffer): Buffer {
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.of(first, length), payload]);
  const head = Buffer.alloc(length < 65_536 ? 4 : 10);
  head[0] = first;
  head[1] = length < 65_536 ? 126 : 127;
  if (length < 65_536) head.writeUInt16BE(length, 2);
  else head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, payload]);
}

function switching(request: string): string {
  const key = /^sec-websocket-key: *(\S+)/im.exec(request)?.[1] ?? '';
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n`;
}
