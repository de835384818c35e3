import { ByteWriter } from '../bytes/byte-writer.ts';
import { atEndOfTurn } from './turn.ts';

/** An outbox that holds this much is flushed at once instead of at the end of the turn, in bytes. */
const FLUSH_AT = 65_536;
/** At most this much is handed to the kernel's side at a time, so that the rest can still be discarded. */
const BATCH = 262_144;
const FRESH = 4_096;

/** Memory of idle writers kept for reuse, in bytes. */
const MAX_SPARE = 8_388_608;

const spare: ByteWriter[] = [];
let spareBytes = 0;

/**
 * The outgoing half of a wire: what is appended in one turn of the loop leaves in one write.
 *
 * One write is under way at a time. While it is, output collects here, where it is counted and can be
 * discarded. Writers are lent from a pool for as long as they hold bytes: an idle wire has none.
 */
export abstract class BufferedWire {
  /** Appended since the queue was last sealed; after everything in it. */
  #writer: ByteWriter | undefined;
  /** The queue while it has one chunk, which is the common case of a broadcast. */
  #only: Buffer | undefined;
  /** The queue while it has more. */
  #queue: Buffer[] | undefined;
  #queued = 0;
  #underWay = 0;
  /** The writer whose bytes are under way. */
  #lent: ByteWriter | undefined;
  /** The first chunk of the queue is the rest of one that is partly under way or gone. */
  #cut = false;
  #scheduled = false;
  #ending = false;
  /** Our side has ended or is destroyed: what is appended from here on is dropped. */
  #finished = false;
  /** `bufferedBytes` as last reported. */
  #reported = 0;

  /** Hands bytes on. @returns true when they have left and their memory is free again. */
  protected abstract write(chunk: Buffer): boolean;
  /** As `write`, for several chunks together. */
  protected abstract writeAll(chunks: readonly Buffer[]): boolean;
  /** Bytes that did not leave within their turn: so many more, or fewer, than were reported before. */
  protected abstract changed(delta: number): void;
  /** Nothing is queued and our side is to end. */
  protected abstract finish(): void;

