/** Pixels. */
const NEAR = 80;

/** Follows what comes, unless somebody is reading further up: then a button says that there is more. */
export class Scroll {
  #box;
  #latest;
  #isAtEnd = true;

  /** @param {HTMLElement} box @param {HTMLElement} latest */
  constructor(box, latest) {
    this.#box = box;
    this.#latest = latest;
    box.tabIndex = 0; // For the arrow keys.
    latest.onclick = () => this.toEnd();
    box.addEventListener('scroll', () => this.#look(), { passive: true });
    // A keyboard that slides in, a window that is turned.
    new ResizeObserver(() => this.#isAtEnd && this.toEnd()).observe(box);
  }

  toEnd() {
    this.#box.scrollTop = this.#box.scrollHeight;
    this.#isAtEnd = true;
    this.#latest.hidden = true;
  }

  /**
   * @param {() => void} change
   * @param {boolean} [isOwn] what one has written oneself is always shown
   * @param {boolean} [isNews]
   */
  keep(change, isOwn = false, isNews = false) {
    const follow = this.#isAtEnd || isOwn;
    change();
    if (follow) this.toEnd();
    else if (isNews) this.#latest.hidden = false;
  }

  #look() {
    const { scrollHeight, scrollTop, clientHeight } = this.#box;
    this.#isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.#isAtEnd) this.#latest.hidden = true;
  }
}
