import { UsageError } from '../../errors.ts';
import { type BodyStream, Response } from '../../protocol/http/response.ts';

/** Written by the codec, which knows how the answer is sent (RFC 9110 §7.6.1). */
const OURS: readonly string[] = [
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'trailer',
  'date',
];
/** What Node's fetch undoes in the bodies that it gives out. */
const UNDONE: readonly string[] = ['gzip', 'x-gzip', 'deflate', 'br'];
/** Steps of promises that the end of a body takes which was there as a whole. */
const STEPS = 8;

const EMPTY: BodyStream = {
  [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true, value: '' }) }),
};

/**
 * A response of the Fetch API as we send it: at once where its body is there as a whole, else as it comes.
 *
 * @param method of the request: an answer to HEAD has no body.
 * @throws {UsageError} what the handler gave is no response.
 */
export async function answerOf(response: globalThis.Response, method: string): Promise<Response> {
  if (typeof response?.status !== 'number' || typeof response.headers?.getSetCookie !== 'function')
    throw new UsageError('E_FETCH', 'a Fetch handler answers with a Response');
  if (response.status < 200)
    throw new UsageError('E_FETCH', 'a Fetch handler answered with Response.error()');
  if (response.bodyUsed) throw new UsageError('E_FETCH', 'the body of this Response was read already');
  const bodyless = [204, 205, 304].includes(response.status);
  if (method === 'HEAD' || bodyless) discard(response);
  const body = bodyless ? '' : method === 'HEAD' ? EMPTY : await bodyOf(response);
  const answer = new Response(response.status, {}, body);
  try {
    copyHeaders(response, answer);
  } catch (error) {
    release(answer);
    throw error;
  }
  return answer;
}

/** Nobody will read its body. */
export function release({ body }: Response): void {
  if (body instanceof Pieces) void body.return();
}

function discard({ body }: globalThis.Response): void {
  body?.cancel().catch(() => {});
}

function copyHeaders(response: globalThis.Response, answer: Response): void {
  const { headers } = response;
  const whole = typeof answer.body === 'string' || answer.body instanceof Uint8Array;
  const left = new Set(isDecoded(response) ? [...OURS, 'content-encoding', 'content-length'] : OURS);
  for (const [name, value] of headers) {
    if (name === 'set-cookie' || left.has(name) || (whole && name === 'content-length')) continue;
    answer.withHeader(name, value);
  }
  const cookies = headers.getSetCookie();
  if (cookies.length > 0) answer.withHeader('Set-Cookie', cookies);
}

/** It comes from a fetch of the handler's own, which has undone the coding and left the headers as they were. */
function isDecoded({ url, headers }: globalThis.Response): boolean {
  const coding = headers.get('content-encoding');
  if (!url || coding === null) return false;
  return coding.split(',').every((one) => UNDONE.includes(one.trim().toLowerCase()));
}

/** Whoever answers with an event stream, or with what is not there yet, has its head sent now. */
async function bodyOf({ body }: globalThis.Response): Promise<Uint8Array | string | BodyStream> {
  if (body === null) return '';
  const reader = body.getReader();
  const first = reader.read();
  const begun = await settled(first);
  if (begun === undefined) return new Pieces(reader, [first]);
  if (begun.done) return '';
  const second = reader.read();
  const ended = await settled(second);
  return ended?.done ? begun.value : new Pieces(reader, [first, second]);
}

/** What a promise gives within a few steps, or `undefined`. @throws what it is rejected with until then. */
async function settled<Value>(promise: Promise<Value>): Promise<Value | undefined> {
  let value: Value | undefined;
  let failure: { readonly error: unknown } | undefined;
  promise.then(
    (given) => {
      value = given;
    },
    (error: unknown) => {
      failure = { error };
    },
  );
  for (let step = 0; step < STEPS && value === undefined && failure === undefined; step++) await undefined;
  if (failure) throw failure.error;
  return value;
}

type Reading = ReturnType<ReadableStreamDefaultReader<Uint8Array>['read']>;

/** A body that comes piece by piece, the first of which were asked for already. */
export class Pieces implements BodyStream, AsyncIterator<Uint8Array> {
  /** Called once, when there are no more pieces (true) or nobody wants them (false). */
  whenOver: (whole: boolean) => void = () => {};
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #asked: Reading[];

  constructor(reader: ReadableStreamDefaultReader<Uint8Array>, asked: Reading[]) {
    this.#reader = reader;
    this.#asked = asked;
    for (const one of asked) one.catch(() => {});
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const { done, value } = await (this.#asked.shift() ?? this.#reader.read());
    if (!done) return { done, value };
    this.#over(true);
    return { done, value: undefined };
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#over(false);
    await this.#reader.cancel().catch(() => {});
    return { done: true, value: undefined };
  }

  #over(whole: boolean): void {
    const tell = this.whenOver;
    this.whenOver = () => {};
    tell(whole);
  }
}
