/** Whoever waits until nothing is left to be done. */
export class Idle {
  readonly #isIdle: () => boolean;
  readonly #waiting: (() => void)[] = [];

  constructor(isIdle: () => boolean) {
    this.#isIdle = isIdle;
  }

  wait(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Something was done. */
  look(): void {
    if (this.#waiting.length > 0 && this.#isIdle()) for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
