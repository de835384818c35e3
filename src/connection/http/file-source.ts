import type { FileHandle } from 'node:fs/promises';

/** Read at a time, in bytes. */
const PIECE = 65_536;

/** A part of an open file, in pieces that share one memory; closes the file at its end, or when it is let go. */
export class FileSource implements AsyncIterableIterator<Buffer> {
  readonly #handle: FileHandle;
  readonly #memory: Buffer;
  #position: number;
  #left: number;
  #closed = false;

  /** @param start and @param length in bytes. */
  constructor(handle: FileHandle, start: number, length: number) {
    this.#handle = handle;
    this.#position = start;
    this.#left = length;
    this.#memory = Buffer.allocUnsafeSlow(Math.min(PIECE, length));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** @throws when the file has become shorter: its Content-Length is told already. */
  async next(): Promise<IteratorResult<Buffer, undefined>> {
    if (this.#left === 0 || this.#closed) {
      await this.destroy();
      return { done: true, value: undefined };
    }
    const wanted = Math.min(this.#memory.length, this.#left);
    const { bytesRead } = await this.#handle.read(this.#memory, 0, wanted, this.#position);
    if (bytesRead === 0) throw new Error(`the file became ${this.#left} bytes shorter while it was sent`);
    this.#position += bytesRead;
    this.#left -= bytesRead;
    return { done: false, value: this.#memory.subarray(0, bytesRead) };
  }

  /** Closes the file, behind what is read just now. */
  async destroy(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#handle.close();
  }
}
