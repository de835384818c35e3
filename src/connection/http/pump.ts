import type { BodyStream } from '../../protocol/http/response.ts';
import type { ResponseStream } from './response-stream.ts';

/** Bytes, and pieces, of one answer before the other connections have their turn. */
const TURN_BYTES = 262_144;
const TURN_PIECES = 1_000;

/**
 * Fills an answer from a source: asks it for a piece only while the peer takes them, and releases it when the
 * peer leaves. What the source throws is the handler's failure.
 */
export async function pump(source: BodyStream, stream: ResponseStream): Promise<void> {
  try {
    const pieces = open(source);
    let isOver = false;
    void stream.closed.then(() => isOver || pieces.release());
    for (let turn = 0; ; ) {
      const { done, value } = await pieces.next();
      isOver = done === true;
      if (!stream.isOpen) return;
      if (done) return stream.end();
      if (!stream.write(value)) await stream.drained;
      turn += 1 + (value.length / TURN_BYTES) * TURN_PIECES;
      if (turn < TURN_PIECES) continue;
      turn = 0;
      await new Promise(setImmediate);
    }
  } catch (error) {
    stream.fail(error);
  }
}

/** Lets a source go that nobody will read. */
export function release(source: BodyStream): void {
  open(source).release();
}

interface Pieces {
  next(): Promise<IteratorResult<Uint8Array | string>>;
  release(): void;
}

/** A stream of Node's or of the web is ended at once, also while a piece of it is awaited; a generator when it next yields. */
function open(source: BodyStream): Pieces {
  const reader = (source as Partial<ReadableStream<Uint8Array>>).getReader?.();
  if (reader) {
    const next = reader.read.bind(reader) as Pieces['next'];
    return { next, release: () => void reader.cancel().catch(() => {}) };
  }
  const iterator = source[Symbol.asyncIterator]();
  const destroy = (source as { destroy?: unknown }).destroy;
  return {
    next: () => iterator.next(),
    release: () => {
      if (typeof destroy === 'function') destroy.call(source);
      else void iterator.return?.().then(undefined, () => {});
    },
  };
}
