/** Steps per doubling: values are told apart to 1.6 %. */
const STEPS = 64;
const DOUBLINGS = 40;

/** Counts of values in steps that grow with the value; a record costs no memory. */
export class Histogram {
  readonly #counts = new Uint32Array(STEPS * DOUBLINGS);
  #count = 0;
  #worst = 0;

  get worst(): number {
    return this.#worst;
  }

  /** @param value not negative; below 1 it counts as 1. */
  record(value: number): void {
    const step = Math.min(Math.floor(Math.log2(Math.max(1, value)) * STEPS), this.#counts.length - 1);
    this.#counts[step] = (this.#counts[step] ?? 0) + 1;
    this.#count += 1;
    if (value > this.#worst) this.#worst = value;
  }

  /** @param share between 0 and 1: the value that this share of all values does not exceed. */
  quantile(share: number): number {
    let seen = 0;
    for (const [step, count] of this.#counts.entries()) {
      seen += count;
      if (seen > 0 && seen >= share * this.#count) return Math.min(2 ** ((step + 0.5) / STEPS), this.#worst);
    }
    return this.#worst;
  }
}
