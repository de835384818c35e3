import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { Inbox } from '../../bytes/inbox.ts';
import type { Source } from '../../bytes/source.ts';
import type { Codec, CodecEvent } from '../codec.ts';
import { type ResponseHead, ResponseHeadReader } from './response-head.ts';

/** A client's side of a handshake over HTTP: sends request heads as they are, reads heads of responses. */
export class ResponseHeadCodec implements Codec<ResponseHead, string> {
  readonly #inbox = new Inbox();
  readonly #reader = new ResponseHeadReader();

  get heldBytes(): number {
    return this.#inbox.held;
  }

  get midMessage(): boolean {
    return this.#inbox.length > 0;
  }

  push(source: Source, start: number, end: number): void {
    this.#inbox.push(source, start, end);
  }

  /** @throws {HttpProtocolError} what has come is no head of a response, or it is too large. */
  pull(): CodecEvent<ResponseHead> | undefined {
    const message = this.#reader.read(this.#inbox);
    return message && { type: 'message', message };
  }

  retain(): void {
    this.#inbox.retain();
  }

  encode(head: string, out: ByteWriter): void {
    out.writeLatin1(head);
  }

  rest(): Buffer {
    return this.#inbox.take();
  }
}