  get out(): ByteWriter {
    if (this.#writer === undefined) this.#writer = borrow();
    return this.#writer;
  }

  get bufferedBytes(): number {
    return this.#underWay + this.#queued + (this.#writer === undefined ? 0 : this.#writer.position);
  }

  commit(): void {
    this.#flushOrSchedule();
  }

  share(bytes: Buffer): void {
    if (this.#writer !== undefined && this.#writer.position > 0) {
      if (bytes.length < FRESH) {
        this.#writer.writeBytes(bytes);
        return this.commit();
      }
      this.#seal();
    }
    this.#push(bytes);
    this.#flushOrSchedule();
  }

  discard(): boolean {
    const whole = !this.#cut;
    this.#forget();
    this.#report();
    return whole;
  }

  /** Called once: what is queued goes out first. */
  end(): void {
    if (this.#ending) return;
    this.#ending = true;
    this.flush();
  }

  /** Hands on what is queued unless a write is under way; that write's end will do it. */
  flush(): void {
    this.#scheduled = false;
    if (this.#finished) return this.#forget();
    if (this.#only !== undefined && this.#isPlainSailing()) return this.#writeOnly(this.#only);
    while (this.#underWay === 0 && this.#handOn()) this.#written();
    if (this.#writer !== undefined && this.#writer.position >= FLUSH_AT) this.#seal();
    this.#report();
    if (!this.#ending || this.#finished || this.bufferedBytes > 0) return;
    this.#finished = true;
    this.finish();
  }

  /** A write is under way: `write` has answered false and `writtenLater` was not called since. */
  protected get isWriting(): boolean {
    return this.#underWay > 0;
  }

  /** For engines whose writes end later: the write under way has left. */
  protected writtenLater(): void {
    this.#written();
    this.flush();
  }

  /** The end of everything: drops what is queued or under way, and what comes after, silently. */
  protected drop(): void {
    this.#finished = true;
    this.#underWay = this.#reported = 0;
    this.#lent = undefined;
    this.#forget();
  }

  /** One shared chunk waits, and nothing before or after it: by far the most common case of a broadcast. */
  #isPlainSailing(): boolean {
    return this.#underWay === 0 && this.#writer === undefined && !this.#ending && this.#queued <= BATCH;
  }

  #writeOnly(chunk: Buffer): void {
    if (this.write(this.#takeOnly(chunk))) this.#underWay = 0;
    if (this.#reported !== this.#underWay) this.#report();
  }

  #forget(): void {
    this.#only = this.#queue = undefined;
    this.#queued = 0;
    this.#cut = false;
    this.#release();
  }

  #written(): void {
    this.#underWay = 0;
    if (this.#lent !== undefined) recycle(this.#lent);
    this.#lent = undefined;
  }

  #report(): void {
    const delta = this.bufferedBytes - this.#reported;
    if (delta === 0) return;
    this.#reported += delta;
    this.changed(delta);
  }

  /** So that what is more than `FLUSH_AT` is under way, and its end will be reported. */
  #flushOrSchedule(): void {
    const waiting = this.#writer === undefined ? this.#queued : this.#queued + this.#writer.position;
    if (waiting >= FLUSH_AT) this.flush();
    else this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    atEndOfTurn(this);
  }

  /** Hands on what comes next. @returns true when it has left at once, so that more may follow. */
  #handOn(): boolean {
    if (this.#writer !== undefined && this.#writer.position > BATCH) this.#handOver();
    const appended = this.#writer !== undefined && this.#writer.position > 0;
    if (this.#queue === undefined && this.#only === undefined) {
      if (appended) return this.write(this.#lend());
      this.#release();
      return false;
    }
    if (this.#only !== undefined && !appended && this.#queued <= BATCH)
      return this.write(this.#takeOnly(this.#only));
    return this.writeAll(this.#batch());
  }

  /** The writer's bytes, counted as under way. */
  #lend(): Buffer {
    const lent = this.#writer as ByteWriter;
    this.#lent = lent;
    this.#writer = undefined;
    this.#underWay = lent.position;
    return lent.written();
  }

  #takeOnly(chunk: Buffer): Buffer {
    this.#underWay = chunk.length;
    this.#only = undefined;
    this.#queued = 0;
    this.#cut = false;
    return chunk;
  }

  /** As much of the queue as goes out at a time, in order, and counted as under way. */
  #batch(): readonly Buffer[] {
    const queue = this.#queue ?? [this.#only as Buffer];
    const chunks: Buffer[] = [];
    let size = 0;
    while (chunks.length < queue.length && size < BATCH) {
      const chunk = queue[chunks.length] as Buffer;
      chunks.push(chunk);
      size += chunk.length;
    }
    const rest = queue.slice(chunks.length);
    const last = chunks[chunks.length - 1] as Buffer;
    this.#cut = size > BATCH;
    if (this.#cut) {
      const fitting = last.length - (size - BATCH);
      chunks[chunks.length - 1] = last.subarray(0, fitting);
      rest.unshift(last.subarray(fitting));
      size = BATCH;
    }
    this.#only = undefined;
    this.#queue = rest.length > 0 ? rest : undefined;
    this.#queued -= size;
    this.#underWay = size;
    if (rest.length === 0 && this.#writer !== undefined) this.#join(chunks, this.#writer);
    return chunks;
  }

  /** Lets what was appended after the queue go with its last batch. */
  #join(chunks: Buffer[], writer: ByteWriter): void {
    if (writer.position === 0 || this.#underWay + writer.position > BATCH) return;
    this.#lent = writer;
    this.#writer = undefined;
    this.#underWay += writer.position;
    chunks.push(writer.written());
  }

  /** Moves what was appended to the queue, in memory of its own size. */
  #seal(): void {
    if (this.#writer === undefined) return;
    this.#push(Buffer.from(this.#writer.written()));
    this.#release();
  }

  /** Moves what was appended to the queue, memory and all. */
  #handOver(): void {
    if (this.#writer === undefined) return;
    this.#push(this.#writer.written());
    this.#writer = undefined;
  }

  #push(bytes: Buffer): void {
    this.#queued += bytes.length;
    if (this.#queue !== undefined) {
      this.#queue.push(bytes);
    } else if (this.#only !== undefined) {
      this.#queue = [this.#only, bytes];
      this.#only = undefined;
    } else {
      this.#only = bytes;
    }
  }

  #release(): void {
    if (this.#writer !== undefined) recycle(this.#writer);
    this.#writer = undefined;
  }
}

function borrow(): ByteWriter {
  const writer = spare.pop();
  if (writer === undefined) return new ByteWriter(FRESH);
  spareBytes -= writer.bytes.length;
  return writer;
}

function recycle(writer: ByteWriter): void {
  const { length } = writer.bytes;
  if (length > FLUSH_AT * 2 || spareBytes + length > MAX_SPARE) return;
  writer.reset();
  spareBytes += length;
  spare.push(writer);
}
