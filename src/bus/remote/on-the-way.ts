/** Bytes that may be on their way to a server that does not take them. */
const MOST = 32 * 1024 * 1024;
/** Bytes after which the server is asked whether it has them. */
const STEP = 1024 * 1024;

/** Bounds what waits for a server: the libraries would keep all of it. */
export class OnTheWay {
  readonly #confirm: () => Promise<unknown>;
  #bytes = 0;
  #unasked = 0;

  /** @param confirm resolves when the server has all that was sent before; rejects when the connection is lost. */
  constructor(confirm: () => Promise<unknown>) {
    this.#confirm = confirm;
  }

  /** Goes on the way, unless too much is there already. @returns whether it may. */
  enter(size: number): boolean {
    if (this.#bytes > MOST) return false;
    this.#bytes += size;
    this.#unasked += size;
    return true;
  }

  /** To be called after what has entered was sent. */
  sent(): void {
    if (this.#unasked < STEP) return;
    const asked = this.#unasked;
    this.#unasked = 0;
    const arrived = (): void => {
      this.#bytes -= asked;
    };
    this.#confirm().then(arrived, arrived);
  }
}
