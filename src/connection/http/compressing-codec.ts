import type { ByteWriter } from '../../bytes/byte-writer.ts';
import { type HttpAnswer, type HttpCodecOptions, HttpServerCodec } from '../../protocol/http/http-codec.ts';
import type { HttpLimits } from '../../protocol/http/limits.ts';
import { Response } from '../../protocol/http/response.ts';
import type { Compression } from './compression.ts';

/** HTTP/1.1 with answers that are compressed. What is written by hand, piece by piece, is sent as it is. */
export class CompressingCodec extends HttpServerCodec {
  readonly #compression: Compression;

  constructor(limits: Partial<HttpLimits>, options: HttpCodecOptions, compression: Compression) {
    super(limits, options);
    this.#compression = compression;
  }

  override encode(message: HttpAnswer, out: ByteWriter): void {
    super.encode(this.#coded(message), out);
  }

  #coded(message: HttpAnswer): HttpAnswer {
    const { head } = this;
    if (head === undefined || this.answer !== undefined) return message;
    const whole = typeof message === 'string' || message instanceof Uint8Array;
    const answer = whole ? new Response(200, {}, message) : message;
    if (!(answer instanceof Response)) return message;
    return this.#compression.code(answer, head);
  }
}
