import type { Wire } from '../transport/engine.ts';

/** Connections by address, counted where they are limited. */
export class Census {
  readonly #most: number;
  readonly #counts = new Map<string, number>();
  readonly #hosts = new Map<Wire, string>();

  /** @param most connections of one address. */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Counts a wire once; again for another address, as a proxy tells with each request, it moves there.
   *
   * @returns false when the address has as many as it may: the wire is not counted then.
   */
  add(wire: Wire, host: string): boolean {
    if (this.#hosts.get(wire) === host) return true;
    this.delete(wire);
    const count = this.#counts.get(host) ?? 0;
    if (count >= this.#most) return false;
    this.#counts.set(host, count + 1);
    this.#hosts.set(wire, host);
    return true;
  }

  delete(wire: Wire): void {
    const host = this.#hosts.get(wire);
    if (host === undefined) return;
    this.#hosts.delete(wire);
    const left = (this.#counts.get(host) ?? 0) - 1;
    if (left > 0) this.#counts.set(host, left);
    else this.#counts.delete(host);
  }
}
