/** Sizes of blocks, in bytes. Those of one list are chosen so that it holds at most twice what it contains. */
const SIZES = [16_640, 33_280, 66_560];
const FIRST = 16_640;
/** Memory of idle blocks kept for reuse, in bytes. */
const MAX_SPARE = 16_777_216;

/** The common place of `joinForNow()` grows up to this, in bytes. */
const MAX_DESK = 2_097_152;

let desk: Buffer = Buffer.alloc(0);
const spare: Buffer[][] = SIZES.map(() => []);
let spareBytes = 0;

/**
 * Bytes that come in pieces and are wanted together. What has come is never moved to make room for more:
 * growing leaves no garbage behind, and what is dropped is used again at once.
 */
export class BlockList {
  readonly #blocks: Buffer[] = [];
  /** Bytes used of the last block. */
  #used = 0;
  #length = 0;
  #held = 0;

  get length(): number {
    return this.#length;
  }

  /** Memory taken, in bytes. */
  get held(): number {
    return this.#held;
  }

  /** @param expected what `length` is known to become at least; short lists take no more than that. */
  append(bytes: Buffer, start: number, end: number, expected: number): void {
    let from = start;
    while (from < end) {
      const block = this.#withRoom(Math.max(expected, this.#length + end - from));
      const size = Math.min(end - from, block.length - this.#used);
      bytes.copy(block, this.#used, from, from + size);
      this.#used += size;
      this.#length += size;
      from += size;
    }
  }

  /** All of it in one piece, which is the list's own memory where that is possible: valid until `drop()`. */
  join(): Buffer {
    const [first] = this.#blocks;
    if (first === undefined) return Buffer.alloc(0);
    if (this.#blocks.length === 1) return first.subarray(0, this.#length);
    return Buffer.concat(this.#blocks, this.#length);
  }

  /** As `join()`, in memory that is used again by the next call for any list: for what is read at once. */
  joinForNow(): Buffer {
    if (this.#blocks.length < 2 || this.#length > MAX_DESK) return this.join();
    if (desk.length < this.#length) desk = Buffer.allocUnsafeSlow(Math.min(MAX_DESK, this.#length * 2));
    let end = 0;
    for (const block of this.#blocks)
      end += block.copy(desk, end, 0, Math.min(block.length, this.#length - end));
    return desk.subarray(0, end);
  }

  /** Whether `join()` gives memory that is used again after `drop()`. */
  get joinsInPlace(): boolean {
    return this.#blocks.length === 1 && SIZES.includes(this.#held);
  }

  /** Gives the memory back. */
  drop(): void {
    for (const block of this.#blocks) recycle(block);
    this.#blocks.length = 0;
    this.#used = this.#length = this.#held = 0;
  }

  /** The last block, or another when it is full. */
  #withRoom(expected: number): Buffer {
    const { length: count } = this.#blocks;
    const last = this.#blocks[count - 1];
    if (last !== undefined && this.#used < last.length) return last;
    if (last === undefined || (count === 1 && last.length < FIRST)) return this.#grow(expected);
    return this.#add(borrow(Math.min(count - 1, SIZES.length - 1)));
  }

  /** While the list is short it is one piece, which doubles. */
  #grow(expected: number): Buffer {
    const [small] = this.#blocks;
    const size = Math.max(expected, small === undefined ? 0 : small.length * 2);
    const larger = size > FIRST / 2 ? borrow(0) : Buffer.allocUnsafeSlow(size);
    if (small === undefined) return this.#add(larger);
    small.copy(larger, 0, 0, this.#used);
    this.#blocks[0] = larger;
    this.#held = larger.length;
    return larger;
  }

  #add(block: Buffer): Buffer {
    this.#blocks.push(block);
    this.#used = 0;
    this.#held += block.length;
    return block;
  }
}

function borrow(kind: number): Buffer {
  const size = SIZES[kind] as number;
  const block = spare[kind]?.pop();
  if (block === undefined) return Buffer.allocUnsafeSlow(size);
  spareBytes -= size;
  return block;
}

function recycle(block: Buffer): void {
  const kind = SIZES.indexOf(block.length);
  if (kind === -1 || spareBytes + block.length > MAX_SPARE) return;
  spareBytes += block.length;
  spare[kind]?.push(block);
}
