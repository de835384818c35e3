/** What was said in the conversation that is shown. */
import { copy, find, paintAvatar } from './elements.js';
import { Scroll } from './scroll.js';

/** @typedef {import('../protocol.ts').Line} Line */
/** @typedef {import('./conversation.js').Entry} Entry */

/** Milliseconds. Lines of one person within this time stand together. */
const TOGETHER = 300_000;

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });

export class Lines {
  #list = find('lines');
  #scroll = new Scroll(find('scroll'), find('latest'));
  /** @type {WeakMap<Entry, HTMLElement>} */
  #items = new WeakMap();
  /** What stands at the end, unless it is a note. @type {Line | undefined} */
  #last;
  #day = '';

  /** All of them, from the beginning. @param {readonly Entry[]} entries @param {string} ownId */
  show(entries, ownId) {
    this.#list.ariaLive = 'off'; // Nobody wants to hear it all again.
    this.#list.replaceChildren();
    this.#last = undefined;
    this.#day = day.format(Date.now());
    for (const entry of entries) this.#add(entry, ownId);
    this.#scroll.toEnd();
    requestAnimationFrame(() => {
      this.#list.ariaLive = 'polite';
    });
  }

  /** @param {Entry} entry @param {string} ownId */
  append(entry, ownId) {
    const isOwn = entry.line?.from.id === ownId;
    this.#scroll.keep(() => this.#add(entry, ownId), isOwn, entry.line !== undefined);
  }

  /** It is another one now. @param {Entry} entry */
  update(entry) {
    const item = this.#items.get(entry);
    if (item) this.#scroll.keep(() => fill(item, entry));
  }

  /** @param {Entry} entry @param {string} ownId */
  #add(entry, ownId) {
    const { line } = entry;
    if (line) this.#addDay(line.at);
    const item = line ? this.#lineItem(line, ownId) : copy('note');
    this.#items.set(entry, item);
    fill(item, entry);
    this.#list.append(item);
    this.#last = line;
  }

  /** @param {number} at */
  #addDay(at) {
    const then = day.format(at);
    if (then === this.#day) return;
    const item = copy('note');
    item.firstElementChild.textContent = then;
    this.#list.append(item);
    this.#day = then;
    this.#last = undefined;
  }

  /** @param {Line} line @param {string} ownId */
  #lineItem({ from, at }, ownId) {
    const item = copy('line');
    const last = this.#last;
    const isSame = last?.from.id === from.id && last.from.name === from.name;
    item.classList.toggle('own', from.id === ownId);
    item.classList.toggle('more', isSame && at - last.at < TOGETHER);
    paintAvatar(item.querySelector('.avatar'), from);
    item.querySelector('strong').textContent = from.name;
    return item;
  }
}

/** @param {HTMLElement} item @param {Entry} entry */
function fill(item, { line, note, state, reason }) {
  /** @param {string} selector @returns {any} */
  const part = (selector) => item.querySelector(selector);
  if (!line) {
    part('span').textContent = note;
    return;
  }
  part('.text').textContent = line.text;
  part('time').textContent = clock.format(line.at);
  part('time').dateTime = new Date(line.at).toISOString();
  item.classList.toggle('waiting', state === 'waiting');
  item.classList.toggle('refused', state === 'refused');
  part('.state').hidden = state !== 'refused';
  part('.state').textContent = `Not sent: ${reason}`;
}
