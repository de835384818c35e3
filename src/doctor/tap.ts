import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** Passes a connection on to TLS and keeps what the other side sent first, as it was on the wire. */
export class Tap extends Duplex {
  readonly #socket: Socket;
  readonly #keep: number;
  readonly #kept: Buffer[] = [];
  #size = 0;
  /** How the connection below ended, once it has. */
  ended: 'fin' | 'reset' | undefined;
  /** The other side sent more than we keep before anybody said that this is right. */
  overflowed = false;
  #counting = true;

  /** @param keep bytes; more than these, before `stopCounting()`, end the connection. */
  constructor(socket: Socket, keep: number) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    this.#keep = keep;
    socket.on('data', (bytes) => this.#take(bytes));
    socket.on('end', () => {
      this.ended ??= 'fin';
      this.push(null);
    });
    socket.on('error', (error) => {
      this.ended ??= 'reset';
      this.destroy(error);
    });
  }

  /** The first bytes received. */
  get received(): Buffer {
    return Buffer.concat(this.#kept);
  }

  /** From now on somebody else counts. */
  stopCounting(): void {
    this.#counting = false;
  }

  #take(bytes: Buffer): void {
    if (this.#counting) {
      this.#size += bytes.length;
      if (this.#size > this.#keep) {
        this.overflowed = true;
        this.destroy(new Error('too much'));
        return;
      }
      this.#kept.push(bytes);
    }
    if (!this.push(bytes)) this.#socket.pause();
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#socket.destroyed) done();
    else this.#socket.write(bytes, () => done());
  }

  override _final(done: () => void): void {
    this.#socket.end();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }
}
