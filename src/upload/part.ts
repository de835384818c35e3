import { HttpProtocolError, UsageError } from '../errors.ts';
import type { PartHead } from '../protocol/multipart/part-head.ts';
import { safeName } from './safe-name.ts';

/**
 * One part of a multipart body, read while it comes: iterate over its bytes, or have them whole. What is not
 * read is passed over when the next part is asked for.
 */
export class Part implements AsyncIterable<Buffer> {
  /** Of the field in the form. */
  readonly name: string;
  /** As it was sent; `undefined` for a field that is no file. Not to be used as a path: see `safeName`. */
  readonly filename: string | undefined;
  /** Content-Type as it was sent: what the sender says, not what it is. */
  readonly type: string;
  readonly #most: number;
  readonly #next: () => Promise<Buffer | undefined>;
  #state: 'fresh' | 'reading' | 'over' = 'fresh';

  /**
   * @internal
   * @param most bytes it may have.
   * @param next the next piece, or `undefined` at its end.
   */
  constructor(head: PartHead, most: number, next: () => Promise<Buffer | undefined>) {
    this.name = head.name;
    this.filename = head.filename;
    this.type = head.type;
    this.#most = most;
    this.#next = next;
  }

  get isFile(): boolean {
    return this.filename !== undefined;
  }

  /** The last part of `filename` without what could do harm in a directory; never empty. */
  get safeName(): string {
    return safeName(this.filename ?? this.name);
  }

  /**
   * @throws {HttpProtocolError} 413: it is longer than is allowed; 400: the body is malformed.
   * @throws {UsageError} it was read before.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, undefined> {
    if (this.#state !== 'fresh') throw this.#misused('it is read once, before the next part is asked for');
    this.#state = 'reading';
    try {
      let length = 0;
      for (let bytes = await this.#next(); bytes; bytes = await this.#next()) {
        length += bytes.length;
        if (length > this.#most) throw this.#tooLong();
        yield bytes;
      }
    } finally {
      this.#state = 'over';
    }
  }

  /** All of it. @throws as iterating does. */
  async bytes(): Promise<Buffer> {
    const pieces: Buffer[] = [];
    for await (const piece of this) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** All of it, as UTF-8. @throws as iterating does. */
  async text(): Promise<string> {
    return (await this.bytes()).toString('utf8');
  }

  /** @internal The next part is asked for. @throws {UsageError} this one is still being read. */
  leave(): void {
    if (this.#state === 'reading') throw this.#misused('await its end before the next part is asked for');
    this.#state = 'over';
  }

  #misused(how: string): UsageError {
    return new UsageError('E_UPLOAD', `the part ${JSON.stringify(this.name)}: ${how}`);
  }

  #tooLong(): HttpProtocolError {
    const what = this.isFile ? 'file' : 'field';
    return new HttpProtocolError(
      413,
      `the ${what} ${JSON.stringify(this.name)} is larger than ${this.#most} bytes`,
    );
  }
}
