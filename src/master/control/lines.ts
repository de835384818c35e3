const NEWLINE = 0x0a;

/** Cuts a stream into lines of bounded length. `push()` what comes, then `pull()` until `undefined`. */
export class LineReader {
  readonly #max: number;
  readonly #lines: string[] = [];
  #started: Buffer[] = [];
  #length = 0;
  #tooLong = false;

  /** @param max bytes of one line, its end not counted. */
  constructor(max: number) {
    this.#max = max;
  }

  /** @param bytes may change after this returns. */
  push(bytes: Buffer): void {
    let start = 0;
    while (!this.#tooLong) {
      const end = bytes.indexOf(NEWLINE, start);
      this.#add(bytes.subarray(start, end < 0 ? bytes.length : end));
      if (end < 0) return;
      if (!this.#tooLong) this.#finish();
      start = end + 1;
    }
  }

  /** @returns the next line without its end. @throws {RangeError} what follows is longer than a line may be. */
  pull(): string | undefined {
    const line = this.#lines.shift();
    if (line === undefined && this.#tooLong) throw new RangeError(`a line is longer than ${this.#max} bytes`);
    return line;
  }

  #add(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#length += bytes.length;
    this.#tooLong = this.#length > this.#max;
    if (this.#tooLong) this.#started = [];
    else this.#started.push(Buffer.from(bytes));
  }

  #finish(): void {
    this.#lines.push(Buffer.concat(this.#started).toString());
    this.#started = [];
    this.#length = 0;
  }
}
