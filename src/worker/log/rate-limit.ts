import { after } from '../../timer.ts';

/** Lets so many pass in a second and counts the rest. */
export class RateLimit {
  readonly #most: number;
  readonly #tell: (surplus: number) => void;
  #count = 0;

  /** @param tell how many did not pass, once their second is over. */
  constructor(most: number, tell: (surplus: number) => void) {
    this.#most = most;
    this.#tell = tell;
  }

  admits(): boolean {
    if (this.#count === 0) after(1000, () => this.#conclude());
    return ++this.#count <= this.#most;
  }

  #conclude(): void {
    const surplus = this.#count - this.#most;
    this.#count = 0;
    if (surplus > 0) this.#tell(surplus);
  }
}
