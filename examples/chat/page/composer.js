/** Where one writes. Enter sends, with Shift it begins a new line. */
import { find } from './elements.js';

export class Composer {
  #text = find('text');
  #send = find('send');

  /** @param {number} maxText @param {{ say(text: string): boolean, type(draft: string): void }} acts */
  constructor(maxText, acts) {
    const submit = () => {
      const text = this.#text.value.trim();
      if (text !== '' && acts.say(text)) this.#fill('');
      this.#text.focus();
    };
    this.#text.maxLength = maxText;
    this.#text.oninput = () => {
      acts.type(this.#text.value);
      this.#fit();
    };
    this.#text.onkeydown = (/** @type {KeyboardEvent} */ event) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      submit();
    };
    find('composer').onsubmit = (/** @type {Event} */ event) => {
      event.preventDefault();
      submit();
    };
    // The text keeps the focus, and a telephone its keyboard.
    this.#send.onpointerdown = (/** @type {Event} */ event) => event.preventDefault();
  }

  /** For another conversation. @param {string} draft @param {string} hint */
  show(draft, hint) {
    this.#text.placeholder = hint;
    this.#fill(draft);
    if (matchMedia('(pointer: fine)').matches) this.#text.focus();
  }

  /** @param {string} text */
  #fill(text) {
    this.#text.value = text;
    this.#fit();
  }

  /** As high as what is written, within bounds. */
  #fit() {
    this.#text.style.height = 'auto';
    this.#text.style.height = `${this.#text.scrollHeight}px`;
    this.#send.disabled = this.#text.value.trim() === '';
  }
}
