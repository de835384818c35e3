import type { ByteWriter } from '../bytes/byte-writer.ts';
import { Inbox } from '../bytes/inbox.ts';
import type { Source } from '../bytes/source.ts';
import { PackageTooLongError } from '../errors.ts';
import type { Codec, CodecEvent } from './codec.ts';
import type { PackageLimits } from './protocol.ts';

/**
 * A stream cut into packages, one message each: what all protocols have in common whose packages tell,
 * by a length or by an end, how long they are. After an error it reads nothing more.
 */
export abstract class PackageCodec<In, Out> implements Codec<In, Out> {
  abstract readonly dialect: object;
  readonly #inbox = new Inbox();
  readonly #most: number;
  /** Of the package that is being read, in bytes; 0 while it is not known. */
  #size = 0;
  /** Unread bytes that were not enough to know it. */
  #seen = 0;
  #isDeaf = false;

  constructor({ maxPackageSize }: PackageLimits) {
    this.#most = maxPackageSize;
  }

  get heldBytes(): number {
    return this.#inbox.held;
  }

  get midMessage(): boolean {
    return this.#inbox.length > 0;
  }

  push(source: Source, start: number, end: number): void {
    if (!this.#isDeaf) this.#inbox.push(source, start, end);
  }

  pull(): CodecEvent<In> | undefined {
    try {
      return this.#next();
    } catch (error) {
      this.abandon();
      throw error;
    }
  }

  retain(): void {
    this.#inbox.retain();
  }

  rest(): Buffer {
    this.#size = this.#seen = 0;
    return this.#inbox.take();
  }

  abandon(): void {
    this.#isDeaf = true;
    this.rest();
  }

  abstract encode(message: Out, out: ByteWriter): void;

  /**
   * @param seen bytes from `start` on that it was asked about before, without result.
   * @returns the length of the package that begins at `start`, in bytes; 0 when more are needed to know it.
   * @throws {PeerError} no package begins like this.
   */
  protected abstract measure(bytes: Buffer, start: number, end: number, seen: number): number;
  /** The message of one whole package; `bytes` are on loan. @throws {PeerError} it holds none. */
  protected abstract decode(bytes: Buffer, start: number, end: number): In;

  #next(): CodecEvent<In> | undefined {
    const { length, position, bytes, end } = this.#inbox;
    if (this.#size === 0 && length > this.#seen) {
      this.#size = this.measure(bytes, position, end, this.#seen);
      this.#seen = length;
      this.#checkSize(length);
    }
    if (this.#size === 0 || length < this.#size) return undefined;
    const next = position + this.#size;
    this.#size = this.#seen = 0;
    this.#inbox.position = next;
    return { type: 'message', message: this.decode(bytes, position, next) };
  }

  /** A package of unknown length is longer than what there is of it. */
  #checkSize(length: number): void {
    const known = this.#size > 0;
    if (known ? this.#size <= this.#most : length < this.#most) return;
    throw new PackageTooLongError(known ? this.#size : undefined, this.#most);
  }
}
