/** The body of one request on its way: who reads it asks for a piece, and gets it when it has come. */
export class RequestBody {
  readonly #want: () => void;
  #waiting: PromiseWithResolve | undefined;
  #failure: Error | undefined;
  #ended = false;

  /** @param want asks for one more piece. */
  constructor(want: () => void) {
    this.#want = want;
  }

  /** @returns the next piece, `undefined` behind the last. One at a time. */
  read(): Promise<Buffer | undefined> {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#ended) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#want();
    });
  }

  give(bytes: Buffer, last: boolean): void {
    this.#ended ||= last;
    this.#settle()?.resolve(bytes.length > 0 ? bytes : undefined);
  }

  /** The rest will not come. */
  fail(error: Error): void {
    if (this.#ended || this.#failure) return;
    this.#failure = error;
    this.#settle()?.reject(error);
  }

  #settle(): PromiseWithResolve | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    return waiting;
  }
}

interface PromiseWithResolve {
  resolve(piece: Buffer | undefined): void;
  reject(error: Error): void;
}
