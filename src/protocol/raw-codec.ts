import type { ByteWriter } from '../bytes/byte-writer.ts';
import { Inbox } from '../bytes/inbox.ts';
import type { Source } from '../bytes/source.ts';
import type { Codec, CodecEvent } from './codec.ts';

/** No protocol: what arrives together is one message. */
export class RawCodec implements Codec<Buffer, string | Uint8Array> {
  readonly #inbox = new Inbox();

  get dialect(): object {
    return RawCodec;
  }

  get heldBytes(): number {
    return this.#inbox.held;
  }

  get midMessage(): boolean {
    return false;
  }

  push(source: Source, start: number, end: number): void {
    this.#inbox.push(source, start, end);
  }

  pull(): CodecEvent<Buffer> | undefined {
    return this.#inbox.length === 0 ? undefined : { type: 'message', message: this.#inbox.take() };
  }

  retain(): void {
    this.#inbox.retain();
  }

  encode(message: string | Uint8Array, out: ByteWriter): void {
    if (typeof message === 'string') out.writeUtf8(message);
    else out.writeBytes(message);
  }

  rest(): Buffer {
    return this.#inbox.take();
  }
}
