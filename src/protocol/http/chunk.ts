import { UsageError } from '../../errors.ts';

/**
 * A piece of an answer that was begun with `Transfer-Encoding: chunked`; an empty one ends it.
 *
 * @see RFC 9112 §7.1 — Chunked Transfer Coding
 */
export class Chunk {
  readonly body: string | Uint8Array;

  constructor(body: string | Uint8Array) {
    if (typeof body !== 'string' && !(body instanceof Uint8Array)) {
      throw new UsageError('E_HTTP_BODY', 'a Chunk is text or bytes; an empty one ends the answer');
    }
    this.body = body;
  }
}
