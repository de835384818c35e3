import { HttpProtocolError } from '../errors.ts';
import { readParameterized } from '../protocol/http/parameters.ts';
import type { Request } from '../protocol/http/request.ts';
import { type MultipartEvent, MultipartReader } from '../protocol/multipart/multipart-reader.ts';
import type { PartHead } from '../protocol/multipart/part-head.ts';
import type { UploadLimits } from './limits.ts';
import { Part } from './part.ts';

const TYPE = 'multipart/form-data';
/** RFC 2046 §5.1.1 */
const BOUNDARY = /^[\w'()+,./:=? -]{0,69}[\w'()+,./:=?-]$/;

/**
 * The parts of a request's body, one after the other, read no faster than they are used.
 *
 * @throws {HttpProtocolError} 415: not multipart/form-data; 413: over a limit; 400: malformed.
 * @throws {UsageError} the part before is still being read.
 */
export async function* partsOf(
  request: Request,
  limits: Readonly<Required<UploadLimits>>,
): AsyncGenerator<Part, void, undefined> {
  const reader = new MultipartReader(boundaryOf(request), limits.maxHeaderSize);
  const events = new Feed(eventsOf(bodyOf(request), reader, limits.maxSize));
  const counted = counter(limits);
  try {
    for (let head = await events.head(); head; head = await events.head()) {
      const part = new Part(head, counted(head), () => events.data());
      yield part;
      part.leave();
    }
  } finally {
    await events.close();
  }
}

/** The events of a body, some of which belong to whoever reads a part, and some to whoever wants the next. */
class Feed {
  readonly #events: AsyncGenerator<MultipartEvent, void, undefined>;
  /** The head that ended the part before. */
  #head: PartHead | undefined;
  #isBetween = false;

  constructor(events: AsyncGenerator<MultipartEvent, void, undefined>) {
    this.#events = events;
  }

  /** The next piece of this part. */
  async data(): Promise<Buffer | undefined> {
    if (this.#isBetween) return undefined;
    const { value } = await this.#events.next();
    if (value?.type === 'data') return value.bytes;
    this.#isBetween = true;
    this.#head = value?.type === 'part' ? value.head : undefined;
    return undefined;
  }

  /** The head of the next part, past what is left of this one. */
  async head(): Promise<PartHead | undefined> {
    while (await this.data());
    this.#isBetween = false;
    return this.#head;
  }

  /** Nothing more is wanted of the body. */
  async close(): Promise<void> {
    await this.#events.return();
  }
}

async function* eventsOf(
  body: AsyncIterable<Buffer>,
  reader: MultipartReader,
  maxSize: number,
): AsyncGenerator<MultipartEvent, void, undefined> {
  let size = 0;
  for await (const bytes of body) {
    size += bytes.length;
    if (size > maxSize) throw tooMuch(`the upload is larger than ${maxSize} bytes`);
    reader.push(bytes);
    for (let event = reader.pull(); event; event = reader.pull()) yield event;
  }
  reader.finish();
}

/** @returns what counts a part and knows how many bytes it may have. */
function counter(limits: Readonly<Required<UploadLimits>>): (head: PartHead) => number {
  let [fields, files] = [0, 0];
  return ({ filename }) => {
    if (filename === undefined) {
      if (++fields > limits.maxFields) throw tooMuch(`the form has more than ${limits.maxFields} fields`);
      return limits.maxFieldSize;
    }
    if (++files > limits.maxFiles) throw tooMuch(`the form has more than ${limits.maxFiles} files`);
    return limits.maxFileSize;
  };
}

function boundaryOf(request: Request): string {
  const type = readParameterized(request.header('content-type') ?? '');
  if (type?.value !== TYPE) throw new HttpProtocolError(415, `files are sent as ${TYPE}`);
  const boundary = type.parameters.get('boundary') ?? '';
  if (!BOUNDARY.test(boundary)) throw new HttpProtocolError(400, `multipart: Content-Type has no boundary`);
  return boundary;
}

/** Streamed, or there already. */
function bodyOf(request: Request & Partial<AsyncIterable<Buffer>>): AsyncIterable<Buffer> {
  return request[Symbol.asyncIterator] ? (request as AsyncIterable<Buffer>) : whole(request.body);
}

async function* whole(body: Buffer): AsyncGenerator<Buffer, void, undefined> {
  if (body.length > 0) yield body;
}

function tooMuch(what: string): HttpProtocolError {
  return new HttpProtocolError(413, what);
}
