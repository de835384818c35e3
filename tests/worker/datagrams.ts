import assert from 'node:assert/strict';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** Milliseconds. */
const PATIENCE = 5_000;

/** Somebody who sends datagrams to one port of this machine. */
export class Sender {
  readonly heard: string[] = [];
  readonly #socket: Socket;
  readonly #port: number;
  #told: () => void = () => {};

  static async to(port: number, host: string = '127.0.0.1'): Promise<Sender> {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.bind(0, host);
    await once(socket, 'listening');
    return new Sender(socket, port, host);
  }

  readonly #host: string;

  private constructor(socket: Socket, port: number, host: string) {
    this.#socket = socket;
    this.#port = port;
    this.#host = host;
    socket.on('message', (bytes) => {
      this.heard.push(bytes.toString('latin1'));
      this.#told();
    });
  }

  get port(): number {
    return this.#socket.address().port;
  }

  send(bytes: string | Buffer): void {
    this.#socket.send(bytes, this.#port, this.#host);
  }

  /** Resolves when so many have come. */
  async hears(count: number): Promise<readonly string[]> {
    const late = AbortSignal.timeout(PATIENCE);
    while (this.heard.length < count) {
      await new Promise<void>((resolve) => {
        this.#told = resolve;
        late.onabort = () => resolve();
      });
      assert.ok(!late.aborted || this.heard.length >= count, `heard ${this.heard.length} of ${count}`);
    }
    return this.heard;
  }

  close(): void {
    this.#socket.close();
  }
}
