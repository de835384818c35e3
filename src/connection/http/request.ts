import { UsageError } from '../../errors.ts';
import { Request as ReceivedRequest } from '../../protocol/http/request.ts';
import type { RequestBody } from './request-body.ts';

/**
 * One HTTP request. With the option `streamBody` it is given out before its body, which is read by iterating over
 * the request, in the pace of who reads; without it, the body is there at once. Both ways to read fit both.
 */
export class Request extends ReceivedRequest implements AsyncIterable<Buffer> {
  #stream: RequestBody | undefined;
  #collected: Promise<Buffer> | undefined;
  #isIterated = false;

  /** @internal Its body comes from here. */
  streamFrom(body: RequestBody): void {
    this.#stream = body;
  }

  /**
   * The body, piece by piece as it comes. A streamed one can be iterated over once.
   *
   * @throws {RequestAbortedError} the peer left in the middle. @throws {HttpProtocolError} the body is too large, too
   *   slow or malformed. @throws {UsageError} it was read before, or the request is answered.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Buffer> {
    const stream = this.#stream;
    if (this.hasBody || !stream) return whole(this.body);
    if (this.#collected || this.#isIterated) throw readBefore();
    this.#isIterated = true;
    return pieces(stream);
  }

  /** The whole body, of at most `maxPackageSize`. @throws as iterating does. */
  bytes(): Promise<Buffer> {
    if (this.hasBody) return Promise.resolve(this.body);
    if (this.#isIterated) return Promise.reject(readBefore());
    this.#collected ??= this.#collect();
    return this.#collected;
  }

  /** The whole body as UTF-8. @throws as iterating does. */
  async readText(): Promise<string> {
    return (await this.bytes()).toString('utf8');
  }

  /** The whole body, parsed. @throws {HttpProtocolError} 400: it is not JSON; else as iterating does. */
  async readJson(): Promise<unknown> {
    await this.bytes();
    return this.json();
  }

  async #collect(): Promise<Buffer> {
    const parts: Buffer[] = [];
    if (this.#stream) for await (const piece of pieces(this.#stream)) parts.push(piece);
    const body = Buffer.concat(parts);
    this.setBody(body);
    return body;
  }
}

async function* whole(body: Buffer): AsyncGenerator<Buffer> {
  if (body.length > 0) yield body;
}

async function* pieces(stream: RequestBody): AsyncGenerator<Buffer> {
  for (let piece = await stream.read(); piece; piece = await stream.read()) yield piece;
}

function readBefore(): UsageError {
  return new UsageError(
    'E_HTTP_STREAMED',
    'the body of this request was read before: keep what is needed twice',
  );
}
