import { connect, type Socket } from 'node:net';
import { type HttpData, type Request, type TcpConnection, Worker, type WorkerOptions } from 'usta';
import type { CloseCause } from '../../../src/connection/close-cause.ts';

export type Connection = TcpConnection<HttpData>;

export interface Served {
  readonly port: number;
  /** In the order of arrival. */
  readonly causes: CloseCause[];
  readonly failures: unknown[];
  stop(): Promise<void>;
}

/** An HTTP worker in this process. */
export async function serve(
  handler: (connection: Connection, request: Request) => unknown,
  options: WorkerOptions = {},
): Promise<Served> {
  const causes: CloseCause[] = [];
  const failures: unknown[] = [];
  const worker = new Worker('http://127.0.0.1:0', {
    drainTimeout: 1,
    closeTimeout: 0.3,
    ...(options as object),
  });
  worker.onMessage = handler;
  worker.onClose = (_connection, cause) => causes.push(cause);
  worker.onError = (_connection, _code, message) => failures.push(message);
  await worker.listen();
  return { port: worker.port, causes, failures, stop: () => worker.stop() };
}

/** A client without manners: says what it is told, and keeps what it hears. */
export class Raw {
  heard = '';
  ended = false;
  readonly socket: Socket;
  #waiting: (() => void)[] = [];

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    this.socket.setEncoding('latin1');
    this.socket.on('data', (text: string) => {
      this.heard += text;
      this.#wake();
    });
    for (const end of ['end', 'error', 'close']) {
      this.socket.on(end, () => {
        this.ended = true;
        this.#wake();
      });
    }
  }

  say(text: string | Buffer): this {
    this.socket.write(text, 'latin1');
    return this;
  }

  /** Waits until it has heard this. @returns all that it has heard. */
  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.heard)) {
      if (this.ended) throw new Error(`ended before ${pattern}: ${this.heard.slice(0, 2000)}`);
      await this.#change();
    }
    return this.heard;
  }

  /** Waits until the other side has ended. @returns all that it has heard. */
  async untilEnd(): Promise<string> {
    while (!this.ended) await this.#change();
    this.socket.destroy();
    return this.heard;
  }

  leave(): void {
    this.socket.destroy();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => void this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

/** Waits, turn by turn, until it is so. */
export async function soon(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

export function post(fields: string, body = ''): string {
  return `POST / HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n${body}`;
}
