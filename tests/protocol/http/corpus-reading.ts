import { ByteWriter } from '../../../src/bytes/byte-writer.ts';
import { sourceOf } from '../../../src/bytes/source.ts';
import { HttpProtocolError } from '../../../src/errors.ts';
import { HttpServerCodec } from '../../../src/protocol/http/http-codec.ts';

/** What a server made of a stream. */
export interface Reading {
  /** Method, target and body of each request, in order. */
  readonly requests: readonly string[];
  /** Status of the refusal that ended the connection. */
  readonly refusal: number | undefined;
  /** All that was answered, the refusal included. */
  readonly answers: string;
  readonly persistent: boolean;
  /** True when the stream ends inside a request. */
  readonly midMessage: boolean;
}

/** Reads a stream as a connection would, and answers each request with its own text. */
export function readStream(pieces: Iterable<Buffer>): Reading {
  const codec = new HttpServerCodec();
  const out = new ByteWriter(256);
  const requests: string[] = [];
  let refusal: number | undefined;
  for (const piece of pieces) {
    codec.push(sourceOf(piece), 0, piece.length);
    try {
      for (let event = codec.pull(); event?.type === 'message'; event = codec.pull()) {
        const { method, target, body } = event.message;
        requests.push(`${method} ${target} ${body.toString('latin1')}`);
        codec.encode(`${requests.length}\n`, out);
      }
    } catch (error) {
      if (!(error instanceof HttpProtocolError)) throw error;
      refusal = error.status;
      codec.refuse(error, out);
    }
    codec.retain();
    piece.fill(0xee);
  }
  const { persistent, midMessage } = codec;
  return { requests, refusal, answers: out.written().toString('latin1'), persistent, midMessage };
}
