import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';

/** Milliseconds. */
const PATIENCE = 5_000;

/** Somebody with nc: sends what is typed, and shows what has come. */
export class Typist {
  heard = '';
  hasEnded = false;
  readonly #socket: Socket;
  #told: () => void = () => {};

  static async connect(options: NetConnectOpts): Promise<Typist> {
    return Typist.#over(connect(options), 'connect');
  }

  static async connectTls(options: ConnectionOptions): Promise<Typist> {
    return Typist.#over(connectTls(options), 'secureConnect');
  }

  static async #over(socket: Socket, event: string): Promise<Typist> {
    const typist = new Typist(socket);
    await once(socket, event, { signal: AbortSignal.timeout(PATIENCE) });
    return typist;
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.heard += chunk.toString('latin1');
      this.#told();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      this.hasEnded = true;
      this.#told();
    });
  }

  get localPort(): number {
    return this.#socket.localPort ?? 0;
  }

  type(text: string | Buffer): void {
    this.#socket.write(text);
  }

  leave(): void {
    this.#socket.end();
  }

  cutOff(): void {
    this.#socket.destroy();
  }

  /** Resolves when this has come, in the characters of latin1. */
  async hears(text: string): Promise<void> {
    await this.#until(() => this.heard.includes(text), `"${text}" was heard`);
  }

  async ends(): Promise<void> {
    await this.#until(() => this.hasEnded, 'the end');
  }

  async #until(isSo: () => boolean, what: string): Promise<void> {
    const late = AbortSignal.timeout(PATIENCE);
    while (!isSo()) {
      await new Promise<void>((resolve) => {
        this.#told = resolve;
        late.onabort = () => resolve();
      });
      assert.ok(!late.aborted || isSo(), `not ${what}; heard: ${JSON.stringify(this.heard)}`);
    }
  }
}
