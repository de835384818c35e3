/** Servers and clients of a test, all of them ended behind it. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach } from 'node:test';
import { AsyncTcpConnection, type CloseCause, Worker } from 'usta';

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** Ends it behind the test. */
export function owned(end: () => unknown): void {
  ends.push(end);
}

/** A worker of the house that listens, in this process. */
export async function serving<W extends { listen(): Promise<void>; stop(): Promise<void> }>(
  worker: W,
): Promise<W> {
  await worker.listen();
  owned(() => worker.stop());
  return worker;
}

/** An echo server of the house for WebSockets. */
export function echo(options: object = {}, scheme = 'websocket'): Promise<Worker> {
  const worker = new Worker(`${scheme}://127.0.0.1:0` as string, { drainTimeout: 0.2, ...options });
  worker.onMessage = (connection, message) => connection.send(message);
  return serving(worker);
}

/** A server of bare TCP. */
export async function bare(serve: (socket: Socket) => void, port = 0): Promise<Server & { port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    serve(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  owned(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return Object.assign(server, { port: (server.address() as { port: number }).port });
}

/** What a client has heard, told by callbacks in their order. */
export class Ear {
  readonly heard: string[] = [];
  readonly messages: (string | Buffer)[] = [];
  readonly causes: CloseCause[] = [];
  readonly errors: string[] = [];
  readonly connection: AsyncTcpConnection;
  #wake: () => void = () => {};

  constructor(address: string, options: ConstructorParameters<typeof AsyncTcpConnection>[1] = {}) {
    const connection = new AsyncTcpConnection(address, options as object);
    this.connection = connection as AsyncTcpConnection;
    connection.onConnect = () => this.#hear('connect');
    connection.onWebSocketConnect = () => this.#hear('open');
    connection.onWebSocketClose = (_, code, reason) => this.#hear(`bye ${code} ${reason}`.trim());
    connection.onMessage = (_, message) => {
      this.messages.push(message);
      this.#hear(typeof message === 'string' ? message : `${message.length} bytes`);
    };
    connection.onError = (_, code, message) => {
      this.errors.push(message);
      this.#hear(`error ${code}`);
    };
    connection.onClose = (_, cause) => {
      this.causes.push(cause);
      this.#hear('close');
    };
    owned(() => connection.destroy());
  }

  /** Connects, and waits until that has been heard. */
  async until(word: string, times = 1): Promise<void> {
    while (this.heard.filter((one) => one === word).length < times) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  static connect(address: string, options: ConstructorParameters<typeof AsyncTcpConnection>[1] = {}): Ear {
    const ear = new Ear(address, options);
    ear.connection.connect();
    return ear;
  }

  #hear(word: string): void {
    this.heard.push(word);
    this.#wake();
  }
}
