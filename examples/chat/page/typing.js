/** Seconds. */
const LASTS = 4;
const TOLD_EVERY = 2;

/** Who is writing, and where; and when to tell that we are. */
export class Typing {
  /** @type {Map<string, Map<string, ReturnType<typeof setTimeout>>>} by place, then by name */
  #places = new Map();
  #toldAt = -Infinity;
  #changed;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
  }

  /** @param {string} place */
  namesIn(place) {
    return [...(this.#places.get(place)?.keys() ?? [])];
  }

  /** @param {string} place @param {string} name */
  begins(place, name) {
    const names = this.#places.get(place) ?? new Map();
    this.#places.set(place, names);
    clearTimeout(names.get(name));
    const end = setTimeout(() => this.ends(place, name), LASTS * 1000);
    names.set(name, end);
    this.#changed();
  }

  /** @param {string} place @param {string} name */
  ends(place, name) {
    const names = this.#places.get(place);
    clearTimeout(names?.get(name));
    if (names?.delete(name)) this.#changed();
  }

  /** True now and then: others need not hear of every key. */
  isToBeTold() {
    const now = performance.now();
    if (now - this.#toldAt < TOLD_EVERY * 1000) return false;
    this.#toldAt = now;
    return true;
  }

  /** A line was sent; the next one is told of at once. */
  sent() {
    this.#toldAt = -Infinity;
  }
}
