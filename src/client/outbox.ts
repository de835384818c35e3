import type { Data } from './socket.ts';

/** Messages that wait for a connection, in order, within bounds. */
export class Outbox {
  readonly #maxBytes: number;
  readonly #maxMessages: number;
  readonly #messages: Data[] = [];
  #bytes = 0;

  constructor(maxBytes: number, maxMessages: number) {
    this.#maxBytes = maxBytes;
    this.#maxMessages = maxMessages;
  }

  get length(): number {
    return this.#messages.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Takes a message whole while what waits is below the bounds. Bytes are copied: the caller may reuse them, as
   * after a WebSocket's `send`.
   *
   * @returns whether it was taken.
   */
  push(message: Data): boolean {
    if (this.length >= this.#maxMessages || this.#bytes >= this.#maxBytes) return false;
    this.#messages.push(typeof message === 'string' ? message : copied(message));
    this.#bytes += byteLength(message);
    return true;
  }

  shift(): Data | undefined {
    const message = this.#messages.shift();
    if (message !== undefined) this.#bytes -= byteLength(message);
    return message;
  }

  clear(): void {
    this.#messages.length = this.#bytes = 0;
  }
}

/** In UTF-8 for text. */
export function byteLength(message: Data): number {
  return typeof message === 'string' ? new TextEncoder().encode(message).length : message.byteLength;
}

function copied(bytes: ArrayBuffer | ArrayBufferView): ArrayBuffer | Uint8Array {
  if (!ArrayBuffer.isView(bytes)) return bytes.slice(0);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength).slice();
}
