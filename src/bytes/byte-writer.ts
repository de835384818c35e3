/** Strings up to this length are written byte by byte: a call into native code costs more than the loop. */
const SHORT = 48;

/**
 * A growing run of bytes that codecs append to. Reused: `reset()` keeps the memory.
 *
 * `reserve(n)` guarantees room for `n` bytes at `position`; after it, code in a hurry may write
 * through `bytes` and `view` directly and move `position` itself.
 */
export class ByteWriter {
  bytes: Buffer;
  view: DataView;
  position = 0;

  /** @param capacity bytes at the start; doubles as needed. */
  constructor(capacity: number) {
    this.bytes = Buffer.allocUnsafeSlow(capacity);
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, capacity);
  }

  reserve(size: number): void {
    const needed = this.position + size;
    if (needed <= this.bytes.length) return;

    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(larger, 0, 0, this.position);
    this.bytes = larger;
    this.view = new DataView(larger.buffer, larger.byteOffset, larger.length);
  }

  writeBytes(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.position);
    this.position += bytes.length;
  }

  /** One byte per character; for text known to be ASCII or Latin-1, such as a response head. */
  writeLatin1(text: string): void {
    this.reserve(text.length);
    this.position += this.bytes.write(text, this.position, 'latin1');
  }

  /** @param size the text's size in bytes, where it is known; else room for the worst case is made. */
  writeUtf8(text: string, size: number = text.length * 3): void {
    const { length } = text;
    this.reserve(size);
    if (length > SHORT || !this.#writeAscii(text)) {
      this.position += this.bytes.write(text, this.position, 'utf8');
    }
  }

  /**
   * Lets somebody append here; what he throws leaves no trace.
   *
   * @returns how many bytes were appended.
   */
  append(write: (out: ByteWriter) => void): number {
    const before = this.position;
    try {
      write(this);
    } catch (error) {
      this.position = before;
      throw error;
    }
    return this.position - before;
  }

  /** What was written so far, still in this writer's memory. */
  written(): Buffer {
    return this.bytes.subarray(0, this.position);
  }

  reset(): void {
    this.position = 0;
  }

  #writeAscii(text: string): boolean {
    const { bytes, position } = this;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit > 0x7f) return false;
      bytes[position + index] = unit;
    }
    this.position = position + text.length;
    return true;
  }
}
