/** How the chat looks. It decides nothing: chat.js tells it what there is, and hears what the person does. */
import { Composer } from './composer.js';
import { find, paintAvatar } from './elements.js';
import { Lines } from './lines.js';
import { Places } from './places.js';

/** @typedef {import('../protocol.ts').Person} Person */
/** @typedef {import('./conversation.js').Conversation} Conversation */
/** @typedef {import('./conversation.js').Entry} Entry */
/**
 * @typedef {object} Acts What the person does.
 * @property {(name: string) => void} enter
 * @property {(text: string) => boolean} say false when it cannot be said now
 * @property {(conversation: string) => void} open
 * @property {(person: Person) => void} write
 * @property {(draft: string) => void} type
 * @property {() => void} connectAgain
 * @property {() => void} look
 */

/** Seconds. A shorter break is not worth a word. */
const BREAK = 1.5;

export class View {
  #composer;
  #lines = new Lines();
  #places;
  #me = { id: '', name: '' };
  /** @type {Conversation | undefined} */
  #current;
  /** @type {readonly Conversation[]} */
  #conversations = [];
  /** People by room. @type {ReadonlyMap<string, number>} */
  #counts = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #later;

  /** @param {{ maxName: number, maxText: number }} settings @param {Acts} acts */
  constructor({ maxName, maxText }, acts) {
    this.#composer = new Composer(maxText, acts);
    this.#places = new Places(acts);
    this.#hearWelcome(maxName, acts);
    find('connect-again').onclick = () => acts.connectAgain();
    document.addEventListener('visibilitychange', () => document.hidden || acts.look());
  }

  askName() {
    find('name').value = this.#me.name;
    find('welcome').showModal();
    find('name').select();
  }

  /** @param {Person} me */
  showMe(me) {
    this.#me = me;
    find('own-name').textContent = me.name;
    paintAvatar(find('own-avatar'), me);
  }

  /** From its beginning. @param {Conversation} conversation */
  show(conversation) {
    const { name, isRoom, draft } = conversation;
    this.#lines.show(conversation.entries, this.#me.id);
    if (conversation === this.#current) return this.#showHead();
    this.#current = conversation;
    this.#showHead();
    this.#listPlaces();
    this.#places.showCurrent();
    this.#places.unfold(false);
    this.#composer.show(draft, isRoom ? `Message to all in ${name}` : `Message to ${name} alone`);
  }

  /** At the end of the conversation that is shown. @param {Entry} entry */
  append(entry) {
    this.#lines.append(entry, this.#me.id);
    this.#showHead();
  }

  /** @param {Entry} entry */
  update(entry) {
    this.#lines.update(entry);
  }

  /** @param {readonly Conversation[]} conversations */
  showConversations(conversations) {
    this.#conversations = conversations;
    this.#listPlaces();
    this.#showHead();
  }

  /** @param {ReadonlyMap<string, number>} counts people by room */
  showCounts(counts) {
    this.#counts = counts;
    this.#listPlaces();
    this.#showHead();
  }

  /** @param {readonly Person[]} people @param {number} count may be more */
  showPeople(people, count) {
    this.#places.showPeople(people, count, this.#me);
  }

  /** @param {readonly string[]} names */
  showTyping(names) {
    const typing = find('typing');
    typing.classList.toggle('shown', names.length > 0);
    if (names.length > 0) typing.lastElementChild.textContent = writing(names);
  }

  /** @param {string} status @param {string} reason of the last end */
  showStatus(status, reason) {
    const isClosed = status === 'closed';
    const show = () => {
      find('connection').textContent = isClosed ? `Disconnected ${reason && `(${reason})`}` : 'Connecting…';
    };
    document.documentElement.dataset.status = status;
    find('connect-again').hidden = !isClosed;
    if (status === 'open') find('connection').textContent = '';
    if (status === 'open' || isClosed) clearTimeout(this.#later);
    if (isClosed) show();
    if (status === 'open' || isClosed) this.#later = undefined;
    else this.#later ??= setTimeout(show, BREAK * 1000);
  }

  /** @param {number} maxName @param {Acts} acts */
  #hearWelcome(maxName, acts) {
    const [welcome, name] = [find('welcome'), find('name')];
    name.maxLength = maxName;
    name.oninput = () => name.setCustomValidity(name.value.trim() === '' ? 'Please give a name.' : '');
    welcome.firstElementChild.onsubmit = () => acts.enter(name.value.trim());
    welcome.oncancel = (/** @type {Event} */ event) => {
      if (this.#me.name === '') event.preventDefault();
    };
    find('rename').onclick = () => this.askName();
  }

  #listPlaces() {
    this.#places.showConversations(this.#conversations, this.#current, this.#counts);
  }

  #showHead() {
    if (!this.#current) return;
    const { name, isRoom, isLoaded, entries } = this.#current;
    const count = this.#counts.get(name) ?? 0;
    const unread = this.#conversations.reduce((sum, one) => sum + one.unread, 0);
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${name} · Chat`;
    find('title').textContent = name;
    find('subtitle').textContent = isRoom ? peopleCount(count) : 'Private: only the two of you';
    find('empty').hidden = entries.length > 0 || !isLoaded;
    find('empty-title').textContent = isRoom ? `Nothing was said in ${name} yet` : `You and ${name}`;
    find('empty-hint').textContent = isRoom
      ? 'Say hello, or send somebody the address of this page.'
      : 'Nobody keeps what you write here: it is gone when this page is.';
  }
}

/** @param {number} count */
function peopleCount(count) {
  if (count < 2) return count === 1 ? 'Only you' : '';
  return `${count} people`;
}

/** @param {readonly string[]} names */
function writing([one, two, ...others]) {
  if (two === undefined) return `${one} is writing`;
  return others.length === 0 ? `${one} and ${two} are writing` : 'Several people are writing';
}
