import { pipeline } from 'node:stream';
import * as zlib from 'node:zlib';
import { UsageError } from '../../errors.ts';
import { nearest } from '../../nearest.ts';
import {
  type Coding,
  chooseCoding,
  codedFields,
  mayBeCoded,
  varyByCoding,
} from '../../protocol/http/content-coding.ts';
import type { RequestHead } from '../../protocol/http/request.ts';
import type { BodyStream, Response } from '../../protocol/http/response.ts';
import { type Pieces, piecesOf } from './pump.ts';

/** How answers are compressed. */
export interface CompressOptions {
  /** Bodies that are shorter are sent as they are, in bytes. Default 1024. */
  readonly threshold?: number;
  /** From 1 (fast) to 9 (small). Default 6 for gzip, 4 for br. */
  readonly level?: number;
  /** Media types that are compressed, in place of the usual ones. */
  readonly types?: readonly string[];
}

const WORDS: readonly string[] = ['threshold', 'level', 'types'];
/** What is compressed while everybody waits, in bytes: about a millisecond. More goes through the thread pool. */
const AT_ONCE = 65_536;
/** The window of br, as a power of two: as much as is compressed at once, and half a MiB for a stream. */
const WINDOW = { whole: 16, stream: 19 } as const;

/** Compresses what may be compressed, as far as the client accepts it. Never what it is given: that may be sent again. */
export class Compression {
  readonly #threshold: number;
  readonly #level: { readonly gzip: number; readonly br: number };
  readonly #types: ReadonlySet<string> | undefined;

  /** @throws {UsageError} an option is unknown or cannot be used. */
  constructor(options: CompressOptions) {
    proveOptions(options);
    const { threshold = 1024, level, types } = options;
    this.#threshold = threshold;
    this.#level = { gzip: level ?? 6, br: level ?? 4 };
    this.#types = types && new Set(types.map((type) => type.toLowerCase()));
  }

  /**
   * @param request its Accept-Encoding counts; an answer to HEAD may tell the length of a body that it does not have.
   * @returns the answer itself, or one like it.
   */
  code(answer: Response, { method, headers }: RequestHead): Response {
    if (!mayBeCoded(answer, this.#types)) return answer;
    const { body } = answer;
    const source = typeof body === 'string' ? Buffer.from(body) : body;
    const told = method === 'HEAD' ? Number(answer.header('content-length') ?? 0) : 0;
    const size = source instanceof Uint8Array ? Math.max(source.length, told) : Number.POSITIVE_INFINITY;
    if (size < Math.max(1, this.#threshold)) return answer;
    const vary = { Vary: varyByCoding(answer.header('vary')) };
    const coding = chooseCoding(headers.get('accept-encoding'));
    if (coding === undefined) return answer.recoded(body, vary);
    const coded = this.#code(source, size, coding);
    if (coded === undefined) return answer.recoded(body, vary);
    return answer.recoded(coded, { ...codedFields(answer, coding), ...vary });
  }

  /** @returns `undefined` when it would not become shorter. */
  #code(body: Uint8Array | BodyStream, size: number, coding: Coding): Uint8Array | BodyStream | undefined {
    if (!(body instanceof Uint8Array)) return this.#codeStream(body, coding);
    if (size > AT_ONCE || body.length < size) return this.#codeStream(once(body), coding);
    const coded =
      coding === 'br'
        ? zlib.brotliCompressSync(body, { params: this.#brotli(WINDOW.whole) })
        : zlib.gzipSync(body, { level: this.#level.gzip });
    return coded.length < body.length ? coded : undefined;
  }

  #codeStream(body: BodyStream, coding: Coding): BodyStream {
    return new CodedStream(body, () => this.#engine(coding));
  }

  /** Each piece is given out as it comes: somebody may wait for it. */
  #engine(coding: Coding): zlib.Gzip | zlib.BrotliCompress {
    const { BROTLI_OPERATION_FLUSH, Z_SYNC_FLUSH } = zlib.constants;
    return coding === 'br'
      ? zlib.createBrotliCompress({ flush: BROTLI_OPERATION_FLUSH, params: this.#brotli(WINDOW.stream) })
      : zlib.createGzip({ flush: Z_SYNC_FLUSH, level: this.#level.gzip });
  }

  #brotli(window: number): Record<number, number> {
    const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN } = zlib.constants;
    return { [BROTLI_PARAM_QUALITY]: this.#level.br, [BROTLI_PARAM_LGWIN]: window };
  }
}

/** A body that is compressed as it is read, and let go with whoever reads it. */
class CodedStream implements BodyStream, AsyncIterator<Uint8Array> {
  readonly #source: Pieces;
  readonly #makeEngine: () => zlib.Gzip | zlib.BrotliCompress;
  #engine: zlib.Gzip | zlib.BrotliCompress | undefined;
  #coded: AsyncIterator<Uint8Array> | undefined;

  constructor(source: BodyStream, makeEngine: () => zlib.Gzip | zlib.BrotliCompress) {
    this.#source = piecesOf(source);
    this.#makeEngine = makeEngine;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    this.#coded ??= this.#begin();
    return this.#coded.next();
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#source.release();
    this.#engine?.destroy();
    return { done: true, value: undefined };
  }

  /** What the source throws comes out of the engine. */
  #begin(): AsyncIterator<Uint8Array> {
    const engine = this.#makeEngine();
    this.#engine = engine;
    const next = () => this.#source.next();
    pipeline({ [Symbol.asyncIterator]: () => ({ next }) }, engine, () => {});
    return engine[Symbol.asyncIterator]();
  }
}

async function* once(body: Uint8Array): BodyStream {
  yield body;
}

function proveOptions(options: CompressOptions): void {
  const { threshold = 0, level = 1, types = [] } = options;
  for (const word of Object.keys(options)) {
    if (WORDS.includes(word)) continue;
    const meant = nearest(word, WORDS) ?? WORDS.join(', ');
    throw new UsageError('E_COMPRESS', `compress has no option "${word}"; there is ${meant}`);
  }
  if (!(threshold >= 0))
    throw new UsageError('E_COMPRESS', 'compress.threshold is a number of bytes from 0 on');
  if (!Number.isInteger(level) || level < 1 || level > 9)
    throw new UsageError('E_COMPRESS', 'compress.level is a whole number from 1 to 9');
  for (const type of types) {
    if (!/^[^\s/;]+\/[^\s/;*]+$/.test(type))
      throw new UsageError('E_COMPRESS', `compress.types: "${type}" is no media type such as text/html`);
  }
}
